-- The transitions of the museum controller's state machines.
local checks = require "engine.import_museum.checks"
local lua_text = require "engine.import_museum.lua_text"

local CONDITIONS = {
  timeout = function(what, transition)
    local delay = checks.present(transition.delay) or 0
    return "timeout = " .. lua_text.seconds(checks.seconds(what, "delay", delay))
  end,
  audioEnd = function(what, transition)
    return "audio_end = " .. lua_text.quote(checks.text(what, "target", transition.target))
  end,
  videoEnd = function(what, transition)
    return "video_end = " .. lua_text.quote(checks.text(what, "target", transition.target))
  end,
  mqttMessage = function(what, transition)
    return ("message = { %s, %s }"):format(
      lua_text.quote(checks.topic(what, transition.topic)),
      lua_text.quote(checks.message(what, transition.message)))
  end,
  always = function() return "always = true" end,
}

-- The two cells of a row: what it waits for, and where it leads.
return function(what, transition, states)
  local kind = checks.text(what, "type", checks.object(what, transition).type)
  local target = checks.text(what, "goto", transition["goto"])
  if target ~= "END" and not states[target] then
    checks.fail("%s: goto: there is no state '%s'", what, target)
  end
  local condition = CONDITIONS[kind]
  if not condition then
    checks.fail("%s: type: timeout, audioEnd, videoEnd, mqttMessage or always expected, got '%s'",
      what, kind)
  end
  return { condition(what, transition), "to = " .. lua_text.quote(target) }
end
