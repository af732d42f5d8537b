---@meta

---The scenes of all scripts. Authors declare theirs with `engine.scene`; this is for rules about
---scenes, and for whoever writes another kind of scene.
stage = {}

---@alias stage.State "idle"|"running"|"paused"|"stopping"
---@alias stage.Outcome "resumed"|"restarted"|"stopped"
---@alias stage.CueResult "confirmed"|"error"|"timeout"|"abandoned"

---@class stage.Listed
---@field name string
---@field room string Empty when it has none.
---@field script string The file that declares it.
---@field triggered boolean
---@field state stage.State
---@field position number Seconds on the scene's own clock.
---@field duration number? Seconds.
---@field next string? What comes next, for people to read.
---@field next_at number? Seconds on the scene's own clock.

---@class stage.Report
---@field scene string
---@field room string
---@field reason "finished"|"stopped"|"failed"
---@field length number Seconds.
---@field sent integer Cues handed to the broker, or played.
---@field confirmed integer
---@field failed integer Devices that answered ERROR, and media that could not be played.
---@field timed_out integer
---@field simulated integer Not sent for want of a connection.

---Every scene of every script, as it stands now.
---@return stage.Listed[] scenes
function stage.list() end

---Calls `fn` when a performance of any scene has ended.
---@param fn fun(report: stage.Report)
---@return engine.Handle
function stage.on_end(fn) end

---Steers a scene by name, as an operator would. From a main chunk it is done once the chunk has
---been accepted.
---@param name string
---@return true? done
---@return string? err Why not: no such scene, it does not run, its room is taken.
function stage.go(name) end

---Sends `on_stop` and ends the performance.
---@param name string
---@return true? done
---@return string? err
function stage.stop(name) end

---Every clock of the scene stands still.
---@param name string
---@return true? done
---@return string? err
function stage.pause(name) end

---@param name string
---@return true? done
---@return string? err
function stage.resume(name) end

---Goes on from the cue of that name; those in between are left out.
---@param name string
---@param cue string
---@return true? done
---@return string? err
function stage.jump(name, cue) end

---Sends the state that would hold at `seconds` and goes on from there.
---@param name string
---@param seconds number
---@return true? done
---@return string? err
function stage.seek(name, seconds) end

---Stops every scene that runs.
function stage.stop_all() end

---@class stage.Status
---@field state stage.State
---@field position number
---@field duration number?
---@field next string?
---@field next_at number?

---What the engine calls. Go, stop, pause, resume, jump and seek return true, or nil and why not.
---@class stage.Control
---@field go fun(): true?, string?
---`now`: send `on_stop` and finish at once, else the confirmations of `on_stop` may be waited for.
---@field stop fun(now: boolean): true?, string?
---@field pause fun(): true?, string?
---@field resume fun(): true?, string?
---@field jump fun(cue: string): true?, string?
---@field seek fun(seconds: number): true?, string?
---@field status fun(): stage.Status
---A command sent with this token has been settled; `elapsed` in seconds.
---@field settled fun(token: integer, result: stage.CueResult, elapsed: number, payload: string)
---On reload, in the old code: the performance as plain data, after which the old code does nothing
---more with it. nil and "finish": the old code plays it to its end.
---@field export fun(): table?, string?
---On reload, in the new code: carries on.
---@field adopt fun(performance: stage.Performance, exported: table): true?, string?
---What it does with an interrupted performance. Default: "stop".
---@field restart_mode? fun(): "resume"|"rejoin"|"restart"|"stop"
---Deals with a performance that was interrupted by the end of the engine: what became of it, and
---where or why. Without this function `safety` is sent.
---@field recover? fun(by: stage.Performance, cut: stage.Interrupted): stage.Outcome, string

---@class stage.Interrupted
---@field away number Seconds from the last sign of life to now.
---@field lived number Seconds from the writing of `data` to the last sign of life.
---@field safety stage.Cue[] As given to `begin` or `protect`.
---@field data string? What was given to `performance:journal`.
---@field steps string[] What was given to `performance:journal_step`.

---@class stage.Declaration
---@field name string
---@field room? string One scene runs per room at a time.
---Something other than a person's GO can start it: it does not start with the engine. Default
---false.
---@field triggered? boolean
---@field control stage.Control

---Adds a scene. Raises when the name is missing or belongs to another script's scene.
---@param declaration stage.Declaration
---@return stage.Scene
function stage.add(declaration) end

---A scene as `stage.add` has declared it.
---@class stage.Scene
local Scene = {}

---@class stage.Cue
---@field [1] string Topic.
---@field [2] string|number|boolean|table Payload.
---@field qos? 0|1|2
---@field retain? boolean

---Begins a performance. `safety` is what the engine itself sends if this code no longer can. Raises
---when a newer version of the script has released the scene, and while the main chunk runs.
---@param safety? stage.Cue[]
---@return stage.Performance? performance
---@return string? err Names the scene that runs in the room.
function Scene:begin(safety) end

---One performance of a scene. Its methods raise when it has ended.
---@class stage.Performance
local Performance = {}

---@class stage.SendOptions
---@field qos? 0|1|2
---@field retain? boolean
---@field confirm? number|boolean Seconds to wait for the confirmation; false: none is expected.
---@field late? number Seconds since it was due, for `engine trace`.

---Sends one command now, plays it when the topic ends in `/audio` or `/video`, and logs it:
---`[2.5s] room1/light = ON`. It is never queued for later.
---@param token integer Handed to `control.settled`.
---@param position number Seconds, for the log.
---@param topic string
---@param payload string|number|boolean|table
---@param options? stage.SendOptions
---@return "sent"|"simulated"|"played"|"failed" how
---@return boolean pending Whether `control.settled` will follow.
function Performance:send(token, position, topic, payload, options) end

---Logs `[2.5s] text`.
---@param position number Seconds.
---@param text string
function Performance:note(position, text) end

---Says, for `engine trace`, that a cue which is a function was called.
---@param position number Seconds, when it was due.
---@param late number Seconds since then.
function Performance:called(position, late) end

---Says, for `engine trace`, what was waited for.
---@param position number Seconds, when the wait began.
---@param text string
---@param seconds number How long it took.
---@param outcome string `over`, `timeout`, `called off`, or why it ended.
function Performance:waited(position, text, seconds, outcome) end

---Replaces what the engine sends if this code no longer can.
---@param safety stage.Cue[]
function Performance:protect(safety) end

---Keeps where the performance stands for `control.recover`, instead of what was kept before; nil
---forgets that, and the steps.
---@param data? string
---@return boolean kept False when nothing outlives this engine, or it is too large.
function Performance:journal(data) end

---Adds a step to what is kept.
---@param step string
---@return boolean kept
function Performance:journal_step(step) end

---Ends the performance and frees its room.
---@param reason "finished"|"stopped"|"failed"
function Performance:finish(reason) end
