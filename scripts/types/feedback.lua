---@meta

---Commands of running scenes that a device has yet to confirm (museum document, "Feedback
---tracking").
feedback = {}

---@class feedback.Pending
---@field topic string The command's.
---@field feedback_topics string[] Where the device may answer.
---@field waited number Seconds.
---@field timeout number Seconds.

---What is waited for at the moment.
---@return feedback.Pending[] pending Oldest first.
function feedback.pending() end
