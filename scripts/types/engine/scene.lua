---@meta engine.scene

---What starts a scene by itself. A message, `{ "room1/button1", "PRESSED" }`, where a payload that
---is left out is any and retained messages do not count; a period, `{ every = 60 }`, in seconds; a
---time of day, `{ at = "18:00" }`.
---@class engine.Trigger
---@field [1]? string Topic filter.
---@field [2]? string|number|boolean|fun(msg: mqtt.Message): boolean
---@field every? number
---@field at? string

---How a command is sent, and what its confirmation means.
---@class engine.CommandOptions
---@field qos? 0|1|2 Default: as the catalogue of topics has it, else 0.
---@field retain? boolean Default: as the catalogue has it, else false.
---Seconds that the device has to confirm it, instead of the configured time (1 s); false: no
---confirmation is expected.
---@field confirm? number|boolean
---@field retry? integer How often it is sent again when it was not confirmed. Default 0.
---What follows a missing confirmation. Default "continue".
---@field on_timeout? "continue"|"stop"|fun(cue: table, result: "timeout"|"error")

---`{ 2.5, "room1/light", "ON" }`, `{ 8, function() end }`, `{ after = "previous", "room1/light",
---"OFF" }`. Times are seconds on the scene's clock. Topics that end in `/audio` or `/video` are
---played here.
---@class engine.Cue: engine.CommandOptions
---@field [1] number|string|fun()
---@field [2]? string|fun()|number|boolean|table
---@field [3]? string|number|boolean|table
---@field name? string For `jump` and `loop_to`.
---Follow-on: when the cue before it has been confirmed, or its sound has ended.
---@field after? "previous"
---@field pre_wait? number Seconds before it fires, after its time or turn.
---@field post_wait? number Seconds before the follow-on after it has its turn.
---@field loop_to? string Goes back to the cue of that name: `{ 16, loop_to = "turn", times = 2 }`.
---@field times? integer Of `loop_to`: how often. Default: without end.

---`{ "room1/light", "OFF" }`: a topic and a payload.
---@class engine.StopCue: stage.Cue
---@field confirm? number|boolean As in a cue.

---What makes a scene: cues or a story, and how it starts, ends and goes on.
---@class engine.SceneOptions
---@field room? string One scene runs per room at a time.
---@field trigger? engine.Trigger|engine.Trigger[] A scene without one starts with the engine.
---@field cues? engine.Cue[] Either these or a story. In any order; at the same time, as written.
---@field story? fun(s: engine.Story)
---@field on_stop? (engine.StopCue|fun())[] Sent however the scene ends.
---@field length? number Seconds that a cue sheet lasts at least; also the period of `loop`.
---@field loop? true|integer The cues over again: without end, or that many times in all.
---What a save does to a performance: carries on with the new cues (default for cues), starts again,
---or lets it end as it was (default for a story).
---@field on_reload? "resume"|"restart"|"finish"
---What happens at the next start when the power went, or the engine died, while it ran: it goes on
---where it stood ("resume"), or where it would be by now, where what was due meanwhile is only told
---("rejoin"); starts again; or `on_stop` is sent and it has ended (default).
---@field on_restart? "resume"|"rejoin"|"restart"|"stop"
---@field go_debounce? number Seconds in which a second GO is not one. Default 0.3.
---@field description? string

---What a story can say. Its waits stand still while the scene is paused. Everything that waits must
---be called from the story itself, or from a function of `s:together`; elsewhere it raises.
---@class engine.Story
local Story = {}

---Sends a command and goes on.
---@param topic string
---@param payload string|number|boolean|table
---@param options? engine.CommandOptions
---@return "sent"|"simulated"|"played"|"failed" how
function Story:send(topic, payload, options) end

---Sends a command and waits until the device has confirmed it.
---@param topic string
---@param payload string|number|boolean|table
---@param options? engine.CommandOptions
---@return true? confirmed Also when no confirmation was to be expected.
---@return "error"|"timeout"|"abandoned"|"failed"|nil result
function Story:confirm(topic, payload, options) end

---@class engine.PlayOptions: engine.CommandOptions
---@field topic? string Default: the room's `/audio`.
---@field volume? number 0 to 1.

---Plays a sound and waits for its end.
---@param file string
---@param options? engine.PlayOptions
---@return true? finished
---@return "stopped"|"failed"|nil reason
function Story:play(file, options) end

