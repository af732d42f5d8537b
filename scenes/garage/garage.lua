-- The batteries of a household: how they are, and which one needs care.
local battery = require "engine.battery"

-- From 0 to 100, and why. Change it and save: the batteries are judged anew, the history stays.
local function health(batteries)
  local score, reasons = battery.condition(batteries)
  for _, b in ipairs(batteries) do
    if score and b.temperature and b.temperature < -10 then -- Half of the starting power is gone.
      score = math.max(score - 10, 0)
      reasons[#reasons + 1] = { name = "frost", points = 10, device_id = b.id,
        text = ("%.0f °C"):format(b.temperature) }
    end
  end
  return score, reasons
end

local garage = battery.garage {
  prefix   = config.values.topic_prefix or "battery_hawk",
  topics   = config.values.topics or "device",         -- or "devices", the older form, or "both"
  vehicles = {
    van     = { name = "The van" },
    boat    = { name = "The boat" },
    trailer = { name = "The trailer" },
  },
  batteries = {
    ["AA:BB:CC:DD:EE:01"] = {
      name = "Van starter", vehicle = "van", device_type = "BM6", chemistry = "agm", capacity = 70,
    },
    ["AA:BB:CC:DD:EE:02"] = {
      name = "Boat cabin", vehicle = "boat", device_type = "BM2", chemistry = "lifepo4",
      capacity = 100,
    },
    ["AA:BB:CC:DD:EE:03"] = {
      name = "Trailer", vehicle = "trailer", device_type = "BM2", chemistry = "flooded",
      capacity = 60,
      alerts = {
        empty = { of = "state_of_charge", below = 20, clear = 30, severity = "critical" },
      },
    },
  },
  health = health,
  home_assistant = true,
}

-- Who reads the monitors: an ESP32 that sends the document's messages, and OpenMQTTGateway.
garage:readings_from "reader/device/+/reading"
garage:status_from "reader/device/+/status"
garage:readings_from("home/+/BTtoMQTT/+", battery.open_mqtt_gateway)

mqtt.subscribe("reader/shutdown", function() garage:shutdown "the reader is switched off" end)

-- What a person at the terminal wants to know, when it changes.
local told = {}

local function number(value) return type(value) == "number" and value or 0 end

-- Also those of others: Battery Hawk's own have no reasons.
local function tell(msg, _, vehicle)
  local s = msg.json
  if msg.retained or type(s) ~= "table" then return end
  local why = type(s.health_reasons) == "table" and s.health_reasons[1]
  local text = type(why) == "table" and " (" .. tostring(why.text) .. ")" or ""
  local gist = ("%s %d %s"):format(tostring(s.overall_health), number(s.connected_devices),
    type(why) == "table" and tostring(why.name) or "")
  if told[vehicle] == gist then return end
  told[vehicle] = gist
  log.info("%s: %s, %d of %d connected, %.2f V%s", tostring(s.name or vehicle),
    tostring(s.overall_health), number(s.connected_devices), number(s.total_devices),
    number(s.average_voltage), text)
end

mqtt.subscribe(garage.prefix .. "/+/+/summary", tell)
