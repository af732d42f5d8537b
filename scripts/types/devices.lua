---@meta

---Which devices are there, by what they say themselves on `devices/<id>/status` (museum document,
---"ESP32 Device Status Topics"; the pattern can be configured): `online`, `offline`, `updating`.
devices = {}

---@class devices.Device
---@field id string
---A retained `online` may be older than the device's death: it leaves this "unknown" and sets
---`was_online`.
---@field presence "unknown"|"offline"|"online"|"updating"
---@field was_online boolean
---@field first_seen number Unix time in seconds.
---@field last_seen? number Unix time in seconds, of the last message that was not retained.
---@field changed? number Unix time in seconds, of the last change of presence.
---@field outages integer How often it has gone away.

---Every device that has said something, or of which the broker has kept something.
---@return devices.Device[] all By id.
function devices.list() end

---@param id string
---@return devices.Device? device nil when nothing is known of it.
function devices.get(id) end

---Calls `fn` each time a device's presence changes.
---@param fn fun(device: devices.Device, before: "unknown"|"offline"|"online"|"updating")
---@return engine.Handle
function devices.on_change(fn) end