---Starts a sound and goes on.
---@param file string
---@param options? engine.PlayOptions
---@return "played"|"failed" how
function Story:start(file, options) end

---@class engine.VideoOptions
---@field topic? string Default: the room's `/video`.

---Plays a video and waits for its end.
---@param file string
---@param options? engine.VideoOptions
---@return true? finished
---@return "stopped"|"failed"|nil reason
function Story:video(file, options) end

---@param seconds number On the scene's clock, from 0.
function Story:wait(seconds) end

---Waits for a message that arrives from now on and is not retained.
---@param filter string
---@param payload? string|number|boolean|fun(msg: mqtt.Message): boolean nil: any.
---@param timeout? number Seconds. Default: without end.
---@return mqtt.Message? msg nil when the time is up.
function Story:wait_for(filter, payload, timeout) end

---@class engine.WaitAny
---@field [integer] { [1]: string, [2]: any } A topic filter and a payload, as for `s:wait_for`.
---@field timeout? number Seconds. Default: without end.

---Waits for the first of several messages: `s:wait_any { { "room1/lever", "PULLED" }, timeout = 30
---}`.
---@param list engine.WaitAny
---@return integer? index nil when the time is up.
---@return mqtt.Message? msg
function Story:wait_any(list) end

---`mqtt.request`: sends a message that asks for an answer, and waits for it. The time for the
---answer does not stand still while the scene is paused.
---@param topic string
---@param payload string|number|boolean|table
---@param options? mqtt.RequestOptions
---@return mqtt.Message? reply
---@return string? err
function Story:request(topic, payload, options) end

---Runs functions at the same time, and waits until all have ended.
---@param ... fun(s: engine.Story)
function Story:together(...) end

---Plays another scene to its end: one of this script as part of this one, any other beside it.
---Returns what a story of this script returns; true when a scene of another script has finished,
---else nil and why.
---@param name string
---@return any result
---@return string? err
function Story:run(name) end

---@return number seconds On the scene's clock.
function Story:position() end

---Logs `[2.5s] text`.
---@param text any
function Story:log(text) end

---A scene of this script, as `scene` returns it. `stage` does the same by name, for all scenes.
---@class engine.Scene
---@field name string
local Scene = {}

---GO. Refused while it runs, while its room is taken, and within `go_debounce` of the last.
---@return true? done
---@return string? err
function Scene:go() end

---Sends `on_stop` and ends the performance.
---@param now? boolean Does not wait for confirmations of `on_stop`. Default false.
---@return true? done
---@return string? err
function Scene:stop(now) end

---Every clock of the scene stands still.
---@return true? done
---@return string? err
function Scene:pause() end

---@return true? done
---@return string? err
function Scene:resume() end

---Goes on from the cue of that name; those in between are left out. Not for stories.
---@param cue string
---@return true? done
---@return string? err
function Scene:jump(cue) end

---Sends the state that would hold at `seconds` and goes on from there. Not for stories.
---@param seconds number On the scene's clock, from 0.
---@return true? done
---@return string? err
function Scene:seek(seconds) end

---How it stands.
---@return stage.Status status
function Scene:status() end

---What is still to come, earliest first: cues, or what a story waits for.
---@return { at: number?, text: string }[] list
function Scene:pending() end

---Declares a scene: `scene "ghost" { cues = { ... } }` or `scene("riddle", function(s) ... end)`.
---
---Raises on what is wrong in the declaration, with the number of the cue and the rule.
---
---```lua
---local scene = require "engine.scene"
---
---scene "ghost" {
---  room = "room1",
---  trigger = { "room1/button1", "PRESSED" },
---  cues = {
---    { 0.0, "room1/light", "ON" },
---    { 2.5, "room1/audio", "bg.mp3" },
---    { 5.0, "room1/steam", "ON", confirm = 2.0 },
---  },
---  on_stop = { { "room1/steam", "OFF" }, { "room1/light", "OFF" } },
---}
---
---scene("riddle", function(s)
---  s:send("room1/light", "DIM:20")
---  if not s:wait_for("room1/lever", "PULLED", 30) then return s:run "hint" end
---end)
---```
---@class engine.scene
---@overload fun(name: string): fun(options: engine.SceneOptions): engine.Scene
---@overload fun(name: string, story: fun(s: engine.Story)): engine.Scene
---@overload fun(name: string, options: engine.SceneOptions): engine.Scene
local scene = {}

---@param name string
---@return engine.Scene? scene The scene of that name in this script.
function scene.find(name) end

return scene
