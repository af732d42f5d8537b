-- Brings a story back to where it stood: the function runs again, what it waited for is answered
-- from the journal, and nothing is sent until the journal has come to its end.
local replay = {}

local message = {
  __index = function(msg, key)
    if key ~= "json" and key ~= "json_error" or rawget(msg, "json_error") then return nil end
    local value, err = json.decode(msg.payload)
    rawset(msg, "json", value)
    rawset(msg, "json_error", err)
    return rawget(msg, key)
  end,
}

-- Messages decode their JSON on first use, as live ones do.
local function restored(results, n)
  for i = 1, n do
    local value = results[i]
    if type(value) == "table" and value.topic and value.payload then
      setmetatable(value, message)
    end
  end
  return unpack(results, 1, n)
end

local function waiting_in(story, branch)
  for wait in pairs(story.waits) do
    if wait.deferred and wait.branch.id == branch then return wait end
  end
end

local function diverged(step, wait)
  local now = wait and wait.key or "nothing to wait for"
  return nil, ("the story has changed: where it had '%s', it now has '%s'"):format(step.key, now)
end

local function answer(story, steps)
  for _, step in ipairs(steps) do
    if step.key then
      local wait = waiting_in(story, step.branch)
      if not wait or wait.key ~= step.key then return diverged(step, wait) end
      story.clock.paused_at = step.at
      wait.finish(restored(step.results, step.n))
      if story.state ~= "running" then return nil, "the story failed on its way there" end
    end
  end
  return true
end

-- What the story waits for is now waited for in earnest, the longest wait first.
local function go_live(story)
  local waits = {}
  for wait in pairs(story.waits) do waits[#waits + 1] = wait end
  table.sort(waits, function(a, b) return a.number < b.number end)
  for _, wait in ipairs(waits) do
    if wait.deferred and not wait.over then
      wait.deferred = nil
      local call_off = wait.begin(wait.finish, true)
      if not wait.over then
        wait.call_off = call_off
      elseif call_off then
        call_off()
      end
    end
  end
end

-- Takes a fresh story to the end of `steps`, and lets it go on at `position`. nil and why when it
-- does not lead there any more.
function replay.run(story, steps, position, paused)
  story.replaying, story.odd, story.steps = true, {}, #steps
  for _, step in ipairs(steps) do
    if step.how then story.odd[step.branch .. ":" .. step.send] = step.how end
  end
  story.clock.paused_at = 0
  story:begin()
  local ok, err = answer(story, steps)
  story.replaying = false
  if not ok then return nil, err end
  local last = steps[#steps]
  story.clock.paused_at = math.max(position, last and last.at or 0)
  if paused then story.state = "paused" else story.clock:resume() end
  go_live(story)
  return true
end

return replay
