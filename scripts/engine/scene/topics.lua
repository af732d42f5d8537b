-- Topics and payloads as an author writes them: what is wrong with them, before they are used.
local topics = {}

local LONGEST = 65535 -- Bytes (MQTT 5.0, 1.5.4).

-- Errors carry no position of their own: the caller adds the author's line.
local function fail(message, ...) error(message:format(...), 0) end

local function check_text(what, topic)
  if type(topic) ~= "string" or topic == "" then
    fail("%s: a topic expected, got %s", what, topic == "" and "''" or type(topic))
  end
  if #topic > LONGEST then
    fail("%s: a topic has at most %d bytes, this one %d", what, LONGEST, #topic)
  end
  if topic:find "%z" then fail("%s: a topic must not contain a NUL character", what) end
  if not pcall(json.encode, topic) then fail("%s: a topic must be UTF-8 text", what) end
end

-- What a message is sent to: raises on wildcards too.
function topics.check_name(what, topic)
  check_text(what, topic)
  if topic:find "[+#]" then
    fail("%s: topic '%s' has a wildcard: a cue is sent to one topic", what, topic)
  end
end

-- What is listened to: + stands for a level, # at the end for the rest.
function topics.check_filter(what, filter)
  check_text(what, filter)
  if filter:find "#." then
    fail("%s: '%s' is not a topic filter: '#' must be the last level", what, filter)
  end
  for level in filter:gsub("#$", ""):gmatch "[^/]+" do
    if level:find "[+#]" and level ~= "+" then
      fail("%s: '%s' is not a topic filter: + and # stand alone in a level, # in the last", what,
        filter)
    end
  end
  if filter:find "[^/]#$" then
    fail("%s: '%s' is not a topic filter: # stands alone in its level", what, filter)
  end
end

local PAYLOADS = { string = true, number = true, boolean = true, table = true }

function topics.check_payload(what, payload)
  if not PAYLOADS[type(payload)] then
    fail("%s: a payload (text, number, boolean or table) expected, got %s", what, type(payload))
  end
  if type(payload) == "number" or type(payload) == "table" then
    local ok, err = pcall(json.encode, payload)
    if not ok then fail("%s: %s", what, err:match "cannot be written.*" or err) end
  end
end

-- What an awaited message must say: text, a number, a boolean, a function, or nil for anything.
function topics.check_wanted(what, wanted)
  local kind = type(wanted)
  if kind == "nil" or kind == "function" or kind == "string" or kind == "boolean" then return end
  if kind ~= "number" or wanted ~= wanted then
    fail("%s: text, a number, a boolean or a function expected, got %s", what,
      kind == "number" and "NaN" or kind)
  end
end

return topics
