-- Turns the museum controller's JSON scenes into Lua scenes that play the same.
local convert_list = require "engine.import_museum.list"
local convert_states = require "engine.import_museum.states"

local BYTE_ORDER_MARK = "^\239\187\191"

-- `json_text` of a list or state machine as Lua source, or nil and what is wrong. `name` is the
-- scene's; without `room` it is the one that the topics name.
local function convert(json_text, name, room)
  if type(json_text) ~= "string" or type(name) ~= "string" then
    error("import_museum.convert: two strings expected, the JSON text and the scene's name", 2)
  end
  if room ~= nil and type(room) ~= "string" then
    error(("import_museum.convert: room: string expected, got %s"):format(type(room)), 2)
  end
  json_text = json_text:gsub(BYTE_ORDER_MARK, "")
  local document, err = json.decode(json_text)
  if err then return nil, err end
  if type(document) ~= "table" then
    return nil, "a list of actions, or an object with states, expected"
  end
  local is_list = json_text:find "^%s*%["
  local ok, result = pcall(is_list and convert_list or convert_states, document, name, room)
  if not ok then return nil, result end
  return result
end

return { convert = convert }
