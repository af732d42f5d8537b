-- A battery as Home Assistant sees it: one device, whose entities read its health message.
local home_assistant = require "engine.home_assistant"
local topics = require "engine.battery.topics"

local home = {}

local function sensor(name, class, unit, key, decimals)
  return {
    platform = "sensor", name = name, device_class = class, unit_of_measurement = unit,
    state_class = "measurement", suggested_display_precision = decimals,
    value_template = ("{{ value_json.%s }}"):format(key),
  }
end

local function yes_or_no(name, class, condition)
  return { platform = "binary_sensor", name = name, device_class = class,
    value_template = ("{{ 'ON' if %s else 'OFF' }}"):format(condition) }
end

local function components()
  local health = sensor("Health", nil, "%", "score", 0)
  health.icon = "mdi:car-battery"
  return {
    voltage = sensor("Voltage", "voltage", "V", "voltage", 2),
    current = sensor("Current", "current", "A", "current", 1),
    power = sensor("Power", "power", "W", "power", 0),
    temperature = sensor("Temperature", "temperature", "°C", "temperature", 0),
    state_of_charge = sensor("Charge", "battery", "%", "state_of_charge", 0),
    health = health,
    condition = {
      platform = "sensor", name = "Condition", device_class = "enum",
      options = { "excellent", "good", "fair", "poor", "unknown" },
      value_template = "{{ value_json.health }}",
    },
    last_reading = {
      platform = "sensor", name = "Last reading", device_class = "timestamp",
      entity_category = "diagnostic", value_template = "{{ value_json.last_reading_time }}",
    },
    charging = yes_or_no("Charging", "battery_charging", "value_json.charging"),
    problem = yes_or_no("Problem", "problem", "value_json.alerts"),
  }
end

-- Shows the battery, and keeps it shown.
function home.show(battery)
  local garage = battery.garage
  local options = garage.home_assistant
  local id = (garage.prefix .. "_" .. battery.id:gsub(":", ""):lower()):gsub("[^%w_-]", "_")
  battery.home = home_assistant.device {
    id = id, prefix = options.prefix, form = options.form, birth_delay = options.birth_delay,
    remove_on_shutdown = options.remove_on_shutdown,
    origin = options.origin or { name = "engine" },
    device = {
      identifiers = { id }, connections = { { "bluetooth", battery.id } }, name = battery.name,
      model = battery.device_type,
    },
    state_topic = topics.of(garage, "health", battery.id),
    availability = { {
      topic = topics.of(garage, "status", battery.id),
      value_template = "{{ 'online' if value_json.connected else 'offline' }}",
    } },
    qos = 1,
    components = components(),
  }
end

return home
