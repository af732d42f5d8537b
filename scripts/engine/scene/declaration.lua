-- Checks what an author has declared, and brings cues into the order in which they are played.
local declaration = {}

local SCENE_OPTIONS = {
  "room", "trigger", "cues", "story", "on_stop", "loop", "on_reload", "go_debounce", "description",
}
local CUE_OPTIONS = {
  "after", "confirm", "loop_to", "name", "on_timeout", "post_wait", "pre_wait", "qos", "retain",
  "retry", "times",
}

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_options(what, options, known)
  for key in pairs(options) do
    if type(key) == "string" then
      local found = false
      for _, name in ipairs(known) do found = found or name == key end
      if not found then
        local meant = script.nearest(key, known)
        fail("%s: unknown option '%s'%s", what, key,
          meant and (", did you mean '%s'?"):format(meant) or "")
      end
    end
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

local function check_topic(what, topic)
  if type(topic) ~= "string" or topic == "" then fail("%s: a topic expected", what) end
  if topic:find "[+#]" then
    fail("%s: topic '%s' has a wildcard: a cue is sent to one topic", what, topic)
  end
  if topic:find "%z" then fail("%s: a topic must not contain a NUL character", what) end
end

local PAYLOADS = { string = true, number = true, boolean = true, table = true }

local function check_command(what, topic, payload, cue)
  check_topic(what, topic)
  if not PAYLOADS[type(payload)] then
    fail("%s: %s: a payload (text, number, boolean or table) expected, got %s", what, topic,
      type(payload))
  end
  if cue.qos ~= nil and cue.qos ~= 0 and cue.qos ~= 1 and cue.qos ~= 2 then
    fail("%s: qos: 0, 1 or 2 expected", what)
  end
  if cue.retain ~= nil and type(cue.retain) ~= "boolean" then
    fail("%s: retain: true or false expected", what)
  end
  if cue.confirm ~= nil and type(cue.confirm) ~= "boolean" then
    check_seconds(what .. ": confirm", cue.confirm)
  end
end

local function check_retry(what, cue)
  local retry = cue.retry
  if retry ~= nil and (type(retry) ~= "number" or retry < 0 or retry % 1 ~= 0) then
    fail("%s: retry: a number of times expected, got %s", what, tostring(retry))
  end
  local answer = cue.on_timeout
  local word = answer == nil or answer == "continue" or answer == "stop"
  if not word and type(answer) ~= "function" then
    fail("%s: on_timeout: \"continue\", \"stop\" or a function expected", what)
  end
end

-- One cue as the players know it: `at` (not for a follow-on), and what it does.
local function read_cue(what, cue)
  if type(cue) ~= "table" then fail("%s: a table expected, got %s", what, type(cue)) end
  check_options(what, cue, CUE_OPTIONS)
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
    if type(cue.loop_to) ~= "string" then fail("%s: loop_to: the name of a cue expected", what) end
    if follow_on then fail("%s: loop_to needs a time", what) end
    read.loop_to, read.times = cue.loop_to, cue.times or math.huge
  elseif type(cue[first]) == "function" then
    read.action = cue[first]
  else
    check_command(what, cue[first], cue[first + 1], cue)
    read.topic, read.payload = cue[first], cue[first + 1]
  end
  return read
end

local function check_names(sheet)
  local names = {}
  for _, cue in ipairs(sheet) do
    if cue.name ~= nil then
      if type(cue.name) ~= "string" then fail("cue %d: name: text expected", cue.number) end
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
  for number, entry in ipairs(entries) do
    local what = ("on_stop %d"):format(number)
    if type(entry) == "table" then
      check_options(what, entry, { "qos", "retain", "confirm" })
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

local function check_trigger(trigger)
  if trigger == nil then return end
  local list = type(trigger) == "table" and type(trigger[1]) == "table" and trigger or { trigger }
  for _, one in ipairs(list) do
    local named = type(one) == "table" and (one.every or one.at or one[1])
    if not named then
      fail("trigger: { topic, payload }, { every = seconds } or { at = \"18:00\" } expected")
    end
    check_options("trigger", one, { "every", "at" })
  end
end

-- Raises on the first thing that is wrong. Adds `sheet`, the cues in playing order.
function declaration.check(definition)
  if type(definition) ~= "table" then
    fail("a table or function expected, got %s", type(definition))
  end
  check_options("options", definition, SCENE_OPTIONS)
  if definition.room ~= nil and (type(definition.room) ~= "string" or definition.room == "") then
    fail("room: a name expected")
  end
  if (definition.cues ~= nil) == (definition.story ~= nil) then
    fail("either cues or story expected")
  end
  check_seconds("go_debounce", definition.go_debounce, true)
  definition.on_stop = definition.on_stop or {}
  check_on_stop(definition.on_stop)
  check_reload(definition)
  check_trigger(definition.trigger)
  local loop = definition.loop
  if loop ~= nil and loop ~= true and not (type(loop) == "number" and loop >= 1) then
    fail("loop: true or a number of times expected, got %s", tostring(loop))
  end
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
declaration.read_cue = read_cue

return declaration
