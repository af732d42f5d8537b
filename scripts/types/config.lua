---@meta

---The section `[services]`: a topic, and seconds.
---@class engine.ServiceRules
---@field namespace string
---@field heartbeat_interval number
---@field heartbeat_timeout number
---@field dependency_timeout number
---@field command_timeout number
---@field max_message_age number

---What the configuration has for scripts. Read-only.
---@class engine.Config
---@field site string
---@field prefix string What the engine's own topics begin with.
---@field simulate boolean Whether virtual devices answer (`--simulate`).
---How: seconds from and to, a probability from 0 to 1, ids.
---@field simulation { delay: number[], failure: number, devices: string[] }
---@field scene { go_debounce: number } Seconds.
---@field mqtt { version: "5"|"3.1.1" }
---@field services engine.ServiceRules
---@field values table<string, any> The section `[values]`: yours.
config = {}
