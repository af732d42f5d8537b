-- What becomes of a performance that a power cut has interrupted: `on_restart`.
local buffer = require "string.buffer"
local cue_sheet = require "engine.scene.cue_sheet"
local declaration = require "engine.scene.declaration"
local journal = require "engine.scene.journal"
local reload = require "engine.scene.reload"
local replay = require "engine.scene.replay"
local story = require "engine.scene.story"

local recover = {}

local function decoded(bytes)
  if not bytes then return nil end
  local ok, value = pcall(buffer.decode, bytes)
  return ok and type(value) == "table" and value or nil
end

local function decoded_steps(list)
  local steps = {}
  for number, bytes in ipairs(list) do
    steps[number] = decoded(bytes)
    if not steps[number] then return nil end
  end
  return steps
end

-- What was promised for its end when it began, and is no longer in on_stop: sent all the same.
local function add_former_on_stop(performance, safety)
  local known = {}
  for _, entry in ipairs(performance:all_on_stop()) do
    if type(entry) == "table" then
      local payload = entry[2]
      known[entry[1] .. "\0" .. (type(payload) == "table" and json.encode(payload)
        or tostring(payload))] = true
    end
  end
  for _, cue in ipairs(safety) do
    if not known[cue[1] .. "\0" .. cue[2]] then table.insert(performance.more_on_stop, cue) end
  end
end

local function stop(scene, handle, interrupted, position, why)
  local performance = scene.performance
  if not performance then
    performance = (scene.definition.story and story or cue_sheet).new(scene, handle)
    scene.performance = performance
    performance.clock:set(position)
  end
  add_former_on_stop(performance, interrupted.safety)
  performance:stop("stopped")
  return "stopped", why
end

-- A looping sheet has begun again meanwhile, perhaps for the last time.
local function wrap(definition, data, position)
  local loop, length = definition.loop, definition.sheet[#definition.sheet].at
  length = math.max(length, definition.length or 0)
  if not loop or position < length or length <= 0 then return position end
  local rounds = math.floor(position / length)
  if loop ~= true and data.rounds + rounds > loop then return position end
  data.rounds = data.rounds + rounds
  return position - rounds * length
end

-- Puts the sheet to `position`; what was due on the way is only told.
local function skip_to(scene, handle, data, position)
  local from, missed = data.next_at or math.huge, 0
  local wrapped = wrap(scene.definition, data, position)
  for _, cue in ipairs(scene.definition.sheet) do
    local before = cue.at >= from and (cue.at <= position or wrapped ~= position)
    local again = wrapped ~= position and cue.at <= wrapped and cue.at < from
    if before or again then
      missed = missed + 1
      handle:note(cue.at, ("missed: %s"):format(declaration.describe(cue)))
    end
  end
  data.position, data.next_at, data.fired_to, data.chains = wrapped, nil, wrapped, {}
  return missed
end

local function carry_sheet_on(scene, handle, data, position, rejoins)
  local detail = ""
  data.position, data.waiting = position, {} -- Nobody answers any more.
  if rejoins and not data.paused then
    local missed = skip_to(scene, handle, data, position)
    detail = (", %d cue%s missed"):format(missed, missed == 1 and "" or "s")
  end
  reload.carry_on(scene, handle, data)
  return true, detail
end

local function carry_story_on(scene, handle, data, position, interrupted)
  local steps = decoded_steps(interrupted.steps)
  if not steps then return nil, "its journal cannot be read" end
  local performance = story.new(scene, handle)
  scene.performance = performance
  performance.faulty, performance.next_token = data.faulty, data.next_token
  if data.kept then
    performance.kept = data.kept
    performance.clock:set(position)
    if data.paused then
      performance.clock:pause()
      performance.state = "paused"
    end
    journal.attach(performance, true)
    performance:begin(data.kept)
  else
    performance.recording = true
    local ok, err = replay.run(performance, steps, position, data.paused)
    if not ok then return nil, err end
    journal.attach(performance, true)
  end
  performance:end_if_over()
  return true, ""
end

local function carry_on(scene, handle, interrupted, data, position, mode)
  local where = math.max(0, position)
  if mode == "rejoin" and not data.paused then where = where + interrupted.away end
  for _, topic in ipairs(data.unconfirmed or {}) do
    handle:note(position, ("%s: whether it was confirmed is not known"):format(topic))
  end
  local ok, detail
  if scene.definition.story then
    ok, detail = carry_story_on(scene, handle, data, where, interrupted)
  elseif data.chains then
    ok, detail = carry_sheet_on(scene, handle, data, where, mode == "rejoin")
  else
    detail = "it was a story, and now it is a cue sheet"
  end
  if ok then return "resumed", ("at %.1fs%s"):format(where, detail) end
  return stop(scene, handle, interrupted, position, detail)
end

-- `interrupted`: { away, lived (seconds), safety, data, steps }. Returns "resumed", "restarted" or
-- "stopped", and where or why.
function recover.perform(scene, handle, interrupted)
  local mode = recover.mode(scene)
  local data = decoded(interrupted.data)
  local position = data and data.position + (data.paused and 0 or interrupted.lived) or 0
  handle:protect(declaration.safety_cues(scene.definition))
  handle:note(position, ("interrupted, away for %.1f s"):format(interrupted.away))
  if mode == "restart" then
    handle:journal(nil)
    scene:perform(handle)
    return "restarted", "on_restart = \"restart\""
  elseif mode == "stop" then
    return stop(scene, handle, interrupted, position, "on_restart = \"stop\"")
  elseif not data or data.gave_up then
    local why = data and data.gave_up or "the journal does not say where it stood"
    return stop(scene, handle, interrupted, position, why)
  elseif scene.definition.story and data.chains then
    return stop(scene, handle, interrupted, position, "it was a cue sheet, and now it is a story")
  end
  return carry_on(scene, handle, interrupted, data, position, mode)
end

function recover.mode(scene) return scene.definition.on_restart or "stop" end

return recover
