-- Checks what an author has declared, and brings cues into the order in which they are played.
local topics = require "engine.scene.topics"

local declaration = {}

local SCENE_OPTIONS = {
  "room", "trigger", "cues", "story", "on_stop", "length", "loop", "on_reload", "on_restart",
  "go_debounce", "description",
}
local CUE_OPTIONS = {
  "after", "confirm", "loop_to", "name", "on_timeout", "post_wait", "pre_wait", "qos", "retain",
  "retry", "times",
}

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function unknown_option(what, key, known)
  local meant = type(key) == "string" and script.nearest(key, known)
  if meant then fail("%s: unknown option '%s', did you mean '%s'?", what, key, meant) end
  local all = table.concat(known, ", ")
  fail("%s: unknown option '%s'; known are %s", what, tostring(key), all ~= "" and all or "none")
end

-- Besides the names in `known`, a table may have the keys 1 to `places` (default none).
local function check_options(what, options, known, places)
  places = places or 0
  for key in pairs(options) do
    local found = false
    for _, name in ipairs(known) do found = found or name == key end
    if type(key) == "number" then
      found = key >= 1 and key <= places and key % 1 == 0
      if not found then fail("%s: entry %s is one too many", what, key) end
    end
    if not found then unknown_option(what, key, known) end
  end
end

local function is_seconds(value)
  return type(value) == "number" and value >= 0 and value < 1e9
end

local function check_seconds(what, value, optional)
  if optional and value == nil then return end
  if not is_seconds(value) then
    fail("%s: seconds from 0 expected, got %s", what, tostring(value))
  end
end

local function is_count(value, least)
  return type(value) == "number" and value >= least and value < 1e9 and value % 1 == 0
end

local function check_command(what, topic, payload, cue)
  topics.check_name(what, topic)
  topics.check_payload(("%s: %s"):format(what, topic), payload)
  if cue.qos ~= nil and cue.qos ~= 0 and cue.qos ~= 1 and cue.qos ~= 2 then
    fail("%s: qos: 0, 1 or 2 expected, got %s", what, tostring(cue.qos))
  end
  if cue.retain ~= nil and type(cue.retain) ~= "boolean" then
    fail("%s: retain: true or false expected, got %s", what, tostring(cue.retain))
  end
  if cue.confirm ~= nil and type(cue.confirm) ~= "boolean" then
    check_seconds(what .. ": confirm", cue.confirm)
  end
end

local function check_retry(what, cue)
  local retry = cue.retry
  if retry ~= nil and not is_count(retry, 0) then
    fail("%s: retry: a number of times expected, got %s", what, tostring(retry))
  end
  local answer = cue.on_timeout
  local word = answer == nil or answer == "continue" or answer == "stop"
  if not word and type(answer) ~= "function" then
    fail("%s: on_timeout: \"continue\", \"stop\" or a function expected", what)
  end
end

local OF_COMMANDS = { "confirm", "on_timeout", "qos", "retain", "retry" }

-- What only makes sense with a topic and a payload.
local function check_no_command(what, cue)
  for _, name in ipairs(OF_COMMANDS) do
    if cue[name] ~= nil then fail("%s: %s: only a command has one", what, name) end
  end
end

local function read_loop(what, cue, read)
  if type(cue.loop_to) ~= "string" then fail("%s: loop_to: the name of a cue expected", what) end
  if cue.after then fail("%s: loop_to needs a time", what) end
  if cue.times ~= nil and not is_count(cue.times, 1) then
    fail("%s: times: a number of times expected, got %s", what, tostring(cue.times))
  end
  check_no_command(what, cue)
  read.loop_to, read.times = cue.loop_to, cue.times or math.huge
end

