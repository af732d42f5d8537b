---@meta

---What a script keeps when it is reloaded: strings, numbers, booleans, and tables of them. What
---cannot be carried over (functions, handles) is dropped, and the log says which. It does not
---outlive the engine.
---
---```lua
---state.visitors = (state.visitors or 0) + 1
---```
---@type table<any, any>
state = {}
