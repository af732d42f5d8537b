-- Batteries are known by the MAC address of their monitor, vehicles by a short name.
local identifiers = {}

local MAC = "^" .. ("%x%x[:-]"):rep(5) .. "%x%x$"

-- The one way in which we write it, "AA:BB:CC:DD:EE:FF"; nil and why when it is none.
function identifiers.mac(value)
  if type(value) == "string" and value:find(MAC) then return (value:upper():gsub("-", ":")) end
  return nil, ("'%s' is not a MAC address: six pairs of hexadecimal digits expected, such as "
    .. "AA:BB:CC:DD:EE:FF"):format(tostring(value))
end

-- As written without separators, "AABBCCDDEEFF".
function identifiers.bare_mac(value)
  if type(value) == "string" and value:find("^" .. ("%x"):rep(12) .. "$") then
    return (value:upper():gsub("(%x%x)", "%1:"):sub(1, 17))
  end
  return identifiers.mac(value)
end

function identifiers.vehicle(value)
  if type(value) == "string" and value:find "^[%w_-]+$" then return value end
  return nil, ("'%s' is not a vehicle id: letters, digits, _ and - expected"):format(
    tostring(value))
end

-- The same, raising without a position.
function identifiers.check(kind, what, value)
  local id, err = identifiers[kind](value)
  if not id then error(("%s: %s"):format(what, err), 0) end
  return id
end

return identifiers
