---@meta

---What the configuration has for scripts. Read-only.
---@class engine.Config
---@field site string
---@field simulate boolean Whether virtual devices answer (`--simulate`).
---How: seconds from and to, a probability from 0 to 1, ids.
---@field simulation { delay: number[], failure: number, devices: string[] }
---@field scene { go_debounce: number } Seconds.
---@field values table<string, any> The section `[values]`: yours.
config = {}
