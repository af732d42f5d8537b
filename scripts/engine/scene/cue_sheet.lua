-- Plays a cue sheet: timed cues by one alarm at a time, follow-ons when the cue before has settled.
local Performance = require "engine.scene.performance"
local FollowOns = require "engine.scene.follow_ons"

local CueSheet = Performance.extend()

local AT_ONCE = 1e-6 -- Seconds: cues this near to the clock are due.

function CueSheet.new(scene, handle)
  local self = Performance.create(CueSheet, scene, handle)
  self.sheet = scene.definition.sheet
  self.duration = math.max(self.sheet[#self.sheet].at, scene.definition.length or 0)
  self.index = 1 -- The next timed cue.
  self.rounds = 1 -- Times that the whole sheet was begun.
  self.loops = {} -- Times that each loop cue, by number, has gone back.
  self.chains = {} -- Follow-ons under way.
  return self
end

function CueSheet:start() self:fire_due() end

-- Fires what is due, in order, and sets the alarm for what comes next.
function CueSheet:fire_due()
  self.clock:cancel(self.alarm)
  self.alarm = nil
  while self.state == "running" do
    local cue = self.sheet[self.index]
    local at = cue and cue.at or self.duration
    if at > self.clock:position() + AT_ONCE then
      self.clock:cancel(self.alarm) -- A cue may have jumped, and so have set one.
      self.alarm = self.clock:alarm(at, function() self:fire_due() end)
      return self:keep()
    end
    if cue then
      self.index = self.index + 1
      self:fire(cue)
    elseif not self:begin_next_round() then
      break
    end
  end
  self:keep()
  self:end_if_over()
end

-- A round lasts until its follow-ons have been played, and never no time at all.
function CueSheet:begin_next_round()
  local loop = self.definition.loop
  if not loop or (loop ~= true and self.rounds >= loop) then return false end
  if #self.chains > 0 or self.clock:position() <= 0 then return false end
  self.rounds = self.rounds + 1
  self:go_to(1, self.had_follow_ons and self.clock:position() or self.duration)
  return true
end

function CueSheet:fire(cue)
  if cue.loop_to then
    local gone_back = self.loops[cue.number] or 0
    if gone_back >= cue.times then return end
    self.loops[cue.number] = gone_back + 1
    return self:go_to(self:index_of(self.sheet.names[cue.loop_to]), cue.at)
  end
  FollowOns.play(self, cue, cue.at)
end

function CueSheet:index_of(wanted)
  for index, cue in ipairs(self.sheet) do
    if cue == wanted then return index end
  end
end

-- The cue at `index` is the next, and the clock shows its time; coming from the cue that was due
-- at `from`, by how much we are late is kept, so that loops do not drift.
function CueSheet:go_to(index, from)
  local late = from and self.clock:position() - from or 0
  self.index = index
  self.clock:set((index == 1 and 0 or self.sheet[index].at) + late)
end

function CueSheet:resume()
  local ok, err = Performance.resume(self)
  if ok then self:fire_due() end
  return ok, err
end

function CueSheet:refuse()
  return nil, ("scene '%s' is %s"):format(self.scene.name, self.state)
end

function CueSheet:jump(name)
  local cue = self.sheet.names[name]
  if not cue then
    return nil, ("scene '%s' has no cue named '%s'"):format(self.scene.name, tostring(name))
  end
  if self.state == "stopping" then return self:refuse() end
  self:note(("jump to %s"):format(name))
  FollowOns.cancel_all(self)
  self:go_to(self:index_of(cue))
  if self.state == "running" then self:fire_due() else self:keep() end
  return true
end

-- Sends the state that would hold at `seconds`: the last value of each topic, in order of time.
-- Sound, video and functions are left out.
function CueSheet:seek(seconds)
  if self.state == "stopping" then return self:refuse() end
  if seconds > self.duration then
    return nil, ("scene '%s' is %.1f s long"):format(self.scene.name, self.duration)
  end
  self:note(("seek to %.1fs"):format(seconds))
  FollowOns.cancel_all(self)
  local last = {}
  for _, cue in ipairs(self.sheet) do
    local holds = cue.at <= seconds and cue.topic and not FollowOns.is_media(cue.topic)
    if holds then last[cue.topic] = cue end
  end
  self.index = #self.sheet + 1
  for index = #self.sheet, 1, -1 do
    if self.sheet[index].at > seconds then self.index = index end
  end
  self.clock:set(seconds)
  for _, cue in ipairs(self.sheet) do
    if cue.topic and last[cue.topic] == cue then self:send(cue, seconds) end
  end
  if self.state == "running" then self:fire_due() else self:keep() end
  return true
end

function CueSheet:is_over()
  return not self.sheet[self.index] and not self.alarm and #self.chains == 0
end

function CueSheet:cancel() FollowOns.cancel_all(self) end

function CueSheet:status_next()
  local cue = self.sheet[self.index]
  if cue then return self.describe(cue), cue.at end
  local chain = self.chains[1]
  if chain then return self.describe(chain.cues[chain.step]), chain.due end
end

function CueSheet:pending()
  local list = {}
  for index = self.index, #self.sheet do
    local cue = self.sheet[index]
    list[#list + 1] = { at = cue.at, text = self.describe(cue) }
  end
  return list
end

return CueSheet
