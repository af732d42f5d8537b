-- The state-machine form of the museum controller's scenes, as a scene of engine.state_machine.
local checks = require "engine.import_museum.checks"
local lua_text = require "engine.import_museum.lua_text"
local transition_row = require "engine.import_museum.transitions"

local quote = lua_text.quote

local KNOWN = {
  description = true, onEnter = true, onExit = true, transitions = true, timeline = true,
}

local function check_state(what, state)
  for key in pairs(checks.object(what, state)) do
    if not KNOWN[key] then checks.fail("%s: unknown key '%s'", what, tostring(key)) end
  end
end

-- The topic and payload of one action. The topic of sound and video is the room's.
local function action_row(what, action, room)
  local kind = checks.text(what, "action", checks.object(what, action).action)
  local topic
  if kind == "mqtt" then
    topic = checks.topic(what, action.topic)
  elseif kind == "audio" or kind == "video" then
    topic = ("%s/%s"):format(room, kind)
  else
    checks.fail("%s: action: mqtt, audio or video expected, got '%s'", what, kind)
  end
  local message = checks.message(what, action.message)
  if message == "" then checks.fail("%s: message is missing", what) end
  return { quote(topic), quote(message) }
end

local function action_rows(what, actions, room)
  local rows = {}
  for number, action in ipairs(checks.list(what, actions)) do
    rows[number] = action_row(("%s %d"):format(what, number), action, room)
  end
  return rows
end

-- The actions of one item of a timeline: the one that it is, or those that it has.
local function item_rows(what, item, room)
  local several = checks.present(item.actions)
  if item.action == nil and several then return action_rows(what .. ": action", several, room) end
  return { action_row(what, item, room) }
end

-- A row per action, with its time.
local function timeline_rows(what, timeline, room)
  local rows = {}
  for number, item in ipairs(checks.list(what, timeline)) do
    local which = ("%s %d"):format(what, number)
    local at = checks.seconds(which, "at", checks.object(which, item).at)
    for _, row in ipairs(item_rows(which, item, room)) do
      rows[#rows + 1] = { lua_text.seconds(at), unpack(row) }
    end
  end
  return rows
end

local function transition_rows(what, transitions, states)
  local rows = {}
  for number, transition in ipairs(checks.list(what, transitions)) do
    rows[number] = transition_row(("%s %d"):format(what, number), transition, states)
  end
  return rows
end

local function block(lines, indent, key, rows)
  if #rows == 0 then return end
  lines[#lines + 1] = ("%s%s = {"):format(indent, key)
  lines[#lines + 1] = lua_text.rows(indent .. "  ", rows)
  lines[#lines + 1] = indent .. "},"
end

local function add_state(lines, name, state, document, room)
  local what = ("state '%s'"):format(name)
  check_state(what, state)
  local description = checks.present(state.description)
  if description then lines[#lines + 1] = "    " .. lua_text.comment(tostring(description)) end
  lines[#lines + 1] = ("    %s = {"):format(lua_text.key(name))
  local indent = "      "
  block(lines, indent, "on_enter", action_rows(what .. ": onEnter", state.onEnter, room))
  if name ~= "END" then -- Of END, the old controller carried out no more than this.
    block(lines, indent, "timeline", timeline_rows(what .. ": timeline", state.timeline, room))
    block(lines, indent, "on_exit", action_rows(what .. ": onExit", state.onExit, room))
    block(lines, indent, "transitions",
      transition_rows(what .. ": transition", state.transitions, document.states))
  end
  lines[#lines + 1] = "    },"
end

-- The names of the states in the order in which one reaches them, then the rest; END last.
local function in_order(document)
  local names, seen = {}, { END = true }
  local function add(name)
    if type(name) ~= "string" or seen[name] or not document.states[name] then return end
    seen[name] = true
    names[#names + 1] = name
  end
  local function add_targets(transitions)
    if type(transitions) ~= "table" then return end
    for _, transition in ipairs(transitions) do
      if type(transition) == "table" then add(transition["goto"]) end
    end
  end
  add(document.initialState)
  local index = 1
  while names[index] do
    local state = document.states[names[index]]
    if type(state) == "table" then add_targets(state.transitions) end
    index = index + 1
    if not names[index] then add_targets(document.globalEvents) end
  end
  local rest = {}
  for name in pairs(document.states) do rest[#rest + 1] = name end
  table.sort(rest)
  for _, name in ipairs(rest) do add(name) end
  if document.states.END then names[#names + 1] = "END" end
  return names
end

-- Every topic and every kind of action that the document names, wherever it stands.
local function survey(value, topics, kinds)
  for _, inner in pairs(value) do
    if type(inner) == "table" then survey(inner, topics, kinds) end
  end
  if type(value.topic) == "string" then topics[#topics + 1] = value.topic end
  if type(value.action) == "string" then kinds[value.action] = true end
  return topics, kinds
end

-- As the old controller did at each end: no sound and no picture is left.
local function stop_rows(kinds, room)
  local rows = {}
  if kinds.audio then rows[#rows + 1] = { quote(room .. "/audio"), quote "STOP" } end
  if kinds.video then rows[#rows + 1] = { quote(room .. "/video"), quote "STOP_VIDEO" } end
  return rows
end

local function heading(document, name, room)
  local lines = {
    lua_text.comment(("Imported from the museum controller's scene %s."):format(name)),
  }
  local description = checks.present(document.description)
  if description then lines[2] = lua_text.comment(tostring(description)) end
  lines[#lines + 1] = lua_text.comment(("The old controller also sent %s/STOP = STOP at each end: "
    .. "add it to on_stop if devices need it."):format(room))
  return lines
end

-- Lua source; raises on the first thing that is wrong.
return function(document, name, room)
  checks.object("states", checks.object("scene", document).states)
  local initial = checks.text("scene", "initialState", document.initialState)
  if not document.states[initial] then
    checks.fail("initialState: there is no state '%s'", initial)
  end
  local topics, kinds = survey(document, {}, {})
  room = room or checks.room_of(topics) or "room1"
  local lines = heading(document, name, room)
  local function add(line) lines[#lines + 1] = line end
  add 'local state_machine = require "engine.state_machine"'
  add ""
  add(("state_machine %s {"):format(quote(name)))
  add(("  room = %s,"):format(quote(room)))
  add(("  initial = %s,"):format(quote(initial)))
  add "  states = {"
  for _, state in ipairs(in_order(document)) do
    add_state(lines, state, document.states[state], document, room)
  end
  add "  },"
  block(lines, "  ", "global_events",
    transition_rows("globalEvents", document.globalEvents, document.states))
  block(lines, "  ", "on_stop", stop_rows(kinds, room))
  add "}"
  return table.concat(lines, "\n") .. "\n"
end
