---@meta engine.service

---`starting` waits for those it depends on, `degraded` runs without something.
---@alias engine.ServiceState "starting"|"healthy"|"degraded"|"error"|"offline"|"shutting_down"

---Answers a command: the result, or nil and why not. It is a task, so it may wait; an error is
---answered as a failure, and logged.
---@alias engine.CommandHandler fun(parameters: table, request: engine.CommandRequest): any, string?

---@class engine.CommandRequest
---@field command string
---@field sender? string nil where the command was no envelope.
---@field correlation_id? string

---What makes a service. Times in seconds.
---@class engine.ServiceOptions
---@field type? string What it is found by. Default: its id.
---@field version? string Default "1.0.0".
---@field dependencies? string[] Ids of services that it waits for.
---@field endpoints? table<string, string> Topics, by what they are for.
---@field metadata? table
---@field commands? table<string, engine.CommandHandler>
---Called once, when all that it depends on is there or the time for that is up: then with the ids
---of those that are missing.
---@field on_ready? fun(service: engine.Service, missing: string[])
---@field on_shutdown? fun(service: engine.Service) Called before it goes offline on `shutdown`.
---@field heartbeat_interval? number Default: `services.heartbeat_interval`, 30 s.
---@field dependency_timeout? number Default: `services.dependency_timeout`, 60 s.

---A service of this script.
---@class engine.Service
---@field id string
---@field state engine.ServiceState
local Service = {}

---Sends the status with the new state. Nothing after the service has been shut down.
---@param state engine.ServiceState
function Service:set_state(state) end

---Sends an envelope on a topic of the namespace.
---@param topic string With or without the namespace.
---@param envelope engine.Envelope
---@param options? mqtt.PublishOptions
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function Service:publish(topic, envelope, options) end

---@class engine.ReadingOptions: engine.SensorData
---As for `mqtt.publish`.
---@field offline? "drop"|"queue"

---Sends a reading on `sensors/<sensor_type>/data`, QoS 1.
---@param sensor_type string
---@param data any
---@param options? engine.ReadingOptions
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function Service:publish_reading(sensor_type, data, options) end

---Sends an event on `system/events/<event_type>`, QoS 1.
---@param event_type string
---@param data? any
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function Service:emit_event(event_type, data) end

---Sends an alert on `safety/alerts/<alert_type>`, QoS 2 and retained.
---@param alert_type string
---@param text string
---@param severity? "info"|"warning"|"error"|"critical" Default "warning".
---@param context? table
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function Service:emit_alert(alert_type, text, severity, context) end

---Takes the retained alert back.
---@param alert_type string
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function Service:clear_alert(alert_type) end

---@class engine.CallOptions
---@field timeout? number Seconds. Default: `services.command_timeout`, 30 s.
---@field priority? "low"|"normal"|"high"|"critical"

---Sends a command to a service and waits for its answer: in a story, or in a task (`engine.task`).
---A command that cannot be sent now is not sent later. An answer that comes too late is dropped and
---counted.
---@param target string The other service's id.
---@param command string
---@param parameters? table
---@param options? engine.CallOptions
---@return any result true where the answer is a success without a result; nil on failure.
---@return string? err
function Service:call(target, command, parameters, options) end

---Calls `on_shutdown`, says that it is offline, and ends the service until the script is loaded
---again.
function Service:shutdown() end

---@return number seconds Since it was declared.
function Service:uptime() end

---@class engine.ServiceMetrics
---@field messages_sent integer
---@field messages_received integer
---@field commands_processed integer
---@field errors integer
---@field last_error any `json.null` when there was none.

---@return engine.ServiceMetrics metrics
function Service:metrics() end

---What is known of a service, of this script or any other.
---@class engine.ServiceEntry
---@field id string
---@field type? string
---@field version? string
---@field state string
---@field last_seen? number Seconds since 1970, by its own time stamp.
---@field dependencies? string[]
---@field endpoints? table<string, string>
---@field metadata? table

---Declares a service (mower document, "Service Manager"): it says how it is on
---`<namespace>/system/services/<id>/status`, retained, every 30 s and when that changes; answers
---commands on `commands/<id>`, those without a handler with an error, and `ping`, `status` and
---`shutdown` by itself; and says that it is offline when its script ends, whatever ends it.
---
---Raises on what is wrong in the declaration.
---
---```lua
---local service = require "engine.service"
---
---local hardware = service "hardware_interface" {
---  type = "hardware",
---  commands = {
---    read_sensor = function(parameters)
---      if parameters.sensor_id ~= "gps" then return nil, "there is no such sensor" end
---      return { value = 25.5, timestamp = timer.wall() }
---    end,
---  },
---}
---timer.every(10, function() hardware:publish_reading("battery", { level = 80 }) end)
---```
---@class engine.service
---@overload fun(id: string): fun(options: engine.ServiceOptions): engine.Service
---@overload fun(id: string, options: engine.ServiceOptions): engine.Service
local service = {}

---@param name string
---@return string topic With the configured namespace in front, unless it is there already.
function service.topic(name) end

---The services that can be relied on: neither offline nor in error, and heard of within
---`services.heartbeat_timeout`, 90 s, by their own time stamps. In order of their ids. What others
---have said comes in after the script was loaded.
---@param type? string Default: of any.
---@return engine.ServiceEntry[] services
function service.discover(type) end

---@param id string
---@return engine.ServiceEntry? service nil when nothing has been heard of it.
function service.find(id) end

---Calls `fn` when a service changes its state, or is heard of for the first time.
---@param fn fun(service: engine.ServiceEntry, former_state: string?)
function service.on_change(fn) end

---Makes this script the one of its site that tells of the changes of all services: events on
---`system/events/service_state_change` (`service_id`, `old_state`, `new_state`) and, once for each
---time that one goes, `system/events/service_offline` (`service_id`, `last_seen`); and the whole on
---`system/health`, retained, with each heartbeat interval.
---@param sender? string Whom the messages come from. Default "monitor".
function service.monitor(sender) end

---What became of this script's calls so far.
---@return { answered: integer, timed_out: integer, late: integer, waiting: integer } counts
function service.calls() end

return service
