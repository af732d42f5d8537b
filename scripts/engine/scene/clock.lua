-- A scene's own clock: it can be paused, and everything that waits on it waits along.
local Clock = {}
Clock.__index = Clock

function Clock.new(position)
  return setmetatable({ zero = timer.now() - (position or 0), alarms = {} }, Clock)
end

function Clock:position()
  return self.paused_at or timer.now() - self.zero
end

local function arm(self, alarm)
  alarm.timer = timer.after(math.max(0, alarm.at - self:position()), function()
    self.alarms[alarm] = nil
    alarm.fn()
  end)
end

-- Calls `fn` when the clock shows `at`; the alarm returned can be cancelled.
function Clock:alarm(at, fn)
  local alarm = { at = at, fn = fn }
  self.alarms[alarm] = true
  if not self.paused_at then arm(self, alarm) end
  return alarm
end

function Clock:cancel(alarm)
  if not alarm or not self.alarms[alarm] then return end
  self.alarms[alarm] = nil
  if alarm.timer then alarm.timer:cancel() end
end

function Clock:pause()
  self.paused_at = self:position()
  for alarm in pairs(self.alarms) do
    if alarm.timer then alarm.timer:cancel() end
  end
end

function Clock:resume()
  self.zero, self.paused_at = timer.now() - self.paused_at, nil
  for alarm in pairs(self.alarms) do arm(self, alarm) end
end

-- Jumps to another position; alarms keep the position at which they ring.
function Clock:set(position)
  if self.paused_at then
    self.paused_at = position
    return
  end
  self.zero = timer.now() - position
  for alarm in pairs(self.alarms) do
    alarm.timer:cancel()
    arm(self, alarm)
  end
end

function Clock:cancel_all()
  for alarm in pairs(self.alarms) do self:cancel(alarm) end
end

return Clock
