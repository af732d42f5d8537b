-- The document's topics, in its two forms, and how each kind of message is sent.
local topics = {}

-- "Topic Structure (PRD Compliant)", and the older form of "Usage" and "Supported Events".
local FORMS = {
  device = {
    reading = "device/%s/reading", status = "device/%s/status", health = "device/%s/health",
    found = "discovery/found", summary = "vehicle/%s/summary",
    associated = "vehicle/%s/device_associated",
  },
  devices = {
    reading = "devices/%s/readings", status = "devices/%s/status", health = "devices/%s/health",
    found = "devices/%s/discovered", summary = "vehicles/%s/summary",
    associated = "vehicles/%s/device_associated",
  },
}

-- "QoS and Retention Strategy"; `health` and `alert` are ours.
local SENT = {
  reading = { qos = 1, retain = false },
  status = { qos = 1, retain = true },
  health = { qos = 1, retain = true },
  summary = { qos = 1, retain = true },
  found = { qos = 1, retain = false },
  associated = { qos = 1, retain = false },
  system_status = { qos = 2, retain = true },
  shutdown = { qos = 2, retain = true },
  alert = { qos = 2, retain = false },
}

local FIXED = { system_status = "system/status", shutdown = "system/shutdown", alert = "alerts" }

-- The forms that a garage uses, by what its option `topics` says.
topics.choices = { device = { "device" }, devices = { "devices" }, both = { "device", "devices" } }

local function with_prefix(prefix, topic)
  return prefix == "" and topic or prefix .. "/" .. topic
end

local function in_form(garage, form, kind, id)
  return with_prefix(garage.prefix, FIXED[kind] or FORMS[form][kind]:format(id))
end

-- In the garage's first form.
function topics.of(garage, kind, id) return in_form(garage, garage.forms[1], kind, id) end

-- Sends it in every form of the garage.
function topics.publish(garage, kind, id, payload)
  for number, form in ipairs(garage.forms) do
    if number == 1 or not FIXED[kind] then
      mqtt.publish(in_form(garage, form, kind, id), payload, SENT[kind])
    end
  end
end

function topics.will(garage, kind, payload)
  mqtt.will(topics.of(garage, kind), payload, SENT[kind])
end

-- Whether the garage itself may have sent it.
function topics.is_own(garage, topic)
  if garage.prefix ~= "" then return topic:sub(1, #garage.prefix + 1) == garage.prefix .. "/" end
  local first = topic:match "^[^/]*"
  return FORMS[first] ~= nil or first == "vehicle" or first == "vehicles" or first == "system"
    or first == "discovery" or first == "alerts"
end

return topics
