---@meta engine.impact

---Finds impacts in the samples of a sensor on a plate. Times are seconds of any one clock that does
---not go back; amplitudes are in the sensor's unit, and so are the thresholds. The detectors look
---at numbers and nothing else, so they can be tried on a recording. What a detector knows is in its
---`data`, a plain table that can be kept in `state` and given to its successor.
local impact = {}

---A hit, as `engine.impact`'s detectors report it.
---@class engine.Hit
---@field time number Of the highest sample.
---@field onset number Of the first.
---@field duration number From the first sample to the one that ended it.
---@field peak number
---@field rms number? Root of the mean square. Not of an onset detector.
---@field samples integer
---@field baseline number? What the detector held for silence. Not of an onset detector.
---@field confidence number? 0 to 1. Of an onset detector only.

---@class engine.HitDetectorOptions
---@field trigger_high? number Over the baseline: a hit begins. Default 0.05.
---@field trigger_low? number Over the baseline: it is over. Default 0.01.
---@field ring_min? number Seconds; what is shorter is no hit. Default 0.010.
---@field dead_time? number Seconds after a hit's end in which none begins. Default 0.050.
---@field warmup? number Seconds in which only the baseline is learned. Default 2.
---@field baseline_min? number The baseline is no lower. Default 1e-6.
---@field min_amp? number Below it no hit begins. Default 0.01.
---How fast a plate rings out, in seconds: a hit has to stand out of `peak * exp(-t / ring_decay)`
---of the one before. Default 0: it need not.
---@field ring_decay? number

---@class engine.HitDetectorStatus
---@field warmed_up boolean
---@field baseline number
---@field sample_count integer
---@field triggered boolean

---@class engine.HitDetector
---@field data table
local HitDetector = {}

---Takes in a sample. One that is no later than the last, negative or infinite is left out.
---@param time number
---@param amplitude number
---@return engine.Hit? hit When the sample ends one.
function HitDetector:sample(time, amplitude) end

---@return engine.HitDetectorStatus status
function HitDetector:status() end

---LeadVille's HitDetector: the amplitude rises over the baseline (the smallest of the last 100
---samples) by `trigger_high` and falls to `trigger_low`, or clearly from its peak. Unlike there,
---a hit that falls straight below `min_amp` ends there.
---
---Raises on options that are unknown or out of range.
---
---```lua
---local impact = require "engine.impact"
---local detector = impact.detector { trigger_high = 0.08 }
---local hit = detector:sample(timer.now(), 0.3)
---if hit then log.info("%.2f g", hit.peak) end
---```
---@param options? engine.HitDetectorOptions
---@param data? table Of a detector before.
---@return engine.HitDetector
function impact.detector(options, data) end

---@class engine.OnsetDetectorOptions
---@field onset? number An impact lasts while the magnitude is no lower. Default 30.
---@field peak? number It has to reach this. Default 150.
---@field min_samples? integer The sample that ends it included. Default 3.

---@class engine.OnsetDetector
---@field data table
local OnsetDetector = {}

---@param time number
---@param magnitude number
---@return engine.Hit? impact When the sample ends one.
function OnsetDetector:sample(time, magnitude) end

---LeadVille's EnhancedImpactDetector: says when an impact began, and how sure it is. Its defaults
---are for counts, not for g.
---
---Raises on options that are unknown or out of range.
---@param options? engine.OnsetDetectorOptions
---@param data? table Of a detector before.
---@return engine.OnsetDetector
function impact.onset(options, data) end

---@class engine.CalibrationOptions
---@field samples? integer How many make a calibration. Default 100.
---@field timeout? number Seconds until it has failed. Default 30.
---@field max_noise? number Noisier samples were not at rest: others are taken. Default: any noise.

---@class engine.Calibrated
---@field baseline { x: number, y: number, z: number } The median of each axis.
---@field noise { x: number, y: number, z: number } The standard deviation of each axis.
---@field samples integer
---@field outliers integer Left out: beyond the quartiles by 1.5 times what lies between them.

---@class engine.Calibration
---@field data { state: string, result: engine.Calibrated?, problem: string? }
local Calibration = {}

---@param time number
---@param x number
---@param y number
---@param z number
---@return "collecting"|"done"|"failed" state
function Calibration:sample(time, x, y, z) end

---Whether the time is over, when no sample comes that would tell.
---@param time number
---@return "collecting"|"done"|"failed" state
function Calibration:check(time) end

---What a sensor reads at rest, and its noise.
---
---Raises on options that are unknown or out of range.
---@param options? engine.CalibrationOptions
---@param data? table Of a calibration before.
---@return engine.Calibration
function impact.calibration(options, data) end

return impact
