-- The configuration variables that Home Assistant documents for MQTT discovery, by what they take.
-- From home-assistant.io: integrations/mqtt ("Device discovery payload") and the pages of the
-- platforms. `null` after a type: may be `json.null`.
local keys = {}

-- Of every entity, whatever its platform.
local ENTITY = {
  availability = "list", availability_mode = "text", availability_template = "text",
  availability_topic = "topic", default_entity_id = "text", enabled_by_default = "boolean",
  encoding = "text", entity_category = "text", entity_picture = "text", icon = "text",
  json_attributes_template = "text", json_attributes_topic = "topic", name = "text null",
  payload_available = "text", payload_not_available = "text", platform = "text", qos = "qos",
  unique_id = "text",
}

local PLATFORMS = {
  sensor = {
    device_class = "text null", expire_after = "count", force_update = "boolean",
    last_reset_value_template = "text", options = "list", state_class = "text",
    state_topic = "topic", suggested_display_precision = "count",
    unit_of_measurement = "text null", value_template = "text",
  },
  binary_sensor = {
    device_class = "text null", expire_after = "count", force_update = "boolean",
    off_delay = "count", payload_off = "text", payload_on = "text", state_topic = "topic",
    value_template = "text",
  },
  switch = {
    command_template = "text", command_topic = "topic", device_class = "text null",
    optimistic = "boolean", payload_off = "text", payload_on = "text", retain = "boolean",
    state_off = "text", state_on = "text", state_topic = "topic", value_template = "text",
  },
  button = {
    command_template = "text", command_topic = "topic", device_class = "text null",
    payload_press = "text", retain = "boolean",
  },
  number = {
    command_template = "text", command_topic = "topic", device_class = "text null",
    max = "number", min = "number", mode = "text", optimistic = "boolean",
    payload_reset = "text", retain = "boolean", state_topic = "topic", step = "number",
    unit_of_measurement = "text null", value_template = "text",
  },
  select = {
    command_template = "text", command_topic = "topic", optimistic = "boolean",
    options = "list", retain = "boolean", state_topic = "topic", value_template = "text",
  },
}

keys.platforms = {}
for platform, own in pairs(PLATFORMS) do
  local all = {}
  for key, kind in pairs(ENTITY) do all[key] = kind end
  for key, kind in pairs(own) do all[key] = kind end
  keys.platforms[platform] = all
end

-- What a platform cannot do without, besides `platform`.
keys.required = {
  sensor = { "state_topic" }, binary_sensor = { "state_topic" }, switch = { "command_topic" },
  button = { "command_topic" }, number = { "command_topic" },
  select = { "command_topic", "options" },
}

-- Said once for all components of a device.
keys.shared = {
  availability = "list", availability_mode = "text", availability_template = "text",
  availability_topic = "topic", command_topic = "topic", encoding = "text",
  payload_available = "text", payload_not_available = "text", qos = "qos",
  state_topic = "topic",
}

keys.device = {
  configuration_url = "text", connections = "list", hw_version = "text",
  identifiers = "text or list", manufacturer = "text", model = "text", model_id = "text",
  name = "text", serial_number = "text", suggested_area = "text", sw_version = "text",
  via_device = "text",
}

keys.origin = { name = "text", support_url = "text", sw_version = "text" }

keys.availability = {
  payload_available = "text", payload_not_available = "text", topic = "topic",
  value_template = "text",
}

return keys
