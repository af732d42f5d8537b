---@meta engine.race

---Who drives on which lane: `{ 42, false, 13 }`, with `false` for a lane that is free.
---@class engine.Heat
---A racer's number: 0 to 9999, or up to four letters and digits. Pinnies show four: `0042`.
---@field [integer] integer|string|false
---@field round? integer Default 1.
---@field heat? integer Its number in the round. Default: its place in the list.

---Where heats come from and where results go, when they are not declared with the race. All of it
---may call the race in turn.
---@class engine.RaceSource
---The heat to be staged next; nil and why there is none.
---@field next fun(): engine.Heat?, string?
---@field find? fun(round: integer, heat: integer): engine.Heat?, string?
---Hears of everything that happens: what is sent as an event, and `staged` with the racers by lane.
---@field report? fun(event: engine.RaceEvent)

---What happens in a heat. All but `staged` is also sent to `derbynet/race/event` with QoS 2 (derby
---document, "Race Events"; all but `race_start` are ours).
---@class engine.RaceEvent
---@field event "staged"|"race_start"|"lane_finish"|"race_end"|"race_abort"
---@field timestamp? number Unix time in seconds, to the millisecond. Not of `staged`.
---@field roundid integer
---@field heatid integer
---@field lanes? table<integer, string> Of `staged`: the racers by lane.
---@field lane? integer Of `lane_finish`, and so are `racer` and `time`.
---@field racer? string
---@field time? number Seconds since GO, to the millisecond.
---@field results? engine.RaceResult[] Of `race_end`: by lane.
---@field reason? string Of `race_abort`.

---One lane of a heat that has been run.
---@class engine.RaceResult
---@field lane integer
---@field racer string
---@field name? string
---@field time? number Seconds; none of who did not finish.
---@field place? integer Equal times share one and the next is left out: 1, 1, 3.
---@field dnf? true Did not finish.

---A heat that has been run, as it is kept (`store.runs "race"`).
---@class engine.RaceRun
---@field race string
---@field round integer
---@field heat integer
---@field started number Unix time in seconds.
---@field simulated boolean Run under `--simulate`: such heats and real ones do not know each other.
---@field results engine.RaceResult[]

---@class engine.RaceStanding
---@field place integer
---@field racer string
---@field name? string
---@field score number Seconds.
---@field runs integer
---@field dnf integer How many of those were not finished.

---@class engine.RaceLane
---@field lane integer
---@field led "red"|"blue"|"green"|"purple"
---@field display string What its four characters show.
---@field racer? string
---@field name? string
---@field time? number Seconds, of who has arrived.
---@field device? string The id of its timer.
---@field online boolean Whether there was telemetry in the last 6 s.
---@field ready boolean Online, with the flag up, while staged; or racing.
---@field battery? number Percent.

---@class engine.RaceStatus
---@field state "STOPPED"|"STAGING"|"RACING"
---@field round? integer
---@field heat? integer
---@field seconds? number Since GO.
---@field ready boolean Whether a heat is staged and each of its lanes is ready.
---@field lanes engine.RaceLane[]

---The rules of a race. They may be edited while a heat runs; it goes on under the new ones.
---@class engine.RaceOptions
---@field lanes integer 1 to 16.
---To be run in this order. Either these, or `source`, or neither: then each heat is staged with its
---racers.
---@field heats? engine.Heat[]
---@field source? engine.RaceSource
---@field names? table<integer|string, string> By the racer's number.
---What counts of a racer's times, which come in ascending order; the lowest score is the best.
---Default "average".
---@field scoring? "average"|"drop_slowest"|"best"|fun(times: number[]): number
---@field dnf_after? number Seconds after GO: who has not arrived did not finish. Default 90.
---@field dnf_time? number Seconds that such a run counts in the standings. Default: `dnf_after`.
---@field minimum_time? number Seconds: what finishes sooner is no car. Default 0.
---Seconds: a STOP of the start device sooner after its GO makes it a false start, and the heat is
---staged again. Default 0: never.
---@field start_hold? number
---@field start_device? string The id of the one device whose GO counts. Default "starttimer".
---Which lane the DIP switches of a timer stand for. Default: 1000 for lane 1, 1001, 1010, and 1011
---for lane 4.
---@field dips? table<string, integer>
---@field prefix? string Of all topics. Default "derbynet".
---@field on_event? fun(event: engine.RaceEvent) For rules of your own: a horn, a light.

---A race of this script, as `race` returns it. What changes something raises while the script is
---loaded.
---@class engine.Race
---@field name string
local Race = {}

---Stages a heat: lane LEDs go blue, and GO of the start device starts it. One that is staged
---already is replaced. Raises on what is no heat.
---@param heat? engine.Heat Default: the next one.
---@return true? staged
---@return string? err A heat is running, or there is none.
function Race:stage(heat) end

---Ends a heat without a result; its clock is forgotten.
---@param reason? string Default "by hand".
---@return true? done
---@return string? err
function Race:abort(reason) end

---Takes GO back: the heat that runs is staged again.
---@param reason? string Default "by hand".
---@return true? done
---@return string? err
function Race:false_start(reason) end

---Stages the last heat again, aborting it when it runs. The new result replaces the old one.
---@return true? staged
---@return string? err
function Race:rerun() end

---From now on earlier results do not count; they stay listed in the store.
---@return true? done
---@return string? err
function Race:new_day() end

---Asks a device to update itself. Not while a heat is staged or running.
---@param device string Its id.
---@return "sent"|"queued"|"simulated"|nil outcome
---@return string? err
function Race:update(device) end

---@return engine.RaceStatus status
function Race:status() end

---The heats of the day that have been run; of one that was run again, the last.
---@param round? integer Default: all rounds.
---@return engine.RaceRun[] runs In the order of the heats.
function Race:results(round) end

---@param round? integer Default: over all rounds.
---@return engine.RaceStanding[] list The best first.
function Race:standings(round) end

---Declares a race with the topics and payloads of the derby's MQTT document: it follows the start
---device and the lane timers, and steers LEDs and pinnies. In `engine ctl` it is a scene: `start`
---stages the next heat, `stop` aborts it, `jump NAME rerun` and `jump NAME 1/3` stage the last
---one, or one by its number.
---
---Raises on what is wrong in the declaration.
---
---```lua
---local race = require "engine.race"
---
---race "soapbox" {
---  lanes = 3,
---  heats = race.rotation({ 42, 7, 13, 21 }, 3),
---  scoring = "average",
---  dnf_after = 20,
---}
---```
---@class engine.race
---@overload fun(name: string): fun(options: engine.RaceOptions): engine.Race
---@overload fun(name: string, options: engine.RaceOptions): engine.Race
local race = {}

---Heats in which every racer is once on each lane: as many as there are racers. Raises on what are
---no racers.
---@param racers (integer|string)[]
---@param lanes integer 1 to 16.
---@return engine.Heat[] heats
function race.rotation(racers, lanes) end

---What the four characters of a lane's display show: `flip` (its flag is down), `stop`, `BATT`
---(stopped, and below 20 %), else the pinny.
---@param lane { led: string, up: boolean?, pinny: string, battery: number? } `up`: of its flag.
---@return string text
function race.display(lane) end

return race
