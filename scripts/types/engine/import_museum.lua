---@meta engine.import_museum

---Turns the museum controller's JSON scenes into Lua scenes that play the same; `engine import`
---calls it. A scene is a list of `{ timestamp, topic, message }`, or an object with `sceneId`,
---`initialState` and `states`.
local import_museum = {}

---The scene as Lua source. Raises only on arguments that are not strings.
---@param json_text string
---@param name string The scene's, where the document has none.
---@param room? string Default: the one that the topics name.
---@return string? lua_source
---@return string? err What is wrong in the document, and where.
function import_museum.convert(json_text, name, room) end

return import_museum
