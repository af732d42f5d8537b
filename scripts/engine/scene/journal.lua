-- Writes down where a performance stands, so that it can go on after a power cut.
local buffer = require "string.buffer"
local FollowOns = require "engine.scene.follow_ons"

local journal = {}

local ASKED = { resume = true, rejoin = true }
local MOST_STEPS = 10000 -- Of a story: replaying more than that would take too long.

-- Where a performance stands, as plain data.
function journal.snapshot(performance)
  local data = {
    position = performance.clock:position(),
    paused = performance.state == "paused",
    next_token = performance.next_token,
    faulty = performance.faulty,
  }
  local sheet = performance.sheet
  if sheet then
    local next_cue = sheet[performance.index]
    local fired = sheet[performance.index - 1]
    data.next_at, data.fired_to = next_cue and next_cue.at, fired and fired.at
    data.rounds, data.loops = performance.rounds, performance.loops
    data.chains = FollowOns.export(performance)
  end
  return data
end

local function unconfirmed(performance)
  local topics = {}
  for _, entry in pairs(performance.waiting) do topics[#topics + 1] = entry.cue.topic end
  table.sort(topics)
  return topics
end

local function write(performance)
  if performance.finished or performance.replaying then return end
  local handle = performance.handle
  if performance.state == "stopping" then return handle:journal(nil) end -- Only its end is left.
  local data = journal.snapshot(performance)
  data.unconfirmed = unconfirmed(performance)
  data.kept, data.gave_up = performance.kept, performance.gave_up
  if handle:journal(buffer.encode(data)) then return end
  performance.keep, performance.recording = nil, nil
end

-- From now on the performance is written down, if its scene asks for it: `carried_on` with what
-- is written down already.
function journal.attach(performance, carried_on)
  if not ASKED[performance.definition.on_restart] then return end
  if not carried_on then performance.handle:journal(nil) end
  performance.keep = write
  performance.recording = performance.definition.story ~= nil
  performance.steps = carried_on and performance.steps or 0
  write(performance)
end

local function give_up(story, why)
  story.recording, story.gave_up = false, why
  story.handle:journal(nil)
  write(story)
end

-- A step of a story: what a branch has waited for and what came of it, or how a command was sent.
function journal.step(story, step)
  if not story.recording or story.replaying or story.state == "stopping" then return end
  story.steps = story.steps + 1
  if story.steps > MOST_STEPS then
    return give_up(story, ("the story is longer than %d steps"):format(MOST_STEPS))
  end
  local ok, bytes = pcall(buffer.encode, step)
  if not ok then return give_up(story, ("a step cannot be kept: %s"):format(tostring(bytes))) end
  if not story.handle:journal_step(bytes) then give_up(story, "the journal has no room left") end
end

return journal
