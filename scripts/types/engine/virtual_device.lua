---@meta engine.virtual_device

---What the device hears and how it answers.
---@class engine.VirtualDeviceOptions
---@field id string Presence is announced on `devices/<id>/status`, retained, with each connection.
---Topic filters. They should not overlap: a command is answered once for each filter that it
---matches. Confirmations (`status`, `feedback`), sound, video and retained messages are never
---answered.
---@field commands string[]
---Where to answer. Default: where the engine expects it, `room1/status` for `room1/light`,
---`devices/<id>/status` for `devices/<id>/x`, else `status` beside the command.
---@field status? string
---@field delay? number[] Seconds before it answers: from and to. Default `{ 0.05, 0.3 }`.
---@field failure? number How probable ERROR is as an answer instead of OK, 0 to 1. Default 0.
---@field silent? boolean Never answers, as a device whose network is gone. Default false.
---What delays and failures follow from; the same again with the same seed. Default: the id.
---@field seed? string|number
---@field accepts? fun(topic: string): boolean Whether a command that matches is answered.

---@class engine.VirtualDevice
---@field id string
---@field silent boolean May be changed while it runs, and so may `failure` and `delay`.
---@field failure number
---@field delay number[]

---A device that exists only here: it announces itself, and answers commands as an ESP32 would
---(museum document, "Feedback Topics"). It echoes correlation data.
---
---Raises on an option that is missing, unknown or wrong.
---
---```lua
---local virtual_device = require "engine.virtual_device"
---virtual_device { id = "esp32_07", commands = { "room1/light", "room1/motor" }, failure = 0.1 }
---```
---@param options engine.VirtualDeviceOptions
---@return engine.VirtualDevice
local function virtual_device(options) end

return virtual_device
