-- Prepares the environment in which scripts run; embedded in the program and run once in each VM.
-- C functions read_file, on_required, json_decode, native; library buffer (string.buffer); lists
-- folders, modules; repeatable: whether two runs are to be the same.
local host = ...
local buffer = host.buffer
local real = _G
local env = {}

local function freeze(library, name)
  return setmetatable({}, {
    __index = library,
    __newindex = function(_, key)
      error(("%s is read-only: cannot set %s"):format(name, tostring(key)), 2)
    end,
    __metatable = false,
  })
end

for _, name in ipairs {
  "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
  "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall",
  "_VERSION",
} do
  env[name] = real[name]
end

local string_library = {}
for name, value in pairs(real.string) do string_library[name] = value end
string_library.dump = nil
getmetatable("").__index = string_library
getmetatable("").__metatable = false

-- Numbers, then names, each in order; keys of other types as they come.
local function ordered_keys(t)
  local keys, rank = {}, { number = 1, string = 2 }
  for key in real.next, t do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    local first, second = rank[type(a)] or 3, rank[type(b)] or 3
    if first ~= second then return first < second end
    return first < 3 and a < b
  end)
  return keys
end

if host.repeatable then
  function env.pairs(t)
    if type(t) ~= "table" then return real.pairs(t) end
    local keys, index = ordered_keys(t), 0
    return function()
      repeat index = index + 1 until keys[index] == nil or rawget(t, keys[index]) ~= nil
      return keys[index], rawget(t, keys[index])
    end
  end
end

env._G = env
env.string = freeze(string_library, "string")
env.table = freeze(real.table, "table")
env.math = freeze(real.math, "math")
env.bit = freeze(real.bit, "bit")
env.coroutine = freeze(real.coroutine, "coroutine")
env.os = freeze({
  time = host.native(os.time), date = host.native(os.date), clock = os.clock,
}, "os")
env.debug = freeze({ traceback = debug.traceback }, "debug")

-- Source text only: bytecode could do anything.
function env.load(chunk, name, _, environment)
  return real.load(chunk, name, "t", environment or env)
end
env.loadstring = env.load

function env.collectgarbage(what)
  if what == nil or what == "collect" or what == "count" or what == "step" then
    return real.collectgarbage(what)
  end
  error("collectgarbage: only 'collect', 'count' and 'step' are allowed", 2)
end

local loaded = {
  ["string.buffer"] = freeze({ encode = buffer.encode, decode = buffer.decode }, "string.buffer"),
}
local LOADING = {}

local function find(name)
  local file = name:gsub("%.", "/") .. ".lua"
  for _, folder in ipairs(host.folders) do
    local path = (folder == "" and "" or folder .. "/") .. file
    local source = host.read_file(path)
    if source then return source, path end
  end
  error(("module '%s' not found: no %s in %s"):format(name, file,
    table.concat(host.folders, ", ")), 3)
end

function env.require(name)
  if type(name) ~= "string" or not name:find "^[%w_%-]+[%w_%-%.]*$" or name:find("..", 1, true) then
    error(("require: a module name such as \"engine.scene\" expected, got %s"):format(
      type(name) == "string" and "'" .. name .. "'" or type(name)), 2)
  end
  if loaded[name] == LOADING then
    error(("module '%s' requires itself, directly or through others"):format(name), 2)
  end
  if loaded[name] ~= nil then return loaded[name] end
  if host.modules[name] then return env[name] end
  local source, path = find(name)
  host.on_required(path)
  local chunk, err = real.load(source, "@" .. path, "t", env)
  if not chunk then error(err, 0) end
  loaded[name] = LOADING
  local ok, result = xpcall(chunk, function(e)
    return type(e) == "string" and debug.traceback(e, 2) or e
  end, name)
  if not ok then
    loaded[name] = nil
    error(result, 0)
  end
  loaded[name] = result == nil and true or result
  return loaded[name]
end

-- Functions of our modules that are written in Lua, and loaded when they are first called.
local IN_LUA = {
  mqtt = { request = "engine.mqtt.request", requests = "engine.mqtt.request",
    respond = "engine.mqtt.respond" },
}

local function add_functions_in_lua(name, library)
  for key, module in pairs(IN_LUA[name] or {}) do
    library[key] = function(...) return env.require(module)[key](...) end
  end
end

env.state = {}

local internal = { env = env }

function internal.set_global(name, value)
  host.modules[name] = true
  add_functions_in_lua(name, value)
  env[name] = type(value) == "table" and freeze(value, name) or value
end

-- All of `state` that can be carried over as bytes, and the names of what cannot.
function internal.encode_state()
  if type(env.state) ~= "table" then return "", { "state itself: it is no longer a table" } end
  local ok, bytes = pcall(buffer.encode, env.state)
  if ok then return bytes, {} end
  local kept, dropped = {}, {}
  for key, value in pairs(env.state) do
    local good, err = pcall(buffer.encode, { [key] = value })
    if good then
      kept[key] = value
    else
      dropped[#dropped + 1] = ("%s (%s)"):format(tostring(key), tostring(err))
    end
  end
  table.sort(dropped)
  return buffer.encode(kept), dropped
end

-- Bytes that another version of the program wrote may be beyond this one.
function internal.decode_state(bytes)
  if bytes == "" then return end
  local ok, value = pcall(buffer.decode, bytes)
  if ok and type(value) == "table" then
    env.state = value
  else
    env.log.warn("state starts anew: what was kept of it cannot be read")
  end
end

-- The value as bytes, or nil and what is wrong.
function internal.encode_value(value)
  local ok, bytes = pcall(buffer.encode, value)
  if ok then return bytes end
  return nil, bytes
end

internal.format = real.string.format
internal.tostring = real.tostring
internal.encode = buffer.encode
internal.decode = buffer.decode

internal.message_metatable = {
  __index = function(msg, key)
    if key ~= "json" and key ~= "json_error" then return nil end
    if rawget(msg, "json_error") then return nil end
    local value, err = host.json_decode(msg.payload)
    rawset(msg, "json", value)
    rawset(msg, "json_error", err)
    return rawget(msg, key)
  end,
}

return internal
