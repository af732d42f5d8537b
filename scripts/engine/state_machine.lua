-- Scenes as states: what is done on entering and leaving each, and what leads to the next.
local scene = require "engine.scene"
local definition = require "engine.state_machine.definition"
local play = require "engine.state_machine.play"

local PASSED_ON = { "room", "trigger", "on_stop", "on_reload", "on_restart", "go_debounce",
  "description" }

local function declare(name, options)
  local ok, machine = pcall(definition.read, options)
  if not ok then error(("state_machine '%s': %s"):format(name, machine), 3) end
  local as_scene = { story = function(s, kept) play(machine, s.story, kept) end }
  for _, key in ipairs(PASSED_ON) do as_scene[key] = options[key] end
  local declared, result = pcall(scene, name, as_scene)
  if not declared then error(result, 3) end
  return result
end

return function(name, options)
  if type(name) ~= "string" or name == "" then
    error(("state_machine: a name expected, got %s"):format(name == "" and "''" or type(name)), 2)
  end
  if options == nil then
    return function(given)
      local declared = declare(name, given) -- No tail call: the level of errors counts.
      return declared
    end
  end
  local declared = declare(name, options)
  return declared
end
