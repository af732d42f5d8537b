---@meta engine.range

---@class engine.RangeSensor
---@field id string As in its topic: `leadville/sensor/{id}/telemetry`.
---@field plate? string Default: the id.
---@field rate? number Samples a second, where readings do not say. Default 100.
---@field coordinates? { distance_feet: number?, offset_feet: number?, height_feet: number? }
---@field detector? engine.HitDetectorOptions Where this one differs from the others.

---@class engine.RangeTarget
---@field plate string
---@field hits? integer Needed. Default 1.
---Default "primary". Hits on a penalty target cost time.
---@field category? "primary"|"stop"|"penalty"

---@class engine.RangeStage
---@field name? string
---@field limit? number Seconds; a string counts no more.
---@field targets engine.RangeTarget[]

---@class engine.RangeTimer
---@field source? string As published. Default "AMG_Commander".
---@field mac? string As published, until the timer's gateway says it.

---@class engine.RangeOptions
---@field prefix? string What all topics begin with. Default "leadville".
---@field name? string The bridge's, as it marks its messages. Default: the site.
---@field timer? engine.RangeTimer
---@field sensors engine.RangeSensor[]
---@field detector? engine.HitDetectorOptions For all sensors.
---@field calibration? engine.CalibrationOptions
---@field correlation? engine.CorrelateOptions Without the functions.
---@field stage? engine.RangeStage Default: one hit on each plate.
---Replaces the score: the time of the last shot, and 3 s for each hit that is missing or
---forbidden.
---@field score? fun(string: engine.StringOfFire): engine.Score
---@field on_hit? fun(plate: string, hit: engine.Hit)
---@field on_shot? fun(shot: table) The data of its SHOT event.
---@field on_match? fun(match: engine.Match)
---@field on_string? fun(string: engine.StringOfFire, score: engine.Score) When it has ended.

---@class engine.Score
---@field time number Seconds.
---@field total number Seconds, penalties included.
---@field penalties? { plate_id: string, reason: string, seconds: number }[]

---@class engine.StringOfFire
---@field run_id string
---@field shooter string?
---@field match string?
---@field stage string?
---@field limit number? Seconds.
---@field shots { number: integer, elapsed: number, split: number }[] Seconds since the start.
---@field hits { shot: integer, plate: string, peak: number, delay: number, confidence: number }[]
---@field targets { plate: string, category: string, needed: integer, hits: integer }[]
---@field last_shot number? Seconds since the start signal.
---@field reason "stopped"|"superseded"|"idle"|nil Why it has ended.

---@class engine.Range
local Range = {}

---A sample of a sensor that a script reads itself.
---@param id string
---@param x number
---@param y number
---@param z number
---@param time? number As `timer.now()`, which is the default.
function Range:sample(id, x, y, z, time) end

---The bytes of a notification of a WTVB01 sensor; its readings are published.
---@param id string
---@param bytes string
---@return true? taken
---@return string? err
function Range:notification(id, bytes) end

---The bytes of a notification of the timer; what it says is published.
---@param bytes string
---@return true? taken
---@return string? err
function Range:timer_notification(bytes) end

---Has a sensor calibrated again; until then it detects nothing.
---@param id string
function Range:recalibrate(id) end

---Who shoots the next string. Also over MQTT, on `leadville/run/{run_id}/announce`.
---@param about { run_id: string?, shooter: string?, match: string?, stage: string? }
function Range:announce(about) end

---@return table status The fields of `leadville/bridge/status`.
function Range:status() end

---Runs a shooting range on the topics of LeadVille's bridge (`docs/range.md`): sensors on plates
---and a shot timer in; impacts, matched shots, strings and statuses out. Strings are kept as
---`store.runs("string")`. Calibrations, detection under way and the string live on in `state.range`
---when the script is saved.
---
---Raises on what is wrong in the declaration, with its place and the rule.
---
---```lua
---local range = require "engine.range"
---range { sensors = { { id = "bt50_01", plate = "P1" } }, detector = { trigger_high = 0.08 } }
---```
---@param options engine.RangeOptions
---@return engine.Range
local function range(options) end

return range
