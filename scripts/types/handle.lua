---@meta

---What a script has registered: a subscription, a timer, a listener. It belongs to the script and
---is released with it; nothing needs to be kept for it to live.
---@class engine.Handle
local Handle = {}

---Takes the registration back; what it had called is not called again. False, and no error, when
---that has happened already, or a one-shot timer has fired.
---@return boolean cancelled
function Handle:cancel() end

---@return boolean active False once cancelled or, for one-shot timers, fired.
function Handle:active() end
