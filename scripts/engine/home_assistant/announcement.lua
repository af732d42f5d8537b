-- What is published for Home Assistant, in both forms, and what it has been told before.
local announcement = {}

local OPTIONS = { qos = 1, retain = true }

-- Told by this script, also before a save or a restart: device id -> { form, prefix, components }
-- with the platform and unique id of each.
local function told()
  state["engine.home_assistant"] = state["engine.home_assistant"] or {}
  return state["engine.home_assistant"]
end

local function device_topic(device)
  return ("%s/device/%s/config"):format(device.prefix, device.id)
end

local function component_topic(prefix, component)
  return ("%s/%s/%s/config"):format(prefix, component.platform, component.unique_id)
end

local function copy(of)
  local made = {}
  for key, value in pairs(of) do made[key] = value end
  return made
end

-- A component as it is sent: with a unique id, which entities of a device need.
function announcement.complete(device, id, component)
  local made = copy(component)
  made.unique_id = made.unique_id or ("%s_%s"):format(device.id, id)
  return made
end

-- All of a device in one message; components in `removed` by their platform alone, which removes
-- them ("Device discovery payload").
local function whole_device(device, removed)
  local payload = copy(device.shared)
  payload.device, payload.origin = device.device, device.origin
  payload.components = copy(device.components)
  for id, component in pairs(removed or {}) do
    payload.components[id] = { platform = component.platform }
  end
  return payload
end

-- The older form: a message for each component ("Single component discovery payload").
local function single_component(device, component)
  local payload = copy(device.shared)
  for key, value in pairs(component) do payload[key] = value end
  if component.availability or component.availability_topic then
    payload.availability = component.availability
    payload.availability_topic = component.availability_topic
  end
  payload.platform = nil
  payload.device, payload.origin = device.device, device.origin
  return payload
end

local function sorted_ids(components)
  local ids = {}
  for id in pairs(components) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids
end

-- Shared topics that the platform of a component does not know are left out: a sensor has no
-- command topic.
local function known_only(payload, platform)
  local keys = require("engine.home_assistant.keys").platforms[platform]
  for key in pairs(payload) do
    if not keys[key] and key ~= "device" and key ~= "origin" then payload[key] = nil end
  end
  return payload
end

local function remember(device)
  local components = {}
  for id, component in pairs(device.components) do
    components[id] = { platform = component.platform, unique_id = component.unique_id }
  end
  told()[device.id] = { form = device.form, prefix = device.prefix, components = components }
end

local function will(device)
  if not device.remove_on_shutdown then return end
  if device.form == "device" then return mqtt.will(device_topic(device), "", OPTIONS) end
  for _, id in ipairs(sorted_ids(device.components)) do
    mqtt.will(component_topic(device.prefix, device.components[id]), "", OPTIONS)
  end
end

function announcement.send(device)
  if device.form == "device" then
    mqtt.publish(device_topic(device), whole_device(device), OPTIONS)
  else
    for _, id in ipairs(sorted_ids(device.components)) do
      local component = device.components[id]
      mqtt.publish(component_topic(device.prefix, component),
        known_only(single_component(device, component), component.platform), OPTIONS)
    end
  end
  will(device)
  remember(device)
end

-- Takes components away that the device has no more: first with nothing but their platform, then,
-- as the documentation asks, in an update without them.
function announcement.forget(device, removed)
  if device.form == "device" then
    mqtt.publish(device_topic(device), whole_device(device, removed), OPTIONS)
    mqtt.publish(device_topic(device), whole_device(device), OPTIONS)
  else
    for _, id in ipairs(sorted_ids(removed)) do
      local topic = component_topic(device.prefix, removed[id])
      mqtt.publish(topic, "", OPTIONS)
      if device.remove_on_shutdown then mqtt.will(topic, nil) end
    end
  end
  remember(device)
end

-- An empty message removes what was announced on its topic.
local function take_back(id, was)
  if was.form == "device" then
    return mqtt.publish(device_topic { id = id, prefix = was.prefix }, "", OPTIONS)
  end
  for _, each in ipairs(sorted_ids(was.components)) do
    mqtt.publish(component_topic(was.prefix, was.components[each]), "", OPTIONS)
  end
end

function announcement.withdraw(device)
  local was = told()[device.id]
  if was then take_back(device.id, was) end
  if device.remove_on_shutdown then
    if device.form == "device" then mqtt.will(device_topic(device), nil) end
    for _, component in pairs(device.form == "components" and device.components or {}) do
      mqtt.will(component_topic(device.prefix, component), nil)
    end
  end
  told()[device.id] = nil
end

local declared = {} -- Ids of the devices of this version of the script.

-- What an earlier version of the script had announced, and this one has no more.
local function take_back_others()
  for id, was in pairs(told()) do
    if not declared[id] then
      take_back(id, was)
      told()[id] = nil
    end
  end
end

-- The first announcement by this version of the script.
local function announce_first(device)
  if device.withdrawn then return end
  local was = told()[device.id]
  if was and (was.form ~= device.form or was.prefix ~= device.prefix) then
    take_back(device.id, was)
    was = nil
  end
  local gone = {}
  for id, component in pairs(was and was.components or {}) do
    local now = device.components[id]
    local same = now and now.platform == component.platform
      and (device.form == "device" or now.unique_id == component.unique_id)
    if not same then gone[id] = component end
  end
  if next(gone) then announcement.forget(device, gone) end
  announcement.send(device)
end

-- Announces it once the main chunk has been accepted and there is a connection to wait for.
function announcement.begin(device)
  if next(declared) == nil then timer.after(0, take_back_others) end
  declared[device.id] = true
  will(device)
  timer.after(0, function() announce_first(device) end)
end

return announcement
