---@meta store

---Values that outlive the engine: counters, high scores, what was calibrated. All scripts of the
---site share the keys, so give yours a prefix: `store.set("ghost/visitors", 12)`.
---
---Reading is from memory. Writing is gathered: a kill or power cut loses what was written in the
---last second at most, and never damages what was stored before. While a script is being loaded,
---what it sets takes effect for others when it has loaded without error.
store = {}

---Stores a number, text, boolean, or table of these; functions and userdata raise. At most 1 MB
---per value, 64 MB in all.
---@param key string 1 to 1024 bytes.
---@param value any nil deletes the key.
---@return true? stored
---@return string? err When there is no room left.
function store.set(key, value) end

---A copy: changing a table that was got changes nothing that is stored.
---@param key string
---@param default? any What is returned when there is no such key.
---@return any value
function store.get(key, default) end

---@param key string
---@return boolean deleted False when there was no such key.
function store.delete(key) end

---@param prefix? string
---@return string[] keys Sorted.
function store.keys(prefix) end

---Numbers over time: `store.series("voltage/AA:BB"):append(12.6)`. A series has each time once: a
---second value at the same time replaces the first, so what is delivered twice counts once. All
---scripts of the site share them. What was appended is found at once, also while it is on its way
---to the disk, where it is within a second. `engine export series` writes them to CSV or JSON.
---
---At most 10,000 series; more raise. Opening one writes nothing.
---@param name string 1 to 255 bytes of UTF-8.
---@param options? { keep: number? } For how many seconds its values are found, from 1 on; after
---  that they are deleted little by little. It is remembered for the series; without it, they stay.
---@return store.Series series
function store.series(name, options) end

---The series that have ever had a value.
---@param prefix? string
---@return string[] names Sorted.
function store.series_names(prefix) end

---@class store.Series
local Series = {}

---@class store.Point
---@field time number Unix seconds.
---@field value number

---@class store.Summary
---@field time number Unix seconds, where the piece begins: a multiple of `every`.
---@field min number
---@field mean number
---@field max number
---@field count integer How many values it has; a piece without any is left out.

---In a main chunk the value is appended when that has been accepted.
---@param value number Finite.
---@param time? number Unix seconds, also of the past; default: `timer.wall()`.
---@return true? appended
---@return string? err
function Series:append(value, time) end

---The values in the order of time, or a summary of each piece of `every` seconds. The pieces lie at
---multiples of `every`: with 3600 they are the hours.
---@param from? number Unix seconds; it is in the answer. Default: all there is.
---@param to? number Unix seconds; it is in the answer. Default: all there is.
---@param options? { every: number? } Seconds, from 0.001.
---@return (store.Point[]|store.Summary[])? values
---@return string? err When there would be more than 50,000, or more than 500,000 values have to
---  be summarised: the engine does not stand still for that.
function Series:range(from, to, options) end

---The value with the latest time.
---@return store.Point? point Nil when there is none.
---@return string? err When the file cannot be read.
function Series:last() end

---What happened once and is looked up later: races, strings of fire. Each kind counts its own
---from 1. `engine export runs` writes them to CSV or JSON.
---@param kind string 1 to 255 bytes of UTF-8, such as "race". At most 1,000 kinds; more raise.
---@return store.Runs runs
function store.runs(kind) end

---@class store.Runs
local Runs = {}

---Not in a main chunk, which may yet fail.
---@param run table What can be written as JSON, with names; at most 256 kB of it. Its `time`, in
---  unix seconds, is the run's; default: `timer.wall()`. It has no `id`.
---@return integer? id
---@return string? err When it is too large.
function Runs:add(run) end

---The newest first, by their time.
---@param options? { from: number?, to: number?, limit: integer? } Unix seconds, both in the answer;
---  at most `limit`, from 1 to 1000, default 100.
---@return table[]? runs Each what was added, with `id` and `time`.
---@return string? err When they have more than 8 MB together.
function Runs:list(options) end

---@param id integer
---@return table? run What was added, with `id` and `time`; nil when there is none.
---@return string? err When the file cannot be read.
function Runs:get(id) end
