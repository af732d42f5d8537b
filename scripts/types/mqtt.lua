---@meta

---Messages. While the main chunk runs, subscriptions and publications are staged: they take effect
---when the chunk has returned without an error.
mqtt = {}

---@class mqtt.Message
---@field topic string
---@field payload string Bytes as they came: `0042` stays `0042`.
---@field qos 0|1|2
---@field retained boolean True for what the broker had kept: it says what was, not what happens.
---@field duplicate boolean True when a QoS 1 message may have come before.
---@field time number When it arrived, as `timer.now()`, in seconds.
---The payload decoded, on first use; nil when it is not JSON. JSON's null is `json.null`.
---@field json any
---@field json_error string? Why `json` is nil.
---@field response_topic string? MQTT 5.
---@field correlation_data string? MQTT 5: bytes that an answer carries back.

---@class mqtt.SubscribeOptions
---@field qos? 0|1|2 Default 0.

---What is left out is as the catalogue of topics has it (docs/topic-catalogue.md).
---@class mqtt.PublishOptions
---@field qos? 0|1|2 Default 0, where the catalogue does not know the topic.
---@field least_qos? 0|1|2 Raises the QoS to this where it would be lower.
---@field retain? boolean Default false, likewise.
---Without a connection: "drop" (default at QoS 0) forgets it, "queue" (default at QoS 1 and 2)
---keeps it and sends it later, in order, "latest" keeps the last one of the topic. What is kept is
---on disk, and outlives the engine: see docs/delivery.md.
---@field offline? "drop"|"queue"|"latest"
---@field response_topic? string MQTT 5.
---@field correlation_data? string MQTT 5.
---@field content_type? string MQTT 5.
---@field user_properties? table<string, string> MQTT 5.

---Calls `fn` for each message on a topic that matches `filter` (MQTT's rules: `+` is one level, `#`
---the rest). After the message come the strings that the wildcards stand for, in order.
---
---Raises on a filter that MQTT does not allow and on unknown options.
---
---```lua
---mqtt.subscribe("room1/+", function(msg, device)
---  log.info("%s says %s", device, msg.payload)
---end)
---```
---@param filter string At most 65535 bytes of UTF-8 without NUL (MQTT 5.0, 1.5.4 and 4.7).
---@param fn fun(msg: mqtt.Message, ...: string)
---@param options? mqtt.SubscribeOptions
---@return engine.Handle
function mqtt.subscribe(filter, fn, options) end

---Sends a message. A number or table is sent as JSON, a boolean as `true` or `false`. Without a
---connection the subscribers in this process hear it nevertheless.
---
---Returns "queued" when it will be sent later (in the main chunk always), "simulated" when it was
---dropped for want of a connection.
---
---Returns nil and why when it is refused: "rate limited" and "too large (12000 > 10000)" by the
---topic's policy in the catalogue; or when the queue is full.
---
---Raises on a topic that is empty or has wildcards, and on what has no JSON form.
---
---```lua
---mqtt.publish("room1/light", "ON")
---mqtt.publish("room1/state", { door = "open", tries = 3 }, { retain = true, qos = 1 })
---```
---@param topic string
---@param payload string|number|boolean|table
---@param options? mqtt.PublishOptions
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err Why it was refused: the queue is full, the message larger than the broker or
---  the topic's policy takes, or "rate limited".
function mqtt.publish(topic, payload, options) end

---What the engine publishes when this script ends, whatever ends it: its file is deleted, it keeps
---failing and is set aside, it does not return and is stopped by force, or the engine stops (of a
---power cut or a crash only the broker can tell: `[mqtt.will]` of the configuration). A save does
---not end the script when its new version has a will for the same topic. One per topic: a later one
---replaces it, and nil instead of a payload takes it back.
---
---Raises as `mqtt.publish` does.
---
---```lua
---mqtt.will("room1/fog", "OFF")
---```
---@param topic string
---@param payload string|number|boolean|table|nil
---@param options? mqtt.PublishOptions
function mqtt.will(topic, payload, options) end

---@class mqtt.RequestOptions
---@field timeout? number Seconds that the answer may take. Default 30.
---@field qos? 0|1|2 Default: the topic's.

---Sends a message that asks for an answer (MQTT 5: response topic and correlation data), and waits
---for it: in a story or a task (`engine.task`). A request that cannot be sent now is not sent
---later. An answer that comes too late is dropped and counted.
---
---Raises outside of these, because other handlers cannot wait, and as `mqtt.publish` does.
---
---```lua
---local task = require "engine.task"
---task.start(function()
---  local reply, err = mqtt.request("lamps/1/status", "?", { timeout = 2 })
---  log.info("lamp 1: %s", reply and reply.payload or err)
---end)
---```
---@param topic string
---@param payload string|number|boolean|table
---@param options? mqtt.RequestOptions
---@return mqtt.Message? reply
---@return string? err No answer in time; it could not be sent; the connection is MQTT 3.1.1.
function mqtt.request(topic, payload, options) end

---Answers requests: sends what `fn` returns to the message's response topic, with its correlation
---data. `fn` is a task, so it may wait. Nothing is answered where it returns nil, and where the
---message asks for no answer. Retained messages are old ones and left out.
---
---Raises as `mqtt.subscribe` does.
---@param filter string
---@param fn fun(msg: mqtt.Message, ...: string): string|number|boolean|table|nil
---@param options? mqtt.SubscribeOptions
---@return engine.Handle
function mqtt.respond(filter, fn, options) end

---What became of this script's requests so far; `waiting` for their answers.
---@return { sent: integer, answered: integer, timed_out: integer, late: integer, waiting: integer }
function mqtt.requests() end

---@return boolean connected
function mqtt.connected() end

---Calls `fn` each time the connection to the broker comes (true) or goes (false).
---@param fn fun(connected: boolean)
---@return engine.Handle
function mqtt.on_connection(fn) end
