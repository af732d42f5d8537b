---@meta system

---The machine that the engine runs on, and the engine itself.
system = {}

---What cannot be read on a machine is nil.
---@class system.Health
---@field timestamp number When the machine was looked at: unix seconds with fraction. At most a few seconds ago.
---@field hostname string?
---@field hwid string? The board's serial number (Raspberry Pi), else the id of the installation.
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
---@field load number[]? Processes that want to run: the last 1, 5 and 15 minutes.
---@field uptime number? Of the machine, in seconds.
---@field version string The engine's.
---Of the engine's own process: seconds, percent of one core, bytes; counts.
---@field engine { uptime: number, cpu_usage: number?, memory: integer?, scripts: integer, scene_running: boolean, devices_online: integer }
---Since the start, but for `scripts_set_aside`, which are so now.
---@field errors { faults: integer, scripts_set_aside: integer, confirmations_failed: integer, confirmations_timed_out: integer }
---Messages since the start, but for `queued` and `in_flight`, which are so now.
---@field mqtt { connected: boolean, sent: integer, received: integer, dropped: integer, reconnects: integer, queued: integer, in_flight: integer }

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
