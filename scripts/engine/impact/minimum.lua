-- The smallest of the last `length` values, in constant time: the values that may yet be the
-- smallest are kept in a ring, in rising order.
local minimum = {}

function minimum.new(length)
  return { length = length, count = 0, head = 0, held = 0, values = {}, numbers = {} }
end

-- Takes in a value and returns the smallest.
function minimum.push(ring, value)
  local length, values, numbers = ring.length, ring.values, ring.numbers
  local head, held, number = ring.head, ring.held, ring.count + 1
  if held > 0 and numbers[head + 1] <= number - length then
    head, held = (head + 1) % length, held - 1
  end
  while held > 0 and values[(head + held - 1) % length + 1] >= value do held = held - 1 end
  local at = (head + held) % length + 1
  values[at], numbers[at] = value, number
  ring.head, ring.held, ring.count = head, held + 1, number
  return values[head + 1]
end

return minimum
