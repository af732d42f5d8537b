---@meta

---The running script itself.
script = {}

---The file's name without `.lua`, as the log shows it.
---@type string
script.name = nil

---@type string
script.path = nil

---@return boolean loading True while the main chunk runs: what is registered now is staged.
function script.loading() end

---The candidate that a mistyped word is most like: for messages such as "did you mean 'room'?".
---@param word string
---@param candidates string[]
---@return string? nearest nil when none is near.
function script.nearest(word, candidates) end

---Reports an error that this script has caught itself: logged and counted like one that it has not.
---@param callback string What was running, for people: "scene 'ghost' at 2.5s".
---@param message string May carry a traceback.
function script.fault(callback, message) end

---For libraries that call functions of their users: says which one runs now, so that the log of slow
---callbacks can name its line.
---@param fn function|thread
function script.enter(fn) end
