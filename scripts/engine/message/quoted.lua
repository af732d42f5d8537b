-- What somebody else has written, fit for a log line and an answer: short, and of printable ASCII.
local LONGEST = 60

return function(text)
  local plain = text:sub(1, LONGEST + 1):gsub("[^\32-\126]", "?")
  if #plain > LONGEST then plain = plain:sub(1, LONGEST - 3) .. "..." end
  return "'" .. plain .. "'"
end
