-- Lua source text, as a person would write it.
local lua_text = {}

local RESERVED = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch "%a+" do
  RESERVED[word] = true
end

function lua_text.quote(text)
  return (("%q"):format(text):gsub("\\\n", "\\n"):gsub("\r", "\\r"))
end

-- The name of a field in a table.
function lua_text.key(name)
  if name:find "^[%a_][%w_]*$" and not RESERVED[name] then return name end
  return ("[%s]"):format(lua_text.quote(name))
end

-- Seconds with one decimal, or as many as they have.
function lua_text.seconds(value)
  local short = ("%.1f"):format(value)
  return tonumber(short) == value and short or ("%.14g"):format(value)
end

function lua_text.comment(text)
  return "-- " .. text:gsub("%s+", " ")
end

local function widths_of(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column = 1, #row - 1 do widths[column] = math.max(widths[column] or 0, #row[column]) end
  end
  return widths
end

-- One `{ a, b, c },` per row, in aligned columns; numbers are flush right.
function lua_text.rows(indent, rows)
  local widths, lines = widths_of(rows), {}
  for number, row in ipairs(rows) do
    local cells = {}
    for column, cell in ipairs(row) do
      local space = (" "):rep((widths[column] or 0) - #cell)
      if column == #row then
        cells[column] = cell
      elseif cell:find "^%d" then
        cells[column] = space .. cell .. ","
      else
        cells[column] = cell .. "," .. space
      end
    end
    lines[number] = ("%s{ %s },"):format(indent, table.concat(cells, " "))
  end
  return table.concat(lines, "\n")
end

return lua_text
