-- Scenes: cue sheets and stories, and what starts, steers and ends them.
local arguments = require "engine.scene.arguments"
local declaration = require "engine.scene.declaration"
local cue_sheet = require "engine.scene.cue_sheet"
local journal = require "engine.scene.journal"
local recover = require "engine.scene.recover"
local story = require "engine.scene.story"
local reload = require "engine.scene.reload"
local trigger = require "engine.scene.trigger"

local Scene = {}
Scene.__index = Scene

local declared = {} -- Scenes of this script by name.

local function default_debounce()
  return config.scene and config.scene.go_debounce or 0.3
end

function Scene:go()
  local now = timer.now()
  if self.performance then return nil, ("scene '%s' runs already"):format(self.name) end
  local debounce = self.definition.go_debounce or default_debounce()
  if self.last_go and now - self.last_go < debounce then
    return nil, ("scene '%s': GO ignored, %.1f s have not passed since the last"):format(
      self.name, debounce)
  end
  local handle, err = self.handle:begin(declaration.safety_cues(self.definition))
  if not handle then return nil, err end
  self.last_go = now
  self:perform(handle)
  return true
end

-- Starts from the beginning under the performance `handle`.
function Scene:perform(handle)
  local kind = self.definition.story and story or cue_sheet
  self.performance = kind.new(self, handle)
  journal.attach(self.performance)
  self.performance:start()
end

-- Called by the performance as its last act.
function Scene:ended() self.performance = nil end

local function idle(self) return nil, ("scene '%s' does not run"):format(self.name) end

function Scene:stop(now)
  if not self.performance then return idle(self) end
  self.performance:stop("stopped", now)
  return true
end

function Scene:pause()
  if not self.performance then return idle(self) end
  return self.performance:pause()
end

function Scene:resume()
  if not self.performance then return idle(self) end
  return self.performance:resume()
end

function Scene:jump(cue)
  if not self.performance then return idle(self) end
  return self.performance:jump(cue)
end

function Scene:seek(seconds)
  if not self.performance then return idle(self) end
  return self.performance:seek(seconds)
end

-- What is still to come: array of {at, text}, earliest first.
function Scene:pending()
  return self.performance and self.performance:pending() or {}
end

function Scene:status()
  if not self.performance then return { state = "idle", position = 0 } end
  return self.performance:status()
end

arguments.guard_scene(Scene)

-- The functions by which the engine steers this scene.
local function control_of(self)
  local control = {
    settled = function(token, result, elapsed, payload)
      if self.performance then self.performance:settled(token, result, elapsed, payload) end
    end,
    export = function() return reload.export(self) end,
    adopt = function(handle, exported) return reload.adopt(self, handle, exported) end,
    restart_mode = function() return recover.mode(self) end,
    recover = function(handle, interrupted)
      local ok, outcome, detail = pcall(recover.perform, self, handle, interrupted)
      if ok then return outcome, detail end
      if self.performance then reload.let_go(self) end
      error(outcome, 0)
    end,
  }
  for _, name in ipairs { "go", "stop", "pause", "resume", "jump", "seek", "status" } do
    control[name] = function(argument) return self[name](self, argument) end
  end
  return control
end

local function declare(name, definition)
  if declared[name] then error("it is declared twice in this script", 0) end
  declaration.check(definition)
  local self = setmetatable({ name = name, definition = definition }, Scene)
  self.handle = stage.add {
    name = name,
    room = definition.room,
    triggered = definition.trigger ~= nil,
    control = control_of(self),
  }
  declared[name] = self
  trigger.install(self, definition.trigger)
  return self
end

-- Errors are raised two levels up, at the author's line, without the place in this library.
local function declare_checked(name, definition)
  local ok, result = pcall(declare, name, definition)
  if ok then return result end
  local message = tostring(result):gsub("^[^\n:]*%.lua:%d+: ", "")
  error(("scene '%s': %s"):format(name, message), 3)
end

local function scene(_, name, definition)
  if type(name) ~= "string" or name == "" then
    error(("scene: a name expected, got %s"):format(name == "" and "''" or type(name)), 2)
  end
  if definition == nil then
    return function(options)
      local self = declare_checked(name, options) -- No tail call: the level of errors counts.
      return self
    end
  end
  if type(definition) == "function" then definition = { story = definition } end
  local self = declare_checked(name, definition)
  return self
end

return setmetatable({
  -- The scene of that name in this script, or nil.
  find = function(name)
    if type(name) ~= "string" then
      error(("scene.find: the name of a scene expected, got %s"):format(type(name)), 2)
    end
    return declared[name]
  end,
}, { __call = scene })
