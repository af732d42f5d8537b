---@meta engine.state_machine

---A topic and payload, or a function: `{ "room1/light", "ON" }`, `{ function() end }`.
---@class engine.Action
---@field [1] string|fun()
---@field [2]? string|number|boolean|table
---@field qos? 0|1|2
---@field retain? boolean
---@field confirm? number|boolean As in a cue.
---@field retry? integer As in a cue.
---@field on_timeout? "continue"|"stop"|fun() As in a cue.

---The same after a time in seconds, counted from when the state was entered: `{ 2.5, "room1/light",
---"ON" }`.
---@class engine.TimedAction: engine.Action
---@field [1] number
---@field [2] string|fun()
---@field [3]? string|number|boolean|table

---Exactly one condition, and where it leads.
---@class engine.Transition
---@field to string A state, or "END". To the same state leaves and enters it.
---Seconds since the state was entered; of a global event, since the scene began.
---@field timeout? number
---A topic without wildcards, and a payload. It is compared as text, without white space around it.
---Retained messages do not count.
---@field message? { [1]: string, [2]: string|number|boolean }
---The sound file that has ended, as it was named when it was started. One that could not be played
---has ended at once; one that was stopped has not.
---@field audio_end? string
---@field video_end? string The same for a video.
---@field always? true At once, after what is due then.

---@class engine.State
---@field description? string
---@field on_enter? engine.Action[]
---@field timeline? engine.TimedAction[] What is left of it when the state is left is dropped.
---@field on_exit? engine.Action[]
---@field transitions? engine.Transition[] Of those that match at the same time, the first is taken.

---@class engine.StateMachineOptions
---@field initial string
---A state END may have `on_enter`: carried out when the machine gets there, not when it is stopped
---from outside.
---@field states table<string, engine.State>
---Looked at before those of the state, in every state. One to the state we are in does nothing. A
---timeout comes once.
---@field global_events? engine.Transition[]
---@field room? string As in a scene, and so are the following.
---@field trigger? engine.Trigger|engine.Trigger[]
---@field on_stop? (engine.StopCue|fun())[]
---@field on_reload? "finish"|"restart"
---@field on_restart? "resume"|"rejoin"|"restart"|"stop"
---@field go_debounce? number
---@field description? string

---Declares a scene as states, with the rules of the museum controller's state machines. An event
---that leads nowhere in the state it meets is forgotten; those that arrive while a state changes or
---the scene is paused wait, 50 at most. Something that comes of itself comes 0.005 s after the
---state was entered at the soonest. Saved while it plays, it is played to its end as it was.
---
---Raises on what is wrong in the declaration, with the state, the number of the action or
---transition, and the rule.
---
---```lua
---local state_machine = require "engine.state_machine"
---
---state_machine "riddle" {
---  room = "room1",
---  initial = "dark",
---  states = {
---    dark = {
---      on_enter = { { "room1/light", "OFF" } },
---      transitions = { { message = { "room1/lever", "PULLED" }, to = "bright" },
---                      { timeout = 60, to = "END" } },
---    },
---    bright = {
---      on_enter = { { "room1/light", "ON" } },
---      transitions = { { timeout = 5, to = "END" } },
---    },
---  },
---}
---```
---@overload fun(name: string): fun(options: engine.StateMachineOptions): engine.Scene
---@param name string
---@param options engine.StateMachineOptions
---@return engine.Scene scene
local function state_machine(name, options) end

return state_machine
