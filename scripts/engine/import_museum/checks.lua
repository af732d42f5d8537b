-- What must hold in a scene of the museum controller, whatever its form.
local checks = {}

-- Errors carry no position of their own: `convert` returns them.
function checks.fail(message, ...) error(message:format(...), 0) end

-- JSON's null is as good as nothing.
function checks.present(value)
  if value == json.null then return nil end
  return value
end

function checks.list(what, value)
  value = checks.present(value)
  if value == nil then return {} end
  if type(value) ~= "table" or (next(value) ~= nil and #value == 0) then
    checks.fail("%s: a list expected", what)
  end
  return value
end

function checks.object(what, value)
  if type(value) ~= "table" or #value > 0 then checks.fail("%s: an object expected", what) end
  return value
end

function checks.seconds(what, name, value)
  value = checks.present(value)
  if value == nil then checks.fail("%s: %s is missing", what, name) end
  if type(value) ~= "number" or value < 0 then
    checks.fail("%s: %s: seconds from 0 expected, got %s", what, name, tostring(value))
  end
  return value
end

function checks.text(what, name, value)
  value = checks.present(value)
  if value == nil or value == "" then checks.fail("%s: %s is missing", what, name) end
  if type(value) ~= "string" then
    checks.fail("%s: %s: text expected, got %s", what, name, type(value))
  end
  return value
end

function checks.topic(what, value)
  local topic = checks.text(what, "topic", value)
  if topic:find "[+#]" then checks.fail("%s: topic '%s' has a wildcard", what, topic) end
  return topic
end

-- A payload as text: a number or boolean in JSON's own form.
function checks.message(what, value)
  value = checks.present(value)
  if value == nil then checks.fail("%s: message is missing", what) end
  if type(value) == "string" then return value end
  if type(value) == "table" then
    checks.fail("%s: message: text, number or boolean expected, got a list or object", what)
  end
  return json.encode(value)
end

-- The room most of the topics belong to, or nil.
function checks.room_of(topics)
  local count, most = {}, nil
  for _, topic in ipairs(topics) do
    local room = topic:match "^(room[^/]*)/"
    if room then
      count[room] = (count[room] or 0) + 1
      if not most or count[room] > count[most] then most = room end
    end
  end
  return most
end

return checks
