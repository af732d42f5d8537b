-- What starts a scene by itself: a message, a period, a time of day.
local trigger = {}

local function fire(scene)
  local ok, err = scene:go()
  if not ok then log.debug("%s", err) end
end

-- Whether the message is the one that was asked for; `wanted` nil: any.
function trigger.matches(wanted, msg)
  if wanted == nil then return true end
  if type(wanted) == "function" then return wanted(msg) end
  return msg.payload == tostring(wanted)
end

local function install_one(scene, wanted)
  if wanted.every then return timer.every(wanted.every, function() fire(scene) end) end
  if wanted.at then return timer.at(wanted.at, function() fire(scene) end) end
  return mqtt.subscribe(wanted[1], function(msg)
    -- A retained message is old news: it starts nothing.
    if not msg.retained and trigger.matches(wanted[2], msg) then fire(scene) end
  end)
end

function trigger.install(scene, wanted)
  if wanted == nil then return end
  if type(wanted) == "table" and type(wanted[1]) == "table" then
    for _, one in ipairs(wanted) do install_one(scene, one) end
  else
    install_one(scene, wanted)
  end
end

return trigger
