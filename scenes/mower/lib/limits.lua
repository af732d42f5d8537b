-- The mower's limits: those of `[values]`, else its own (safety.yaml and power_management.yaml).
local own = {
  person_distance = 3.0, -- m: a person who is nearer stops the mower,
  pet_distance = 1.5, -- and so does a pet.
  tilt_warning = 15, -- Degrees.
  tilt_stop = 25,
  temperature_low = 5, -- Degrees Celsius.
  temperature_high = 40,
  battery_critical = 5, -- Percent.
  battery_low = 20,
  battery_optimal = 80,
  reaction = 0.1, -- Seconds that an emergency stop may take.
}

local limits = {}
for name, value in pairs(own) do
  local configured = config.values and config.values[name]
  if configured ~= nil and type(configured) ~= "number" then
    error(("values.%s: a number expected, got %s"):format(name, type(configured)))
  end
  limits[name] = configured or value
end
return limits
