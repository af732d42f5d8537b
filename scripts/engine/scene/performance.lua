-- What cue sheets and stories have in common: sending, confirmations, pausing, and the end.
local declaration = require "engine.scene.declaration"
local Clock = require "engine.scene.clock"

local Performance = {}
Performance.__index = Performance

-- `kind` supplies start, is_over, cancel, status_next and pending.
function Performance.extend()
  local kind = setmetatable({}, { __index = Performance })
  kind.__index = kind
  return kind
end

function Performance.create(kind, scene, handle)
  return setmetatable({
    scene = scene,
    definition = scene.definition,
    handle = handle,
    clock = Clock.new(0),
    state = "running",
    waiting = {}, -- Commands that wait for a confirmation, by token.
    next_token = 1,
    more_on_stop = {}, -- Of scenes that are run as part of this one.
    held_back = {}, -- What happens when a pause is over.
  }, kind)
end

local function count(table) local n = 0 for _ in pairs(table) do n = n + 1 end return n end

-- Sends one command; `done(result)` hears how it was settled: "confirmed", "error", "timeout",
-- "abandoned", "failed", or "unconfirmed" where nothing was to be waited for.
function Performance:send(cue, at, done, tries)
  local token = self.next_token
  self.next_token = token + 1
  self.waiting[token] = { cue = cue, at = at, done = done, tries = tries or 0 }
  local how, pending = self.handle:send(token, at, cue.topic, cue.payload, {
    qos = cue.qos, retain = cue.retain, confirm = cue.confirm,
    late = not tries and self:late(at) or nil,
  })
  if not pending then
    self.waiting[token] = nil
    if done then done(how == "failed" and "failed" or "unconfirmed") end
  end
  return how
end

-- Seconds that have passed since `at`.
function Performance:late(at) return math.max(0, self.clock:position() - at) end

-- A cue that is a function of the author's.
function Performance:call(fn, at)
  self.handle:called(at, self:late(at))
  return self:protected(fn)
end

-- The engine says that the command of this token was settled.
function Performance:settled(token, result)
  local entry = self.waiting[token]
  if not entry then return end
  self.waiting[token] = nil
  local cue = entry.cue
  local missed = result == "timeout" or result == "error"
  if missed and entry.tries < (cue.retry or 0) and self.state ~= "stopping" then
    return self:when_resumed(function() self:try_again(entry) end)
  end
  if missed and self.state ~= "stopping" then self:missed(cue, result) end
  if entry.done then entry.done(result) end
  self:end_if_over()
end

function Performance:try_again(entry)
  local cue = entry.cue
  self:note(("%s: try %d of %d"):format(cue.topic, entry.tries + 2, cue.retry + 1))
  self:send(cue, entry.at, entry.done, entry.tries + 1)
end

-- At once, unless the scene is paused.
function Performance:when_resumed(act)
  if self.state ~= "paused" then return act() end
  table.insert(self.held_back, act)
end

function Performance:missed(cue, result)
  if cue.on_timeout == "stop" then
    self:note(("%s was not confirmed (%s): stopping"):format(cue.topic, result))
    self:stop("failed")
  elseif type(cue.on_timeout) == "function" then
    self:protected(cue.on_timeout, cue, result)
  end
end

-- Calls a function of the author's. An error is logged and counts against the scene, which goes on.
function Performance:protected(fn, ...)
  local arguments, n = { ... }, select("#", ...)
  script.enter(fn)
  local ok, err = xpcall(function() return fn(unpack(arguments, 1, n)) end, debug.traceback)
  if not ok then self:fault(err) end
  return ok
end

function Performance:fault(message)
  self.faulty = true
  script.fault(("scene '%s' at %.1fs"):format(self.scene.name, self.clock:position()), message)
end

-- Something has changed that matters after a power cut; see engine.scene.journal.
function Performance.keep() end

function Performance:note(text) self.handle:note(self.clock:position(), text) end

-- Ends the performance: on_stop is sent at once, and with `now` nothing is waited for.
function Performance:stop(reason, now)
  if self.state ~= "stopping" then
    self.reason = reason
    self:begin_stopping()
  end
  if now then self:finish() else self:end_if_over() end
end

function Performance:begin_stopping()
  if self.clock.paused_at then self.clock:resume() end
  self.state = "stopping"
  self:keep()
  self:cancel()
  self.clock:cancel_all()
  if self.reason ~= "finished" then
    self:steer_media("STOP", "STOP_VIDEO") -- What was begun is not wanted any more.
  end
  local at = self.clock:position()
  for _, entry in ipairs(self:all_on_stop()) do
    if type(entry) == "function" then
      self:call(entry, at)
    else
      self:send({ topic = entry[1], payload = entry[2], qos = entry.qos, retain = entry.retain,
        confirm = entry.confirm }, at)
    end
  end
end

function Performance:all_on_stop()
  local all = {}
  for _, entry in ipairs(self.more_on_stop) do all[#all + 1] = entry end
  for _, entry in ipairs(self.definition.on_stop) do all[#all + 1] = entry end
  return all
end

function Performance:end_if_over()
  if self.finished or self.state == "paused" then return end
  if self.state == "running" and self:is_over() and not next(self.waiting) then
    self.reason = "finished"
    self:begin_stopping()
  end
  if self.state == "stopping" and not next(self.waiting) then self:finish() end
end

function Performance:finish()
  if self.finished then return end
  self.finished = true
  self.scene:ended()
  local reason = self.reason
  if reason == "finished" and self.faulty then reason = "failed" end
  self.handle:finish(reason)
end

-- Every clock of the scene stands still, and what plays in its room too.
function Performance:pause()
  if self.state ~= "running" then
    return nil, ("scene '%s' is %s"):format(self.scene.name, self.state)
  end
  self.clock:pause()
  self.state = "paused"
  self:keep()
  self:note "paused"
  self:steer_media "PAUSE"
  return true
end

function Performance:resume()
  if self.state ~= "paused" then
    return nil, ("scene '%s' is not paused"):format(self.scene.name)
  end
  self.state = "running"
  self.clock:resume()
  self:keep()
  self:note "resumed"
  self:steer_media "RESUME"
  local held_back = self.held_back
  self.held_back = {}
  for _, act in ipairs(held_back) do act() end
  self:end_if_over()
  return true
end

-- Tells what plays in the scene's room to pause, go on or stop.
function Performance:steer_media(audio_command, video_command)
  local room = self.definition.room
  local audio, video = room and room .. "/audio" or "audio", room and room .. "/video" or "video"
  if media.playing(audio) then media.command(audio, audio_command) end
  if media.playing(video) then media.command(video, video_command or audio_command) end
end

function Performance:jump()
  return nil, ("scene '%s' is a story: it has no cues"):format(self.scene.name)
end
Performance.seek = Performance.jump

function Performance:status()
  local text, at = self:status_next()
  if self.state == "stopping" or not text then
    local left = count(self.waiting)
    text, at = left > 0 and ("%d confirmation%s"):format(left, left > 1 and "s" or "") or nil, nil
  end
  return {
    state = self.state, position = self.clock:position(), duration = self.duration,
    next = text, next_at = at,
  }
end

Performance.describe = declaration.describe

return Performance
