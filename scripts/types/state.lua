---@meta

---What the script keeps: it survives saving the file, and restarts of the engine, a power cut
---included but for the last second. It belongs to the file's path. Tables, strings, numbers and
---booleans; what cannot be kept (functions, handles) is dropped, and named in the log.
---
---```lua
---state.visitors = (state.visitors or 0) + 1
---```
---@type table<any, any>
state = {}
