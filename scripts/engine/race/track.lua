-- The devices of the track, by what they say themselves: the start device and the lane timers.
local Track = {}
Track.__index = Track

local SILENCE = 6 -- Seconds without telemetry after which a lane timer counts as offline.
local LOW_BATTERY, GOOD_BATTERY = 20, 25 -- Percent: warned of once, until it is good again.
local REQUIRED = { "hostname", "hwid", "uptime", "ip", "mac" }
local PRESENCE = { online = true, offline = true, updating = true }
local MOST_DEVICES = 100

-- `devices` is kept by the race: [id] = {lane, up, seen, told, booted, presence, battery, ...}; of
-- these seen, told and booted are moments of `timer.now()`. `hooks`: go(msg), stop(msg),
-- finish(lane, msg), running_since() and changed().
function Track.new(options, devices, out, hooks)
  return setmetatable({ options = options, devices = devices, out = out, hooks = hooks }, Track)
end

-- What a device says, for people: ASCII, and not too much of it.
local function plain(text) return (tostring(text):gsub("[^\32-\126]", "?"):sub(1, 60)) end

local function count(devices)
  local n = 0
  for _ in pairs(devices) do n = n + 1 end
  return n
end

-- Of a lane timer.
local function is_online(device)
  if device.presence == "offline" or device.presence == "updating" then return false end
  local age = device.seen and timer.now() - device.seen
  return age ~= nil and age >= 0 and age <= SILENCE
end

-- Room for one more: of those that never said their lane, and are not online, one is forgotten.
local function make_room(devices, start_device)
  if count(devices) < MOST_DEVICES then return true end
  for id, device in pairs(devices) do
    if id ~= start_device and not device.lane and not is_online(device) then
      devices[id] = nil
      return true
    end
  end
  return false
end

-- nil when there are too many.
function Track:device(id)
  local device = self.devices[id]
  if device then return device end
  if not make_room(self.devices, self.options.start_device) then
    if not self.is_full then
      log.warn("there are %d devices: the others are not heard", MOST_DEVICES)
    end
    self.is_full = true
    return nil
  end
  self.is_full = false
  device = {}
  self.devices[id] = device
  return device
end

-- Says once what is wrong with a device's messages.
function Track:complain(id, device, about, message)
  device.flaws = device.flaws or {}
  if device.flaws[about] == message then return end
  device.flaws[about] = message
  self.out:alert("warning", ("%s: %s"):format(plain(id), message))
end

local function is_fine(device, about)
  if device.flaws then device.flaws[about] = nil end
end

-- The fields of a JSON object, or nil after a complaint.
function Track:fields(id, device, about, msg)
  if type(msg.json) == "table" then return msg.json end
  self:complain(id, device, about, ("%s is no JSON object: %s"):format(about, plain(msg.payload)))
end

function Track:take_lane(id, device, dip)
  if type(dip) == "number" then dip = ("%d"):format(dip) end
  if type(dip) ~= "string" then return end
  device.lane = self.options.dips[dip]
  if not device.lane then
    return self:complain(id, device, "dip", ("dip %s stands for no lane"):format(plain(dip)))
  end
  is_fine(device, "dip")
  for other_id, other in pairs(self.devices) do
    if other_id ~= id and other.lane == device.lane and is_online(other) then
      self:complain(id, device, "lane", ("%s says that it is lane %d, too"):format(plain(other_id),
        device.lane))
    end
  end
end

function Track:start_signal(device, msg, said)
  if said.state ~= "GO" and said.state ~= "STOP" then
    return self:complain(self.options.start_device, device, "state",
      ("GO or STOP expected, got %s"):format(plain(said.state)))
  end
  is_fine(device, "state")
  if msg.retained then return end -- What was, not what happens: no start.
  if said.state == "GO" then self.hooks.go(msg) else self.hooks.stop(msg) end
end

-- Whether this is what a timer says when it has started during the heat: how the flag stands then,
-- and not that it drops.
function Track:is_first_word(device)
  local since = self.hooks.running_since()
  if not since or not device.booted or device.booted < since then return false end
  return device.told == nil or device.told < device.booted
