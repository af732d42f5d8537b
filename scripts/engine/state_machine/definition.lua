-- Checks a state machine as an author declares it, and makes of it what is played.
local declaration = require "engine.scene.declaration"

local OPTIONS = {
  "room", "initial", "states", "global_events", "trigger", "on_stop", "on_reload", "on_restart",
  "go_debounce", "description",
}
local STATE_OPTIONS = { "on_enter", "on_exit", "timeline", "transitions", "description" }
local ACTION_OPTIONS = { "confirm", "qos", "retain", "retry", "on_timeout" }
local CONDITIONS = { "timeout", "message", "audio_end", "video_end", "always" }
local TRANSITION_OPTIONS = { "to", unpack(CONDITIONS) }

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_table(what, value)
  if type(value) ~= "table" then fail("%s: a table expected, got %s", what, type(value)) end
  return value
end

-- A list without names and holes; none is an empty one.
local function check_list(what, list)
  if list == nil then return {} end
  declaration.check_options(what, check_table(what, list), {}, #list)
  return list
end

-- Actions at once: { topic, payload } or { function }.
local function read_actions(what, actions)
  local read = {}
  for number, action in ipairs(check_list(what, actions)) do
    local which = ("%s %d"):format(what, number)
    declaration.check_options(which, check_table(which, action), ACTION_OPTIONS, 2)
    local cue = { 0, action[1], action[2] }
    for _, name in ipairs(ACTION_OPTIONS) do cue[name] = action[name] end
    read[number] = declaration.read_cue(which, cue)
  end
  return read
end

-- Actions at their time in the state, in the order in which they are played.
local function read_timeline(what, timeline)
  local read = {}
  for number, cue in ipairs(check_list(what, timeline)) do
    local which = ("%s %d"):format(what, number)
    declaration.check_options(which, check_table(which, cue), ACTION_OPTIONS, 3)
    read[number] = declaration.read_cue(which, cue)
    read[number].number = number
  end
  table.sort(read, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.number < b.number
  end)
  return read
end

local function read_message(which, message)
  local topic = check_table(which .. ": message", message)[1]
  declaration.check_options(which .. ": message", message, {}, 2)
  if type(topic) ~= "string" or topic == "" or topic:find "[+#]" then
    fail("%s: message: { topic, payload } expected, with a topic without wildcards", which)
  end
  local payload, kind = message[2], type(message[2])
  if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
    fail("%s: message: %s: a payload (text, number or boolean) expected, got %s", which, topic,
      kind)
  end
  -- Payloads are text, numbers in the form in which they are sent.
  return topic, kind == "string" and payload or json.encode(payload)
end

local CHECKS = {
  timeout = function(which, transition, read)
    local delay = transition.timeout
    if type(delay) ~= "number" or not (delay >= 0 and delay < 1e9) then
      fail("%s: timeout: seconds from 0 expected, got %s", which, tostring(delay))
    end
    read.delay = delay
  end,
  message = function(which, transition, read)
    read.topic, read.payload = read_message(which, transition.message)
  end,
  always = function(which, transition, read)
    if transition.always ~= true then fail("%s: always: true expected", which) end
    read.delay = 0
  end,
}

local function check_file(which, transition, read)
  local file = transition[read.kind]
  if type(file) ~= "string" or file == "" then
    fail("%s: %s: a file name expected", which, read.kind)
  end
  read.file = file
end
CHECKS.audio_end, CHECKS.video_end = check_file, check_file

local function read_transition(which, transition, states)
  declaration.check_options(which, check_table(which, transition), TRANSITION_OPTIONS)
  local read = { to = transition.to }
  for _, condition in ipairs(CONDITIONS) do
    if transition[condition] ~= nil then
      if read.kind then fail("%s: either %s or %s expected", which, read.kind, condition) end
      read.kind = condition
    end
  end
  if not read.kind then fail("%s: one of %s expected", which, table.concat(CONDITIONS, ", ")) end
  CHECKS[read.kind](which, transition, read)
  if type(read.to) ~= "string" then fail("%s: to: the name of a state, or END, expected", which) end
  if read.to ~= "END" and states[read.to] == nil then
    fail("%s: to: there is no state '%s'", which, read.to)
  end
  return read
end

local function read_transitions(what, transitions, states)
  local read = {}
  for number, transition in ipairs(check_list(what, transitions)) do
    read[number] = read_transition(("%s %d"):format(what, number), transition, states)
  end
  return read
end

local function read_state(name, state, states)
  local what = ("state '%s'"):format(tostring(name))
  if type(name) ~= "string" then
    fail("%s: a name expected, such as states = { dark = {} }", what)
  end
  declaration.check_options(what, check_table(what, state), STATE_OPTIONS)
  if state.description ~= nil and type(state.description) ~= "string" then
    fail("%s: description: text expected, got %s", what, type(state.description))
  end
  if name == "END" and (state.on_exit or state.timeline or state.transitions) then
    fail("%s: only on_enter is carried out, nothing comes after END", what)
  end
  return {
    on_enter = read_actions(what .. ": on_enter", state.on_enter),
    on_exit = read_actions(what .. ": on_exit", state.on_exit),
    timeline = read_timeline(what .. ": timeline", state.timeline),
    transitions = read_transitions(what .. ": transition", state.transitions, states),
  }
end

local definition = {}

-- The machine in the form that is played; raises on the first thing that is wrong.
function definition.read(options)
  declaration.check_options("options", check_table("options", options), OPTIONS)
  local states = check_table("states", options.states)
  if options.initial == nil or states[options.initial] == nil then
    fail("initial: there is no state '%s'", tostring(options.initial))
  end
  local machine = { room = options.room, initial = options.initial, states = {} }
  for name, state in pairs(states) do machine.states[name] = read_state(name, state, states) end
  machine.global_events = read_transitions("global_events", options.global_events, states)
  for _, transition in ipairs(machine.global_events) do transition.global = true end
  return machine
end

return definition
