---@meta engine.home_assistant

---An entity, with the configuration variables that Home Assistant documents for its platform:
---`sensor`, `binary_sensor`, `switch`, `button`, `number`, `select`. All are in
---`home_assistant.keys.platforms`; others raise, with the nearest name.
---@class engine.HomeAssistantComponent
---@field platform "sensor"|"binary_sensor"|"switch"|"button"|"number"|"select"
---@field unique_id? string Default: the device's id, `_`, the component's.
---@field name? string|lightuserdata `json.null`: the device's name alone.
---@field state_topic? string
---@field command_topic? string
---@field value_template? string
---@field device_class? string
---@field unit_of_measurement? string

---What is said once for all components may stand here: `state_topic`, `command_topic`, the
---availability, `encoding`, `qos`.
---@class engine.HomeAssistantOptions
---@field id string Letters, digits, `_` and `-`: part of the topic.
---Default: the id as identifier and name. Needs `identifiers` or `connections`.
---@field device? table
---Who announces it: `name`, `sw_version`, `support_url`. Default: `{ name = "engine" }`.
---@field origin? table
---By ids of letters, digits, `_`, `-`.
---@field components table<string, engine.HomeAssistantComponent>
---@field prefix? string Home Assistant's discovery prefix. Default `"homeassistant"`.
---`"device"`: one message, `<prefix>/device/<id>/config`. `"components"`, the older form: one for
---each, `<prefix>/<platform>/<unique_id>/config`. Default `"device"`.
---@field form? "device"|"components"
---When Home Assistant has started, the device is announced again after a part of so many seconds;
---which part follows from its id. Default 5.
---@field birth_delay? number
---Whether the device is taken away when the script or the engine ends. Default false: it stays, and
---is unavailable where its availability says so.
---@field remove_on_shutdown? boolean
---Each `topic`, and maybe `value_template`, `payload_available`, `payload_not_available`.
---@field availability? table[]
---@field availability_mode? "all"|"any"|"latest"
---@field availability_template? string
---@field availability_topic? string
---@field command_topic? string
---@field encoding? string
---@field payload_available? string
---@field payload_not_available? string
---@field qos? 0|1|2
---@field state_topic? string

---Announces devices to Home Assistant by MQTT discovery (home-assistant.io, integrations/mqtt,
---"MQTT discovery").
local home_assistant = {}

---The documented configuration variables: `platforms.sensor.state_topic` and so on, and `device`,
---`origin`, `shared`, `availability`.
---@type table
home_assistant.keys = nil

---Announces a device with its entities, retained, QoS 1; again when the connection comes back, and
---when Home Assistant says `online` on `<prefix>/status`. What this script had announced before it
---was saved or restarted, and does not any more, is taken away.
---
---Raises on what the documentation does not have.
---
---```lua
---local home_assistant = require "engine.home_assistant"
---
---home_assistant.device {
---  id = "shed",
---  device = { identifiers = { "shed" }, name = "The shed" },
---  components = {
---    temperature = { platform = "sensor", device_class = "temperature", state_topic = "shed/air",
---                    value_template = "{{ value_json.temperature }}" },
---    light = { platform = "switch", command_topic = "shed/light/set" },
---  },
---}
---```
---@param options engine.HomeAssistantOptions
---@return engine.HomeAssistantDevice
function home_assistant.device(options) end

---@class engine.HomeAssistantDevice
---@field id string
local Device = {}

---Announces it once more.
function Device:announce() end

---Adds a component or replaces one, and announces. Raises as `home_assistant.device` does.
---@param id string
---@param component engine.HomeAssistantComponent
function Device:add(id, component) end

---Takes a component away: an update has nothing but its platform, a second one is without it.
---@param id string
---@return boolean removed False when there is none.
function Device:remove(id) end

---Takes the device away; it is not announced any more.
function Device:withdraw() end

return home_assistant
