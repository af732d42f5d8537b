-- The list form of the museum controller's scenes (timestamp, topic, message) as a cue sheet.
local checks = require "engine.import_museum.checks"
local lua_text = require "engine.import_museum.lua_text"

local function read_cue(number, action)
  local what = ("action %d"):format(number)
  checks.object(what, action)
  return {
    number = number,
    at = checks.seconds(what, "timestamp", action.timestamp),
    topic = checks.topic(what, action.topic),
    message = checks.message(what, action.message),
  }
end

-- By time; what has the same time stays in the order of the file.
local function read_cues(actions)
  if #actions == 0 then checks.fail("the list has no actions: there is nothing to play") end
  local cues = {}
  for number, action in ipairs(actions) do cues[number] = read_cue(number, action) end
  table.sort(cues, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.number < b.number
  end)
  return cues
end

-- The old controller stopped the video at the end of a scene, and left the sound alone.
local function on_stop(cues)
  local rows, seen = {}, {}
  for _, cue in ipairs(cues) do
    if cue.topic:find "/video$" and not seen[cue.topic] then
      seen[cue.topic] = true
      rows[#rows + 1] = { lua_text.quote(cue.topic), lua_text.quote "STOP_VIDEO" }
    end
  end
  return rows
end

-- Lua source; raises on the first thing that is wrong.
return function(actions, name, room)
  local cues = read_cues(actions)
  local topics, rows = {}, {}
  for index, cue in ipairs(cues) do
    topics[index] = cue.topic
    rows[index] = {
      lua_text.seconds(cue.at), lua_text.quote(cue.topic), lua_text.quote(cue.message),
    }
  end
  room = room or checks.room_of(topics)
  local lines = {
    lua_text.comment(("Imported from the museum controller's scene %s."):format(name)),
    'local scene = require "engine.scene"',
    "",
    ("scene %s {"):format(lua_text.quote(name)),
  }
  local function add(line) lines[#lines + 1] = line end
  if room then add(("  room = %s,"):format(lua_text.quote(room))) end
  add "  cues = {"
  add(lua_text.rows("    ", rows))
  add "  },"
  local stops = on_stop(cues)
  if #stops > 0 then
    add "  on_stop = {"
    add(lua_text.rows("    ", stops))
    add "  },"
  end
  add "}"
  return table.concat(lines, "\n") .. "\n"
end
