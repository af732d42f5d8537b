-- Follow-ons: cues that fire when the cue before has settled: confirmed, or its sound has ended.
local FollowOns = {}

local function remove(sheet, chain)
  for index, other in ipairs(sheet.chains) do
    if other == chain then return table.remove(sheet.chains, index) end
  end
end

local advance -- Forward: chains go from cue to cue.

-- The cue before step `chain.step` has settled: after its post-wait and our pre-wait, we go.
local function wait_for_turn(sheet, chain, post_wait)
  local cue = chain.cues[chain.step]
  if not cue then
    remove(sheet, chain)
    return sheet:fire_due() -- The end of a round may have waited for this.
  end
  local at = sheet.clock:position() + post_wait + cue.pre_wait
  chain.due, chain.media = at, nil
  chain.alarm = sheet.clock:alarm(at, function() advance(sheet, chain, at) end)
  sheet:keep()
end

-- Calls `done` when what plays on `topic` has ended.
local function when_media_ends(chain, topic, done)
  chain.media, chain.due = topic, nil
  chain.listener = media.on_end(function(event)
    if event.topic ~= topic then return end
    chain.listener:cancel()
    chain.listener = nil
    done()
  end)
end

-- Fires one cue of a chain; what follows waits until it has settled.
local function fire(sheet, chain, cue, at)
  chain.step = chain.step + 1
  local function settled() wait_for_turn(sheet, chain, cue.post_wait) end
  if cue.action then
    sheet:call(cue.action, at)
    return settled()
  end
  chain.due = nil
  local last = chain.cues[chain.step] == nil
  chain.token = sheet.next_token -- The command that the chain waits for.
  sheet:send(cue, at, function()
    chain.token = nil
    if chain.cancelled then return end
    if not last and FollowOns.is_media(cue.topic) and media.playing(cue.topic) then
      return when_media_ends(chain, cue.topic, settled)
    end
    settled()
  end)
  sheet:keep()
end

function advance(sheet, chain, at)
  chain.alarm = nil
  fire(sheet, chain, chain.cues[chain.step], at)
end

function FollowOns.is_media(topic) return topic:find "/audio$" or topic:find "/video$" end

-- Fires a timed cue, and after it its follow-ons, if it has any.
function FollowOns.play(sheet, cue, at)
  if #cue.follow_ons == 0 then
    if cue.action then
      sheet:call(cue.action, at)
    else
      sheet:send(cue, at)
    end
    return
  end
  local chain = { anchor = cue.number, cues = cue.follow_ons, step = 0 }
  sheet.had_follow_ons = true
  table.insert(sheet.chains, chain)
  fire(sheet, chain, cue, at)
end

-- A chain of the version before: carried on where it stood. The new version may have fewer cues.
function FollowOns.adopt(sheet, anchor, exported)
  local chain = { anchor = anchor.number, cues = anchor.follow_ons, step = exported.step }
  local cue = chain.cues[chain.step]
  if not cue then return end
  table.insert(sheet.chains, chain)
  local function turn() wait_for_turn(sheet, chain, 0) end
  local waiting = exported.token and sheet.waiting[exported.token]
  if waiting then
    chain.token = exported.token
    waiting.done = function()
      chain.token = nil
      if not chain.cancelled then turn() end
    end
  elseif exported.due then
    chain.due = exported.due
    chain.alarm = sheet.clock:alarm(chain.due, function() advance(sheet, chain, chain.due) end)
  elseif exported.media and media.playing(exported.media) then
    when_media_ends(chain, exported.media, turn)
  else
    turn()
  end
end

function FollowOns.export(sheet)
  local list = {}
  for _, chain in ipairs(sheet.chains) do
    list[#list + 1] = {
      anchor = chain.anchor, step = chain.step, due = chain.due, media = chain.media,
      token = chain.token,
    }
  end
  return list
end

function FollowOns.cancel_all(sheet)
  for _, chain in ipairs(sheet.chains) do
    chain.cancelled = true
    sheet.clock:cancel(chain.alarm)
    if chain.listener then chain.listener:cancel() end
  end
  sheet.chains = {}
end

return FollowOns
