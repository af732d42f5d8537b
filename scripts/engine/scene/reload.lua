-- Hands a running performance from one version of a script to the next.
local cue_sheet = require "engine.scene.cue_sheet"
local declaration = require "engine.scene.declaration"
local FollowOns = require "engine.scene.follow_ons"
local journal = require "engine.scene.journal"

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
function reload.let_go(scene)
  local performance = scene.performance
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
  local exported = journal.snapshot(performance)
  exported.restart, exported.waiting = mode == "restart", export_waiting(performance)
  reload.let_go(scene)
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
  handle:note(exported.position, "reloaded: carrying on")
  reload.carry_on(scene, handle, exported)
  return true
end

-- A sheet goes on from where `exported` says that it stood.
function reload.carry_on(scene, handle, exported)
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
  if exported.paused then
    performance.clock:pause()
    performance.state = "paused"
  end
  adopt_chains(performance, exported.chains)
  journal.attach(performance, true)
  if not exported.paused then performance:fire_due() end
end

return reload
