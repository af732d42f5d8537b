-- What the voltage of a battery says, by its chemistry. Volts of a 12 V battery at rest, at 25 °C.
local chemistry = {}

-- `curve`: rest voltage and state of charge in %. `charging`: no battery at rest has more.
-- `load_low`, `load_bad`: what it falls to under a starter motor.
-- Ranges: Rafciq/BM6 for the ends, makers' tables of rest voltage between.
chemistry.kinds = {
  flooded = {
    curve = { { 11.90, 0 }, { 12.06, 25 }, { 12.24, 50 }, { 12.45, 75 }, { 12.65, 100 } },
    charging = 13.2, low = 12.0, critical = 11.5, high = 15.0, load_low = 10.5, load_bad = 8.5,
  },
  agm = {
    curve = { { 11.80, 0 }, { 12.00, 25 }, { 12.30, 50 }, { 12.55, 75 }, { 12.80, 100 } },
    charging = 13.2, low = 12.0, critical = 11.5, high = 15.0, load_low = 10.5, load_bad = 8.5,
  },
  gel = {
    curve = { { 11.80, 0 }, { 12.00, 25 }, { 12.35, 50 }, { 12.65, 75 }, { 12.85, 100 } },
    charging = 13.2, low = 12.0, critical = 11.5, high = 14.8, load_low = 10.5, load_bad = 8.5,
  },
  lifepo4 = {
    curve = { { 10.0, 0 }, { 12.0, 9 }, { 12.8, 17 }, { 12.9, 20 }, { 13.0, 30 }, { 13.1, 40 },
      { 13.2, 70 }, { 13.3, 90 }, { 13.5, 100 } },
    charging = 13.7, low = 12.5, critical = 12.0, high = 15.0, load_low = 11.5, load_bad = 10.0,
  },
}

-- State of charge in % of a 12 V battery that rests at so many volts.
function chemistry.state_of_charge(kind, volts)
  local curve = chemistry.kinds[kind].curve
  if volts <= curve[1][1] then return 0 end
  for number = 2, #curve do
    local low, high = curve[number - 1], curve[number]
    if volts <= high[1] then
      return low[2] + (high[2] - low[2]) * (volts - low[1]) / (high[1] - low[1])
    end
  end
  return 100
end

function chemistry.names()
  local names = {}
  for name in pairs(chemistry.kinds) do names[#names + 1] = name end
  table.sort(names)
  return names
end

return chemistry
