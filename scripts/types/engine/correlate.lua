---@meta engine.correlate

---All in seconds. LeadVille's own defaults contradict each other (450, 526 and 1035 ms, with a
---median of 83 measured): set what your timer and sensors do.
---@class engine.CorrelateOptions
---@field expected? number From a shot to its impact, where learning begins. Default 0.1.
---@field tolerance? number How far from that a delay may be. Default 0.2.
---@field before? number How long before its shot an impact may be stamped. Default 0.1.
---@field after? number How long after its shot an impact may come. Default 0.5.
---@field lateness? number How long after its time a shot or an impact may be told. Default 0.1.
---@field min_magnitude? number Weaker impacts are none. Default 0.
---@field learning? engine.LearningOptions|false How the expected delay follows; false: it stays.
---@field on_match? fun(match: engine.Match)
---@field on_missed? fun(shot: table) No impact can belong to it any more.
---@field on_stray? fun(impact: table) No shot can belong to it any more.

---@class engine.LearningOptions
---@field rate? number How far towards the mean of the last delays, with each match. Default 0.1.
---@field keep? integer Delays. Default 20.
---@field after? integer From that many matches on. Default 3.
---@field step? number Seconds; smaller moves are not made. Default 0.001.
---@field low? number The expected delay is no less. Default -10.
---@field high? number The expected delay is no more. Default 10.

---@class engine.Match
---@field shot table As given to `shot`, with its `time`.
---@field impact table As given to `impact`, with its `time` and `magnitude`.
---@field delay number Negative when the impact is stamped before the shot.
---@field confidence number 1 at the expected delay, 0.5 at the edge of the tolerance.
---By the delay: up to 0.5, 1 and 2 s, and more (LeadVille, `shot_log`).
---@field quality "excellent"|"good"|"fair"|"poor"

---@class engine.Correlator
---@field data table What it knows: plain, for `state` and its successor.
local Correlator = {}

---@param time number
---@param about? table Becomes the shot.
---@return table shot
function Correlator:shot(time, about) end

---@param time number
---@param magnitude number
---@param about? table Becomes the impact.
---@return table? impact nil when it is too weak.
function Correlator:impact(time, magnitude, about) end

---Calls `on_match` and its like for all that is certain at the time `now`: call it after each shot
---and impact, and when it says.
---@param now number
---@return number? due When something will be certain if nothing else comes; nil: nothing pends.
function Correlator:advance(now) end

---The delay that is expected by now.
---@return number seconds
function Correlator:expected() end

---Finds which shot made which impact: the pairs whose delays are nearest to the expected one, in
---whatever order the two arrive. A pair is told once nothing nearer can come. At most 50 shots and
---200 impacts pend; the oldest give way.
---
---Raises on options that are unknown or out of range.
---
---```lua
---local correlate = require "engine.correlate"
---local correlator = correlate {
---  expected = 0.13, tolerance = 0.15,
---  on_match = function(match) log.info("%s after %.3f s", match.impact.plate, match.delay) end,
---}
---```
---@param options? engine.CorrelateOptions
---@param data? table Of a correlator before.
---@return engine.Correlator
local function correlate(options, data) end

return correlate
