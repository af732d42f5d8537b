-- Races: heats are staged, started by the start device, and timed by the lane timers.
local Announcer = require "engine.race.announcer"
local LogBook = require "engine.race.log_book"
local Track = require "engine.race.track"
local arguments = require "engine.race.arguments"
local board = require "engine.race.board"
local commands = require "engine.race.commands"
local control = require "engine.race.control"
local display = require "engine.race.display"
local heat = require "engine.race.heat"
local heats = require "engine.race.heats"
local options = require "engine.race.options"
local results = require "engine.race.results"

local Race = {}
Race.__index = Race

local declared = {} -- Races of this script by name.

-- Calls a function of the author's; its failure is its own.
local function call_author(self, what, fn, ...)
  script.enter(fn)
  local ok, first, second = xpcall(fn, debug.traceback, ...)
  if ok then return first, second end
  script.fault(("race '%s': %s"):format(self.name, what), first)
  return nil, ("%s has failed"):format(what)
end

-- A heat as the source writes it: stages it, if it is one.
local function stage_written(self, written, err)
  if written == nil then return nil, err or "there is no such heat" end
  local ok, drawn = pcall(heats.read, "source", written, self.options.lanes)
  if not ok then return nil, drawn end
  return heat.stage(self, drawn)
end

-- nil: the next heat that the source has. For commands and the like: what is wrong is returned.
function Race:stage_drawn(written)
  if written == nil then
    return stage_written(self, call_author(self, "source.next", self.source.next))
  end
  local ok, drawn = pcall(heats.read, "stage", written, self.options.lanes)
  if not ok then return nil, drawn end
  return heat.stage(self, drawn)
end

function Race:stage_named(round, number)
  if not self.source.find then return nil, "the source of heats finds none by number" end
  return stage_written(self, call_author(self, "source.find", self.source.find, round, number))
end

function Race:stage(written) return self:stage_drawn(written) end

function Race:abort(reason) return heat.abort(self, reason or "by hand") end

function Race:false_start(reason) return heat.false_start(self, reason or "by hand") end

function Race:rerun()
  local last = self.kept.last
  if not last then return nil, "no heat has been staged" end
  if self.kept.heat then heat.abort(self, "it is run again") end
  return heat.stage(self, last)
end

function Race:new_day()
  if self.kept.heat then return nil, "a heat is staged or running" end
  self.book:begin_day()
  self.kept.last = nil
  log.info("%s: a new day begins", self.name)
  self:show_standings(1)
  return true
end

function Race:update(device)
  if self.kept.heat then return nil, "a heat is staged or running" end
  return self.out:update(device)
end

function Race:status() return board.status(self) end

function Race:results(round) return self.book:list(round) end

function Race:standings(round)
  return results.standings(self.book:list(round), self.options)
end

-- Events go to the author and to where heats come from, with `tell_pending`.
function Race:tell(event) table.insert(self.pending, event) end

function Race:tell_pending()
  while #self.pending > 0 do
    local event = table.remove(self.pending, 1)
    if self.options.on_event then call_author(self, "on_event", self.options.on_event, event) end
    if self.source.report then call_author(self, "source.report", self.source.report, event) end
  end
end

function Race:show() board.show(self) end

function Race:show_standings(round)
  local list = call_author(self, "scoring", function() return self:standings(round) end)
  if list then board.show_standings(self, round, list) end
end

function Race:unready() return board.unready(self) end

arguments.guard(Race)

local function install(self)
  local topic = self.options.prefix
  local track = self.track
  -- With QoS 2 a message is handed over one round trip after its arrival: times would be late.
  local with_qos = { qos = 1 }
  mqtt.subscribe(topic .. "/device/+/state", function(msg, id) track:state(msg, id) end, with_qos)
  mqtt.subscribe(topic .. "/device/+/telemetry", function(msg, id) track:telemetry(msg, id) end,
    with_qos)
  mqtt.subscribe(topic .. "/device/+/status", function(msg, id) track:status(msg, id) end, with_qos)
  mqtt.subscribe(topic .. "/alerts", function(msg) board.alert_from_others(msg) end, with_qos)
  mqtt.subscribe(topic .. "/race/command", function(msg) commands.handle(self, msg) end,
    { qos = 2 })
  mqtt.on_connection(function(connected)
    if connected then self.out:repeat_all() end
  end)
  local named = "race " .. self.name
  timer.every(0.75, function() self.out:state(board.phase(self)) end, { name = named .. " state" })
  timer.every(0.95, function() self.out:time() end, { name = named .. " time" })
  timer.every(1, function() track:watch() end, { name = named .. " watch" })
end

local function hooks_of(self)
  return {
    go = function(msg) heat.start(self, msg.time) end,
    stop = function(msg) heat.closed(self, msg.time) end,
    finish = function(lane, msg) heat.finish(self, lane, msg.time) end,
    running_since = function() return self.kept.heat and self.kept.heat.started end,
    changed = function() self:show() end,
  }
end

-- What survives a save and a restart, in the script's `state`.
local function kept_of(name, prefix)
  state["engine.race"] = state["engine.race"] or {}
  local all = state["engine.race"]
  local kept = all[name]
  if not kept or kept.prefix ~= prefix then kept = { prefix = prefix, devices = {}, sent = {} } end
  all[name] = kept
  return kept
end

local function declare(name, given)
  if declared[name] then error("it is declared twice in this script", 0) end
  local self = setmetatable({ name = name, options = options.read(given), pending = {} }, Race)
  self.kept = kept_of(name, self.options.prefix)
  self.book = LogBook.open(name)
  self.source = self.options.source
    or heats.by_list(self.options.list, function(one) return self.book:has(one) end)
  self.out = Announcer.new(self.options.prefix, self.kept.sent)
  self.track = Track.new(self.options, self.kept.devices, self.out, hooks_of(self))
  self.scene = stage.add { name = name, triggered = true, control = control(self) }
  declared[name] = self
  install(self)
  timer.after(0, function() heat.orphaned(self) end)
  self.out:online()
  self:show()
  return self
end

-- Errors are raised two levels up, at the author's line, without the place in this library.
local function declare_checked(name, given)
  local ok, result = pcall(declare, name, given)
  if ok then return result end
  error(("race '%s': %s"):format(name, (tostring(result):gsub("^[^\n:]*%.lua:%d+: ", ""))), 3)
end

local function race(_, name, given)
  if type(name) ~= "string" or name == "" then
    error(("race: a name expected, got %s"):format(name == "" and "''" or type(name)), 2)
  end
  if given == nil then
    return function(later)
      local self = declare_checked(name, later) -- No tail call: the level of errors counts.
      return self
    end
  end
  local self = declare_checked(name, given)
  return self
end

-- `fn`, whose errors are raised at the author's line.
local function at_author(fn)
  return function(...)
    local ok, result = pcall(fn, ...)
    if not ok then error(result, 2) end
    return result
  end
end

return setmetatable({
  -- Heats in which everybody is once on each lane.
  rotation = at_author(heats.rotation),
  -- What the display of a lane shows.
  display = function(lane)
    if type(lane) ~= "table" then
      error(("race.display: a lane expected, got %s"):format(type(lane)), 2)
    end
    return display.text(lane)
  end,
}, { __call = race })
