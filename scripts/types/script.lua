---@meta

---The running script itself.
script = {}

---The file's name without `.lua`, as the log shows it.
---@type string
script.name = nil

---The file, as it was named on the command line or in the configuration.
---@type string
script.path = nil

---@return boolean loading True while the main chunk runs: what is registered now is staged.
function script.loading() end

---The candidate that a mistyped word is most like: for messages such as "did you mean 'room'?".
---@param word string
---@param candidates string[]
---@return string? nearest nil when none is near.
function script.nearest(word, candidates) end

---A random identifier such as "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b" (RFC 9562, version 4). In
---rehearsals and replays a script gets the same ones each time.
---@return string uuid
function script.uuid() end

---Reports an error that this script has caught itself: logged and counted like one that it has not.
---@param callback string What was running, for people: "scene 'ghost' at 2.5s".
---@param message string May carry a traceback.
function script.fault(callback, message) end

---For libraries that call functions of their users: says which one runs now, so that the log of
---slow callbacks can name its line.
---@param fn function|thread
function script.enter(fn) end
