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
