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
---@field retain? boolean Default false, likewise.
---Without a connection: dropped (default at QoS 0), or kept and sent later: each one, in order
---(default at QoS 1 and 2), or the latest of the topic.
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
---@return string? err Why it was refused.
function mqtt.publish(topic, payload, options) end

---@return boolean connected
function mqtt.connected() end

---Calls `fn` each time the connection to the broker comes (true) or goes (false).
---@param fn fun(connected: boolean)
---@return engine.Handle
function mqtt.on_connection(fn) end
