-- What the configuration and the mower document say about services.
local rules = {}

local DEFAULTS = {
  namespace = "lawnberry",
  heartbeat_interval = 30,
  heartbeat_timeout = 90,
  dependency_timeout = 60,
  command_timeout = 30,
}

function rules.get(name)
  local configured = config.services and config.services[name]
  if configured ~= nil then return configured end
  return DEFAULTS[name]
end

-- With the namespace in front, unless it is there already.
function rules.topic(name)
  local namespace = rules.get "namespace"
  if namespace == "" or name:sub(1, #namespace + 1) == namespace .. "/" then return name end
  return namespace .. "/" .. name
end

rules.STATES = {
  starting = true, healthy = true, degraded = true, error = true, offline = true,
  shutting_down = true,
}

return rules
