-- Data frames of the vibration sensor WTVB01-BT50, as its notifications carry them (WitMotion's
-- manual: 55 61, then 13 little-endian int16; 28 bytes, over Bluetooth 32 with the supply voltage).
local wtvb01 = {}

local FRAME, LONG_FRAME, REGISTERS = 28, 32, 20
local EMPTY_VOLTS, FULL_VOLTS = 3.0, 4.2

local function int16(bytes, at)
  local low, high = bytes:byte(at + 1, at + 2)
  local value = low + 256 * high
  return value < 32768 and value or value - 65536
end

local function triple(bytes, at, scale)
  return { x = int16(bytes, at) * scale, y = int16(bytes, at + 2) * scale,
    z = int16(bytes, at + 4) * scale }
end

local function data_frame(bytes, at)
  return {
    velocity = triple(bytes, at + 2, 1),          -- mm/s
    angle = triple(bytes, at + 8, 180 / 32768),   -- degrees
    temperature = int16(bytes, at + 14) / 100,    -- degrees Celsius
    displacement = triple(bytes, at + 16, 1),     -- micrometres
    frequency = triple(bytes, at + 22, 1),        -- Hz
  }
end

-- What follows the 28 bytes of a long frame begins with two bytes of zero.
local function is_long(bytes, at)
  return #bytes - at >= LONG_FRAME and int16(bytes, at + FRAME) == 0
end

local function supply(bytes, at)
  local volts = int16(bytes, at + 30) / 100
  local share = (volts - EMPTY_VOLTS) / (FULL_VOLTS - EMPTY_VOLTS)
  return volts, math.floor(100 * math.min(math.max(share, 0), 1) + 0.5)
end

-- The data frames of one notification, in order, and how many bytes belonged to none.
function wtvb01.frames(bytes)
  local frames, at, skipped = {}, 0, 0
  while at < #bytes do
    local header, kind = bytes:byte(at + 1, at + 2)
    if header == 0x55 and kind == 0x61 and #bytes - at >= FRAME then
      local frame, length = data_frame(bytes, at), FRAME
      if is_long(bytes, at) then
        length = LONG_FRAME
        frame.volts, frame.battery = supply(bytes, at)
      end
      frames[#frames + 1] = frame
      at = at + length
    elseif header == 0x55 and kind == 0x71 and #bytes - at >= REGISTERS then
      at = at + REGISTERS -- The answer to a question about registers.
    else
      at, skipped = at + 1, skipped + 1
    end
  end
  return frames, skipped
end

return wtvb01
