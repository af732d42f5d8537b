---@meta system

---The machine that the engine runs on, and the engine itself.
system = {}

---Messages since the start, but for `queued` and `in_flight`, which are so now.
---@class system.Mqtt
---@field connected boolean
---@field sent integer
---@field received integer
---@field dropped integer
---@field reconnects integer
---@field queued integer
---@field in_flight integer

---Since the start of the engine.
---@class system.Errors
---@field faults integer
---@field scripts_set_aside integer So many are so now.
---@field confirmations_failed integer Of cues, counted when their scene has ended.
---@field confirmations_timed_out integer
---@field rate_limited integer Messages that were refused for their topic's rate.
---@field too_large integer Messages that were refused for their topic's maximum size.

---The engine's own process.
---@class system.Engine
---@field uptime number Seconds.
---@field cpu_usage number? Percent of one core, over the last two seconds.
---@field memory integer? Bytes.
---@field scripts integer
---@field scene_running boolean
---@field devices_online integer

---What cannot be read on a machine is nil.
---@class system.Health
---When the machine was looked at, a few seconds ago at most: unix seconds with fraction.
---@field timestamp number
---@field hostname string?
---@field hwid string? The board's serial number (Raspberry Pi), else the installation's id.
---@field ip string? IPv4, of the interface with the default route.
---@field mac string? Of the same.
---@field wifi_rssi number? dBm, where that interface is a wireless one.
---@field battery_level number? Percent; nil on mains.
---@field cpu_usage number? Percent of all cores, over the last two seconds.
---@field cpu_temp number? °C
---@field memory_usage number? Percent.
---@field memory_available integer? Bytes.
---@field disk number? Percent in use, of the disk that holds the state folder.
---@field disk_free integer? Bytes.
---@field log_size integer? Bytes of the log file (`log.file`), where there is one.
---@field load number[]? Processes that want to run: over 1, 5 and 15 minutes.
---@field uptime number? Of the machine, in seconds.
---@field version string The engine's.
---@field engine system.Engine
---@field errors system.Errors
---@field mqtt system.Mqtt

---What `<prefix>/health` says (docs/topics.md), to be published in another form: the fields of the
---machine are named as the derby's telemetry has them. Cheap: the machine is looked at every two
---seconds elsewhere. In rehearsals it is always the same machine, and only its times go on.
---
---```lua
---timer.every(10, function()
---  local h = system.health()
---  mqtt.publish("derbynet/device/" .. h.hostname .. "/telemetry", {
---    hostname = h.hostname, hwid = h.hwid, uptime = h.uptime, ip = h.ip, mac = h.mac,
---    cpu_temp = h.cpu_temp, memory_usage = h.memory_usage, disk = h.disk, cpu_usage = h.cpu_usage,
---    time = math.floor(h.timestamp),
---  }, { qos = 1, retain = true })
---end)
---```
---@return system.Health
function system.health() end
