-- A device that exists only here: announces itself, and answers commands as an ESP32 would.
local declaration = require "engine.scene.declaration"
local topics = require "engine.scene.topics"

local KNOWN = { "id", "commands", "status", "delay", "failure", "silent", "seed", "accepts" }

-- Errors carry no position of their own: the caller adds the author's line.
local function check(condition, message, ...)
  if not condition then error("virtual_device: " .. message:format(...), 0) end
end

local function is_number(value, low, high)
  return type(value) == "number" and value >= low and value <= high
end

local function check_names(options)
  check(type(options) == "table", "a table of options expected, got %s", type(options))
  declaration.check_options("virtual_device", options, KNOWN)
end

local function check_commands(commands)
  check(type(commands) == "table" and #commands > 0,
    "commands: a list of topic filters expected, such as { \"room1/light\" }")
  declaration.check_options("virtual_device: commands", commands, {}, #commands)
  for number, filter in ipairs(commands) do
    topics.check_filter(("virtual_device: commands: entry %d"):format(number), filter)
  end
end

local function check_options(options)
  check_names(options)
  local id = options.id
  check(type(id) == "string" and id ~= "" and not id:find "[/+#%z]",
    "id: a name without / + and # expected, got %s", tostring(id))
  check_commands(options.commands)
  local status = options.status
  check(status == nil or (type(status) == "string" and status ~= "" and not status:find "[+#%z]"),
    "status: a topic without wildcards expected, got %s", tostring(status))
  local delay = options.delay
  check(delay == nil or (type(delay) == "table" and is_number(delay[1], 0, 1e9)
      and is_number(delay[2], delay[1], 1e9)),
    "delay: two numbers of seconds expected, the shorter first, such as { 0.05, 0.3 }")
  check(options.failure == nil or is_number(options.failure, 0, 1),
    "failure: a probability from 0 to 1 expected, got %s", tostring(options.failure))
  check(options.silent == nil or type(options.silent) == "boolean",
    "silent: true or false expected, got %s", tostring(options.silent))
  local seed = options.seed
  check(seed == nil or type(seed) == "string" or is_number(seed, 0, 1e9),
    "seed: a text, or a number from 0 to 1e9, expected, got %s", tostring(seed))
  check(options.accepts == nil or type(options.accepts) == "function",
    "accepts: a function expected, got %s", type(options.accepts))
end

-- Numbers from 0 to 1, the same ones for the same seed (Park and Miller's generator).
local function random_from(seed)
  local value = 1
  for byte in tostring(seed):gmatch "." do value = (value * 31 + byte:byte()) % 2147483646 + 1 end
  return function()
    value = value * 16807 % 2147483647
    return value / 2147483647
  end
end

-- Where the engine expects the confirmation of a command (museum document, "Feedback Topics").
local function status_topic(command)
  return (command:match "^devices/[^/]*/" or command:match "^room[^/]*/"
    or command:match "^.*/" or command .. "/") .. "status"
end

local NO_COMMAND = { status = true, feedback = true, audio = true, video = true }

-- Confirmations are no commands, or devices would answer each other for ever.
local function is_command(device, msg)
  if msg.retained or msg.topic == device.status then return false end
  if NO_COMMAND[msg.topic:match "[^/]*$"] then return false end
  return device.accepts == nil or device.accepts(msg.topic)
end

local function answer(device, msg)
  if device.silent or not is_command(device, msg) then return end
  local shortest, longest = device.delay[1], device.delay[2]
  local wait = shortest + device.random() * (longest - shortest)
  local word = device.random() < device.failure and "ERROR" or "OK"
  timer.after(wait, function()
    mqtt.publish(device.status or status_topic(msg.topic), word,
      { correlation_data = msg.correlation_data })
  end)
end

local function announce(device)
  mqtt.publish(("devices/%s/status"):format(device.id), "online",
    { qos = 1, retain = true, offline = "drop" })
end

return function(options)
  local ok, err = pcall(check_options, options)
  if not ok then error(err, 2) end
  local device = {
    id = options.id,
    status = options.status,
    delay = options.delay or { 0.05, 0.3 },
    failure = options.failure or 0,
    silent = options.silent or false,
    accepts = options.accepts,
    random = random_from(options.seed or options.id),
  }
  for _, filter in ipairs(options.commands) do
    mqtt.subscribe(filter, function(msg) answer(device, msg) end)
  end
  mqtt.on_connection(function(connected) if connected then announce(device) end end)
  announce(device)
  return device
end
