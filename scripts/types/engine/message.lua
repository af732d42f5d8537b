---@meta engine.message

---Envelopes, as the mower document has them ("Message Protocols"): JSON of the form `{ "metadata":
---{...}, "payload": {...} }`. Messages that are no envelopes are left as they are.
local message = {}

---@class engine.Envelope
---@field metadata engine.EnvelopeMetadata
---@field payload table

---@class engine.EnvelopeMetadata
---@field timestamp number Seconds since 1970, when it was made.
---@field message_id string A version 4 UUID.
---@field sender string
---@field message_type "sensor_data"|"command"|"response"|"status"|"event"|"heartbeat"|"alert"
---@field priority 0|1|2|3 Low, normal, high, critical.
---@field correlation_id? string
---@field expires_at? number Seconds since 1970; from then on it is dropped on receipt.
---@field retry_count integer

---What every constructor takes besides the fields of the payload.
---@class engine.EnvelopeOptions
---@field sender string
---@field priority? "low"|"normal"|"high"|"critical" Default: what is usual for the kind.
---@field correlation_id? string
---@field expires_in? number Seconds. Default: it does not expire.

---@class engine.SensorData: engine.EnvelopeOptions
---@field sensor_type string
---@field data any
---@field device_id? string Default: the sender.
---@field units? table<string, string>
---@field quality? number Default 1.
---@field status? string Default "healthy".

---A reading. Raises on unknown and missing fields, as all constructors do.
---@param options engine.SensorData
---@return engine.Envelope
function message.sensor_data(options) end

---@class engine.CommandMessage: engine.EnvelopeOptions
---@field target string
---@field command string
---@field parameters? table
---@field timeout? number Seconds. Default 30.
---@field require_ack? boolean Whether an answer is wanted. Default true.

---A command, with a correlation id of its own unless one is given.
---@param options engine.CommandMessage
---@return engine.Envelope
function message.command(options) end

---@class engine.ResponseMessage: engine.EnvelopeOptions
---@field success boolean
---@field result? any
---@field error? string
---@field execution_time? number Seconds.

---The answer to the command whose `correlation_id` it carries.
---@param options engine.ResponseMessage
---@return engine.Envelope
function message.response(options) end

---@class engine.StatusMessage: engine.EnvelopeOptions
---@field status string
---@field uptime? number Seconds. Default 0.
---@field version? string Default "1.0.0".
---@field details? table
---@field resources? { cpu_usage?: number, memory_usage?: number, disk_usage?: number }

---How a service is. Of low priority.
---@param options engine.StatusMessage
---@return engine.Envelope
function message.status(options) end

---@class engine.EventMessage: engine.EnvelopeOptions
---@field event_type string
---@field event_data? any
---@field source? string Default: the sender.
---@field category? string Default "system".

---@param options engine.EventMessage
---@return engine.Envelope
function message.event(options) end

---@class engine.HeartbeatMessage: engine.EnvelopeOptions
---@field status? string Default "healthy".
---@field uptime? number Seconds. Default 0.

---A sign of life. Of low priority. (Services say `status` instead.)
---@param options engine.HeartbeatMessage
---@return engine.Envelope
function message.heartbeat(options) end

---@class engine.AlertMessage: engine.EnvelopeOptions
---@field alert_type string
---@field message string
---@field severity? "info"|"warning"|"error"|"critical" Default "warning".
---@field acknowledged? boolean Default false.
---@field auto_resolve? boolean Default false.
---@field context? table

---Of high priority, or critical if its severity is.
---@param options engine.AlertMessage
---@return engine.Envelope
function message.alert(options) end

---The envelope as JSON. Numbers that JSON does not have (NaN, infinities) become null.
---
---Raises on what breaks the rules for envelopes, and on what has no JSON form.
---@param envelope engine.Envelope
---@return string text
function message.encode(envelope) end

---@param text string
---@return engine.Envelope? envelope nil without an error for what does not claim to be one.
---@return string? err The rule that it breaks: "metadata.sender is missing".
function message.decode(text) end

---@class engine.ReadOptions
---@field max_age? number Seconds. Default: `services.max_message_age` of the configuration, 300 s.

---The envelope that a message is, if it is valid, has not expired and is not too old. A retained
---one says what was, so it may be old; look at its `timestamp`.
---@param msg mqtt.Message
---@param options? engine.ReadOptions
---@return engine.Envelope? envelope nil without an error for plain text and other JSON.
---@return string? err
function message.read(msg, options) end

---@class engine.EnvelopeReceived: mqtt.Message
---@field envelope? engine.Envelope nil for plain text and other JSON.
---What it says: the envelope's payload, other JSON decoded, else the text.
---@field content any

---@class engine.MessageSubscribeOptions: engine.ReadOptions
---@field qos? 0|1|2 Default 1.

---As `mqtt.subscribe`, with envelopes read: invalid, expired and old ones are dropped, counted, and
---warned of once a minute. Everything else reaches `fn`.
---
---```lua
---local message = require "engine.message"
---
---message.subscribe("lawnberry/sensors/+/data", function(msg, sensor)
---  local reading = msg.envelope and msg.content.data or msg.content
---end)
---```
---@param filter string
---@param fn fun(msg: engine.EnvelopeReceived, ...: string)
---@param options? engine.MessageSubscribeOptions
---@return engine.Handle
function message.subscribe(filter, fn, options) end

---Sends an envelope. Its priority may raise the QoS (low 0, normal and high 1, critical 2), and
---never lowers it.
---
---Raises on what `message.encode` and `mqtt.publish` raise on.
---@param topic string
---@param envelope engine.Envelope
---@param options? mqtt.PublishOptions
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function message.publish(topic, envelope, options) end

---What this script has received so far, and dropped for which reason.
---@return { received: integer, invalid: integer, expired: integer, too_old: integer } counts
function message.counts() end

return message
