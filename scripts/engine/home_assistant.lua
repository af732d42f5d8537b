-- Home Assistant's MQTT discovery: announces a device with its entities, and keeps it announced.
local announcement = require "engine.home_assistant.announcement"
local check = require "engine.home_assistant.check"
local declaration = require "engine.scene.declaration"
local keys = require "engine.home_assistant.keys"

local OWN = { "id", "device", "origin", "components", "prefix", "form", "birth_delay",
  "remove_on_shutdown" }
local KNOWN = { unpack(OWN) }
for key in pairs(keys.shared) do KNOWN[#KNOWN + 1] = key end
table.sort(KNOWN)

local FORMS = { device = true, components = true }

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error("home_assistant: " .. message:format(...), 0) end

local function shared_of(options)
  local shared = {}
  for key in pairs(keys.shared) do shared[key] = options[key] end
  return shared
end

local function check_own(options)
  check.id("home_assistant: id", options.id)
  local prefix = options.prefix
  if prefix ~= nil and (type(prefix) ~= "string" or not prefix:find "^[^+#%z]+$") then
    fail("prefix: a topic without wildcards expected, got %s", tostring(prefix))
  end
  if options.form ~= nil and not FORMS[options.form] then
    fail("form: \"device\" or \"components\" expected, got %s", tostring(options.form))
  end
  declaration.check_seconds("home_assistant: birth_delay", options.birth_delay, true)
  local remove = options.remove_on_shutdown
  if remove ~= nil and type(remove) ~= "boolean" then
    fail("remove_on_shutdown: true or false expected, got %s", tostring(remove))
  end
end

local function check_options(options)
  if type(options) ~= "table" then fail("a table of options expected, got %s", type(options)) end
  declaration.check_options("home_assistant", options, KNOWN)
  check_own(options)
  if options.device ~= nil then check.device("home_assistant: device", options.device) end
  if options.origin ~= nil then check.origin("home_assistant: origin", options.origin) end
  local shared = shared_of(options)
  check.shared("home_assistant", shared)
  if type(options.components) ~= "table" or next(options.components) == nil then
    fail("components: a table of components by their ids expected")
  end
  for id, component in pairs(options.components) do
    check.id("home_assistant: components: id", id)
    check.component(("home_assistant: %s"):format(id), component, shared)
  end
end

-- From 0 to 1, always the same for an id: devices announce themselves one after the other, and
-- tests know when.
local function share_of(id)
  local value = 1
  for byte in id:gmatch "." do value = (value * 31 + byte:byte()) % 2147483646 + 1 end
  return value * 16807 % 2147483647 / 2147483647
end

local Device = {}
Device.__index = Device

-- Sends what Home Assistant needs to know, retained.
function Device:announce()
  if self.withdrawn then return end
  announcement.send(self)
end

-- Adds a component, or changes one.
function Device:add(id, component)
  local ok, err = pcall(function()
    check.id("home_assistant: id of the component", id)
    check.component(("home_assistant: %s"):format(id), component, self.shared)
  end)
  if not ok then error(err, 2) end
  self.components[id] = announcement.complete(self, id, component)
  self:announce()
end

-- Takes a component away, in Home Assistant too. False when there is none.
function Device:remove(id)
  local component = self.components[id]
  if not component then return false end
  self.components[id] = nil
  announcement.forget(self, { [id] = component })
  return true
end

-- Takes the device away, in Home Assistant too; `announce` has no effect any more.
function Device:withdraw()
  announcement.withdraw(self)
  self.withdrawn = true
end

-- Home Assistant has started (integrations/mqtt, "Birth and last will messages").
local function hear_birth(device)
  mqtt.subscribe(device.prefix .. "/status", function(msg)
    if msg.payload ~= "online" or msg.retained then return end
    timer.after(device.birth_delay * share_of(device.id), function() device:announce() end)
  end)
end

-- A broker that comes back may have forgotten it.
local function follow_connection(device)
  local lost = false
  mqtt.on_connection(function(connected)
    if connected and lost then device:announce() end
    lost = not connected
  end)
end

local home_assistant = { keys = keys }

function home_assistant.device(options)
  local ok, err = pcall(check_options, options)
  if not ok then error(err, 2) end
  local device = setmetatable({
    id = options.id,
    prefix = options.prefix or "homeassistant",
    form = options.form or "device",
    birth_delay = options.birth_delay or 5,
    remove_on_shutdown = options.remove_on_shutdown or false,
    device = options.device or { identifiers = { options.id }, name = options.id },
    origin = options.origin or { name = "engine" },
    shared = shared_of(options),
    components = {},
  }, Device)
  for id, component in pairs(options.components) do
    device.components[id] = announcement.complete(device, id, component)
  end
  hear_birth(device)
  follow_connection(device)
  announcement.begin(device)
  return device
end

return home_assistant
