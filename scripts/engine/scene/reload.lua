-- Hands a running performance from one version of a script to the next.
local cue_sheet = require "engine.scene.cue_sheet"
local declaration = require "engine.scene.declaration"
local FollowOns = require "engine.scene.follow_ons"

local reload = {}

-- Commands that still wait for a confirmation, without what cannot cross to another VM.
local function export_waiting(performance)
  local waiting = {}
  for token, entry in pairs(performance.waiting) do
    local cue = entry.cue
    waiting[#waiting + 1] = {
      token = token, at = entry.at, tries = entry.tries, topic = cue.topic, payload = cue.payload,
      qos = cue.qos, retain = cue.retain, confirm = cue.confirm, retry = cue.retry,
      on_timeout = type(cue.on_timeout) == "string" and cue.on_timeout or nil,
    }
  end
  return waiting
end

-- The old code lets go: nothing of this performance happens in it any more.
local function let_go(scene, performance)
  performance:cancel()
  performance.clock:cancel_all()
  performance.finished = true
  scene.performance = nil
end

-- A running performance as plain data, or nil and "finish": the old code plays it to its end.
function reload.export(scene)
  local performance, definition = scene.performance, scene.definition
  local mode = definition.on_reload or (definition.story and "finish" or "resume")
  if mode == "finish" or performance.state == "stopping" then return nil, "finish" end
  local exported = {
    restart = mode == "restart",
    position = performance.clock:position(),
    paused = performance.state == "paused",
    next_token = performance.next_token,
    waiting = export_waiting(performance),
    faulty = performance.faulty,
  }
  if performance.sheet then
    local next_cue = performance.sheet[performance.index]
    exported.next_at = next_cue and next_cue.at
    local fired = performance.sheet[performance.index - 1]
    exported.fired_to = fired and fired.at
    exported.rounds, exported.loops = performance.rounds, performance.loops
    exported.chains = FollowOns.export(performance)
  end
  let_go(scene, performance)
  return exported
end

local function first_to_come(sheet, exported)
  for index, cue in ipairs(sheet) do
    local due = exported.next_at and cue.at >= exported.next_at
    local past = math.max(exported.position, exported.fired_to or 0)
    if cue.at > past or due then return index end
  end
  return #sheet + 1
end

local function adopt_chains(performance, chains)
  for _, chain in ipairs(chains or {}) do
    for _, cue in ipairs(performance.sheet) do
      if cue.number == chain.anchor then FollowOns.adopt(performance, cue, chain) end
    end
  end
end

-- The new code carries on: cues at or before the position do not fire again.
function reload.adopt(scene, handle, exported)
  handle:protect(declaration.safety_cues(scene.definition))
  local restart = exported.restart or scene.definition.on_reload == "restart"
  if restart or scene.definition.story or not exported.chains then
    handle:note(exported.position, "reloaded: starting again")
    scene:perform(handle)
    return true
  end
  local performance = cue_sheet.new(scene, handle)
  scene.performance = performance
  performance.faulty = exported.faulty
  performance.next_token = exported.next_token
  performance.rounds, performance.loops = exported.rounds, exported.loops
  performance.clock:set(exported.position)
  performance.index = first_to_come(performance.sheet, exported)
  for _, entry in ipairs(exported.waiting) do
    performance.waiting[entry.token] = { cue = entry, at = entry.at, tries = entry.tries }
  end
  handle:note(exported.position, "reloaded: carrying on")
  if exported.paused then
    performance.clock:pause()
    performance.state = "paused"
  end
  adopt_chains(performance, exported.chains)
  if not exported.paused then performance:fire_due() end
  return true
end

return reload