-- One cue as the players know it: `at` (not for a follow-on), and what it does.
local function read_cue(what, cue)
  if type(cue) ~= "table" then fail("%s: a table expected, got %s", what, type(cue)) end
  check_options(what, cue, CUE_OPTIONS, 3)
  local follow_on = cue.after ~= nil
  if follow_on and cue.after ~= "previous" then fail("%s: after: \"previous\" expected", what) end
  local first = follow_on and 1 or 2
  if not follow_on then check_seconds(what .. ": its time, which comes first", cue[1]) end
  check_seconds(what .. ": pre_wait", cue.pre_wait, true)
  check_seconds(what .. ": post_wait", cue.post_wait, true)
  check_retry(what, cue)
  local read = {
    at = not follow_on and cue[1] + (cue.pre_wait or 0) or nil,
    name = cue.name, qos = cue.qos, retain = cue.retain, confirm = cue.confirm,
    retry = cue.retry or 0, on_timeout = cue.on_timeout or "continue",
    pre_wait = cue.pre_wait or 0, post_wait = cue.post_wait or 0,
  }
  if cue.loop_to ~= nil then
    read_loop(what, cue, read)
  elseif type(cue[first]) == "function" then
    check_no_command(what, cue)
    read.action = cue[first]
  else
    check_command(what, cue[first], cue[first + 1], cue)
    read.topic, read.payload = cue[first], cue[first + 1]
  end
  if cue.times ~= nil and not cue.loop_to then fail("%s: times: only loop_to has it", what) end
  local last = first + (read.topic and 1 or read.action and 0 or -1)
  if cue[last + 1] ~= nil then fail("%s: entry %d is one too many", what, last + 1) end
  return read
end

local function check_names(sheet)
  local names = {}
  for _, cue in ipairs(sheet) do
    if cue.name ~= nil then
      if type(cue.name) ~= "string" or cue.name == "" then
        fail("cue %d: name: text expected", cue.number)
      end
      if names[cue.name] then fail("cue %d: name '%s' is used twice", cue.number, cue.name) end
      if cue.at == nil then fail("cue %d: a named cue needs a time", cue.number) end
      names[cue.name] = cue
    end
  end
  for _, cue in ipairs(sheet) do
    local target = cue.loop_to and names[cue.loop_to]
    if cue.loop_to and not target then
      fail("cue %d: loop_to: there is no cue named '%s'", cue.number, cue.loop_to)
    end
    if target and target.at >= cue.at then
      fail("cue %d: loop_to: '%s' must be earlier", cue.number, cue.loop_to)
    end
  end
  sheet.names = names
end

