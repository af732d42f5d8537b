---@meta

---JSON text to values and back.
json = {}

---Stands for JSON's null in tables, where nil cannot.
---@type lightuserdata
json.null = nil

---JSON text (RFC 8259) of a value. A table with the keys 1 to n becomes a list, any other an
---object, an empty one an object unless `json.array` has marked it. Whole numbers are written
---without fraction.
---
---Raises on what has no JSON form: functions, NaN and infinities, text that is not UTF-8, lists
---with holes, tables more than 100 deep (in a circle, for instance).
---@param value any
---@return string text
function json.encode(value) end

---Raises only on what is not a string.
---@param text string
---@return any value nil when the text is not JSON; null is `json.null`.
---@return string? err
function json.decode(text) end

---Marks a table as a list, so that it is encoded as one even when it is empty.
---@generic T: table
---@param list T
---@return T list The same table.
function json.array(list) end