end

function Track:flag(id, device, msg, said)
  self:take_lane(id, device, said.dip)
  device.up = said.toggle
  -- What is delivered again has lost its time.
  if msg.retained or msg.duplicate then return self.hooks.changed() end
  local first_word = self:is_first_word(device)
  device.told = msg.time
  if said.toggle == false and device.lane then
    if first_word then
      self.out:alert("warning", ("lane %d: %s has started during the heat with its flag down: "
        .. "its time is not known"):format(device.lane, plain(id)))
    else
      self.hooks.finish(device.lane, msg)
    end
  end
  self.hooks.changed()
end

function Track:state(msg, id)
  local device = self:device(id)
  local said = device and self:fields(id, device, "state", msg)
  if not said then return end
  if id == self.options.start_device then return self:start_signal(device, msg, said) end
  if said.state == "GO" and not msg.retained then
    return self:complain(id, device, "state",
      ("its GO starts nothing, the start device is %s"):format(self.options.start_device))
  end
  if type(said.toggle) ~= "boolean" then
    return self:complain(id, device, "state", "its state has no toggle, true or false")
  end
  is_fine(device, "state")
  self:flag(id, device, msg, said)
end

local function missing_fields(said)
  local missing = {}
  for _, name in ipairs(REQUIRED) do
    if said[name] == nil or said[name] == json.null then missing[#missing + 1] = name end
  end
  return #missing > 0 and table.concat(missing, ", ") or nil
end

function Track:check_battery(id, device, level)
  if type(level) ~= "number" then return end
  device.battery = level
  if level < LOW_BATTERY then
    self:complain(id, device, "battery", "its battery is low")
  elseif level >= GOOD_BATTERY then
    is_fine(device, "battery")
  end
end

function Track:telemetry(msg, id)
  local device = self:device(id)
  local said = device and self:fields(id, device, "telemetry", msg)
  if not said then return end
  local missing = missing_fields(said)
  if missing then
    return self:complain(id, device, "telemetry", "missing required fields: " .. missing)
  end
  is_fine(device, "telemetry")
  self:take_lane(id, device, said.dip)
  if type(said.toggle) == "boolean" and (not msg.retained or device.up == nil) then
    device.up = said.toggle
  end
  if not msg.retained then
    device.seen, device.presence = msg.time, "online"
    -- Whole seconds, rounded down: it may have started up to a second earlier.
    if type(said.uptime) == "number" then device.booted = msg.time - said.uptime - 1 end
    self:check_battery(id, device, said.battery_level)
  end
  self:watch()
end

function Track:status(msg, id)
  local known = self.devices[id] ~= nil
  local device, word = self:device(id), msg.payload
  if not device then return end
  if not PRESENCE[word] then
    return self:complain(id, device, "status",
      ("online, offline or updating expected, got %s"):format(plain(word)))
  end
  is_fine(device, "status")
  if msg.retained then
    device.presence = device.presence or word
    return
  end
  local came_back = device.presence == "offline" or device.presence == "updating" or not known
  if word ~= "online" or came_back then device.booted = msg.time end
  if id == self.options.start_device and word ~= device.presence and word ~= "online" then
    self.out:alert("warning", ("the start device %s is %s"):format(plain(id), word))
  end
  device.presence = word
  self:watch()
end

-- The timer of a lane and its id: of several the one heard of last.
function Track:timer_of(lane)
  local found, its_id
  for id, device in pairs(self.devices) do
    local newer = found and (device.seen or 0) > (found.seen or 0)
    if device.lane == lane and (not found or newer) then found, its_id = device, id end
  end
  return found, its_id
end

-- Tells of lane timers that came or went; called with everything they say, and each second.
function Track:watch()
  for id, device in pairs(self.devices) do
    local online = device.lane ~= nil and is_online(device)
    if device.lane and online ~= (device.online or false) then
      device.online = online
      self.out:alert(online and "info" or "warning", ("lane %d: timer %s is %s"):format(
        device.lane, plain(id), online and "online" or "offline"))
    end
  end
  self.hooks.changed()
end

Track.is_online = is_online

return Track