-- The cue sheet: timed cues by time and then as written, each with the follow-ons after it.
local function read_sheet(cues)
  check_options("cues", cues, {}, #cues)
  local sheet, anchor = {}, nil
  for number, cue in ipairs(cues) do
    local read = read_cue(("cue %d"):format(number), cue)
    read.number = number
    if read.at then
      sheet[#sheet + 1] = read
      read.follow_ons = {}
      anchor = read
    elseif anchor then
      table.insert(anchor.follow_ons, read)
    else
      fail("cue %d: after = \"previous\": there is no cue before it", number)
    end
  end
  table.sort(sheet, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.number < b.number
  end)
  check_names(sheet)
  return sheet
end

local function check_on_stop(entries)
  if type(entries) ~= "table" then
    fail("on_stop: a list of cues expected, got %s", type(entries))
  end
  check_options("on_stop", entries, {}, #entries)
  for number, entry in ipairs(entries) do
    local what = ("on_stop %d"):format(number)
    if type(entry) == "table" then
      check_options(what, entry, { "qos", "retain", "confirm" }, 2)
      check_command(what, entry[1], entry[2], entry)
    elseif type(entry) ~= "function" then
      fail("%s: { topic, payload } or a function expected, got %s", what, type(entry))
    end
  end
end

local function check_reload(definition)
  local word = definition.on_reload
  if word == nil then return end
  local words = definition.story and "\"finish\" or \"restart\""
    or "\"resume\", \"restart\" or \"finish\""
  if type(word) ~= "string" or not words:find('"' .. word .. '"', 1, true) then
    fail("on_reload: %s expected, got %s", words, tostring(word))
  end
end

local RESTARTS = { resume = true, rejoin = true, restart = true, stop = true }

local function check_restart(definition)
  local word = definition.on_restart
  if word == nil or RESTARTS[word] then return end
  fail("on_restart: \"resume\", \"rejoin\", \"restart\" or \"stop\" expected, got %s",
    tostring(word))
end

local function check_one_trigger(one)
  local ways = 0
  for _, way in ipairs { 1, "every", "at" } do
    if type(one) == "table" and one[way] ~= nil then ways = ways + 1 end
  end
  if ways ~= 1 then
    fail("trigger: { topic, payload }, { every = seconds } or { at = \"18:00\" } expected")
  end
  check_options("trigger", one, { "every", "at" }, one[1] ~= nil and 2 or 0)
  if one.every ~= nil and not (is_seconds(one.every) and one.every >= 0.001) then
    fail("trigger: every: seconds from 0.001 expected, got %s", tostring(one.every))
  end
  if one.at ~= nil and (type(one.at) ~= "string" or not one.at:find "^%d%d?:%d%d") then
    fail("trigger: at: a time of day such as \"18:00\" expected, got %s", tostring(one.at))
  end
  if one[1] ~= nil then
    topics.check_filter("trigger", one[1])
    topics.check_wanted("trigger: payload", one[2])
  end
end

local function check_trigger(trigger)
  if trigger == nil then return end
  if type(trigger) ~= "table" or type(trigger[1]) ~= "table" then
    return check_one_trigger(trigger)
  end
  check_options("trigger", trigger, {}, #trigger)
  for _, one in ipairs(trigger) do check_one_trigger(one) end
end

local function check_room(room)
  if room == nil then return end
  if type(room) ~= "string" or room == "" or room:find "[+#%z]" then
    fail("room: a name expected, without + and #, got %s", room == "" and "''" or tostring(room))
  end
end

-- Both are about cues alone.
local function check_length_and_loop(definition)
  local loop = definition.loop
  check_seconds("length", definition.length, true)
  if loop ~= nil and loop ~= true and not is_count(loop, 1) then
    fail("loop: true or a number of times expected, got %s", tostring(loop))
  end
  for _, name in ipairs { "length", "loop" } do
    if definition.story and definition[name] ~= nil then fail("%s: a story has none", name) end
  end
end

-- Raises on the first thing that is wrong. Adds `sheet`, the cues in playing order.
function declaration.check(definition)
  if type(definition) ~= "table" then
    fail("a table or function expected, got %s", type(definition))
  end
  check_options("options", definition, SCENE_OPTIONS)
  check_room(definition.room)
  if (definition.cues ~= nil) == (definition.story ~= nil) then
    fail("either cues or story expected")
  end
  check_seconds("go_debounce", definition.go_debounce, true)
  check_length_and_loop(definition)
  if definition.description ~= nil and type(definition.description) ~= "string" then
    fail("description: text expected, got %s", type(definition.description))
  end
  definition.on_stop = definition.on_stop or {}
  check_on_stop(definition.on_stop)
  check_reload(definition)
  check_restart(definition)
  check_trigger(definition.trigger)
  if definition.story then
    if type(definition.story) ~= "function" then fail("story: a function expected") end
  elseif type(definition.cues) ~= "table" or #definition.cues == 0 then
    fail("cues: a list with at least one cue expected")
  else
    definition.sheet = read_sheet(definition.cues)
  end
end

-- The plain cues of on_stop, which the engine sends itself if this code no longer can.
function declaration.safety_cues(definition)
  local cues = {}
  for _, entry in ipairs(definition.on_stop) do
    if type(entry) == "table" then cues[#cues + 1] = entry end
  end
  return cues
end

-- `room1/motor = START`, for people.
function declaration.describe(cue)
  if cue.loop_to then return ("loop to %s"):format(cue.loop_to) end
  if cue.action then return cue.name or "function" end
  local payload = type(cue.payload) == "table" and json.encode(cue.payload) or tostring(cue.payload)
  return ("%s = %s"):format(cue.topic, payload)
end

declaration.check_options = check_options
declaration.check_seconds = check_seconds
-- Of one that is sent, with all that it may have as options.
function declaration.check_command(what, topic, payload, options)
  check_command(what, topic, payload, options)
  check_retry(what, options)
end
declaration.read_cue = read_cue

return declaration
