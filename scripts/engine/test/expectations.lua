-- The table `bus` of tests: what arrives from outside, and what the scripts are expected to send.
local bus = {}

local cursor = 0 -- The last message that was expected; what follows must come after it.
local LISTED = 12

local function text_of(payload)
  local text = type(payload) == "table" and json.encode(payload) or tostring(payload)
  if #text > 60 then text = text:sub(1, 57) .. "..." end
  return (text:gsub("%c", "."))
end

local function contains(value, wanted)
  if type(wanted) ~= "table" then return value == wanted end
  if type(value) ~= "table" then return false end
  for key, part in pairs(wanted) do
    if not contains(value[key], part) then return false end
  end
  return true
end

local function payload_matches(message, wanted)
  if wanted == nil then return true end
  if type(wanted) == "function" then return wanted(message.payload, message) and true or false end
  if type(wanted) == "table" then return contains(json.decode(message.payload), wanted) end
  return message.payload == tostring(wanted)
end

local function on_topic(message, filter) return rehearsal.matches(filter, message.topic) end

local function find(filter, payload, options)
  for number = cursor + 1, rehearsal.count() do
    local message = rehearsal.message(number)
    local in_time = not options.at or math.abs(message.time - options.at) <= options.tolerance
    if in_time and on_topic(message, filter) and payload_matches(message, payload) then
      return number, message
    end
  end
end

local function wanted_text(filter, payload, options)
  local text = payload == nil and filter
    or type(payload) == "function" and filter .. " that the function accepts"
    or ("%s = %s"):format(filter, text_of(payload))
  if options.at then text = ("%s at %.3f (+-%.3f)"):format(text, options.at, options.tolerance) end
  return text
end

-- `> 5.000  room1/steam = OFF`; `>` marks the topic that was asked for.
local function listing(filter)
  local first, last = cursor + 1, rehearsal.count()
  if first > last then return "  nothing was sent since then" end
  local lines = {}
  if last - first >= LISTED then
    lines[1] = ("    ... %d before"):format(last - first + 1 - LISTED)
    first = last + 1 - LISTED
  end
  for number = first, last do
    local message = rehearsal.message(number)
    lines[#lines + 1] = ("  %s %8.3f  %s = %s"):format(on_topic(message, filter) and ">" or " ",
      message.time, message.topic, text_of(message.payload))
  end
  return table.concat(lines, "\n")
end

local OPTIONS = { "at", "within", "tolerance" }

local function check_options(what, options)
  options = options or {}
  if type(options) ~= "table" then
    error(("%s: a table of options expected, got %s"):format(what, type(options)), 3)
  end
  for key, value in pairs(options) do
    if not contains({ at = true, within = true, tolerance = true }, { [key] = true }) then
      local meant = script.nearest(tostring(key), OPTIONS)
      error(("%s: unknown option '%s'%s"):format(what, tostring(key),
        meant and (", did you mean '%s'?"):format(meant) or ""), 3)
    end
    if type(value) ~= "number" or not (value >= 0 and value < 1e9) then
      error(("%s: option '%s': seconds from 0 expected, got %s"):format(what, key,
        tostring(value)), 3)
    end
  end
  return { at = options.at, within = options.within, tolerance = options.tolerance or 0.01 }
end

local function check_filter(what, filter)
  local ok, err = rehearsal.check_filter(filter)
  if not ok then error(("%s: %s"):format(what, err), 3) end
end

-- A message from outside, as a device would send it.
function bus.inject(topic, payload, options)
  rehearsal.inject(topic, payload, options)
end

-- Fails unless the message has been sent after the last one that was expected; lets up to `within`
-- seconds pass, or the time until `at`, for it to come. Returns the message.
function bus.expect(filter, payload, options)
  check_filter("bus.expect", filter)
  options = check_options("bus.expect", options)
  local started = rehearsal.now()
  local till = started + (options.within or 0)
  if options.at then till = math.max(till, options.at + options.tolerance) end
  repeat
    local number, message = find(filter, payload, options)
    if number then
      cursor = number
      return message
    end
  until not rehearsal.step(till)
  local number, message = find(filter, payload, options)
  if number then
    cursor = number
    return message
  end
  error(("expected %s, but from %.3f to %.3f there was:\n%s"):format(
    wanted_text(filter, payload, options), cursor > 0 and rehearsal.message(cursor).time or 0,
    rehearsal.now(), listing(filter)), 2)
end

-- Fails if such a message was sent after the last one that was expected, or is within `within`
-- seconds.
function bus.expect_none(filter, payload, options)
  check_filter("bus.expect_none", filter)
  options = check_options("bus.expect_none", options)
  if options.within then rehearsal.advance(options.within) end
  if find(filter, payload, options) then
    error(("expected no %s, but there was:\n%s"):format(wanted_text(filter, payload, options),
      listing(filter)), 2)
  end
end

-- All that was sent so far, in order.
function bus.messages(filter)
  check_filter("bus.messages", filter or "#")
  local list = {}
  for number = 1, rehearsal.count() do
    local message = rehearsal.message(number)
    if on_topic(message, filter or "#") then list[#list + 1] = message end
  end
  return list
end

-- What was sent so far is of no interest any more.
function bus.clear() cursor = rehearsal.count() end

return bus
