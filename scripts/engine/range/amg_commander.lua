-- Notifications of the shot timer AMG Labs Commander (captures of it: 14 bytes, 01, the kind,
-- shot numbers, then big-endian hundredths of a second; lists of shots begin with 0A to 1A).
local amg_commander = {}

local EVENT, SCREEN, LIST_FIRST, LIST_LAST = 0x01, 0x02, 0x0A, 0x1A
local EVENT_LENGTH = 14
local KINDS = { [0x03] = "SHOT", [0x05] = "START", [0x08] = "STOP", [0x09] = "ARROW_END" }

local function centiseconds(bytes, at)
  local high, low = bytes:byte(at + 1, at + 2)
  return (256 * high + low) / 100
end

local function event(bytes)
  if #bytes ~= EVENT_LENGTH then
    return nil, ("an event of %d bytes expected, got %d"):format(EVENT_LENGTH, #bytes)
  end
  local kind = KINDS[bytes:byte(2)]
  if not kind then return nil, ("an event of the unknown kind %02x"):format(bytes:byte(2)) end
  return {
    kind = kind,
    shot = bytes:byte(3),
    shots = bytes:byte(4),
    elapsed = centiseconds(bytes, 4),
    split = centiseconds(bytes, 6),
    first_shot = centiseconds(bytes, 8),
    last_shot = centiseconds(bytes, 10),
    series = 256 * bytes:byte(13) + bytes:byte(14),
  }
end

local function shot_list(bytes)
  local count = bytes:byte(2) or 0
  if #bytes < 2 + 2 * count then
    return nil, ("a list of %d shots in %d bytes"):format(count, #bytes)
  end
  local times = {}
  for number = 1, count do times[number] = centiseconds(bytes, 2 * number) end
  return { kind = "LIST", continued = bytes:byte(1) ~= LIST_FIRST, times = times }
end

-- What the notification says, times in seconds; or nil and why it says nothing.
function amg_commander.decode(bytes)
  local first = bytes:byte(1)
  if not first then return nil, "no bytes" end
  if first == EVENT then return event(bytes) end
  if first == SCREEN then return { kind = "SCREEN" } end
  if first >= LIST_FIRST and first <= LIST_LAST then return shot_list(bytes) end
  return nil, ("a notification of the unknown kind %02x"):format(first)
end

return amg_commander
