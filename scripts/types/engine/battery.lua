---@meta engine.battery

---@alias engine.BatteryChemistry "flooded"|"agm"|"gel"|"lifepo4"

---A limit that is watched. It is raised when the value has been beyond it for `hold` seconds, and
---cleared when it is back behind `clear`.
---@class engine.BatteryAlert
---What is watched: in V, A, °C, %, % a day (of a battery at rest), seconds since the last reading,
---points.
---@field of "voltage"|"current"|"temperature"|"state_of_charge"|"drain"|"age"|"health"
---@field below? number One of `below` and `above`.
---@field above? number
---@field clear? number Default: the limit.
---@field hold? number Seconds. Default 0.
---@field severity? "info"|"warning"|"error"|"critical" Default `"warning"`.

---@class engine.BatteryOptions
---@field name? string Default: its id.
---@field vehicle? string One of the garage's.
---@field device_type? string Of the monitor: "BM6", "BM2".
---@field chemistry? engine.BatteryChemistry Default: the garage's.
---@field nominal? number V. Default 12; the limits of a 12 V battery grow with it.
---@field capacity? number Ah, where the monitor does not say it.
---Over those of the garage; false: without it.
---@field alerts? table<string, engine.BatteryAlert|false>

---How a garage appears in Home Assistant.
---@class engine.BatteryHomeAssistant
---@field prefix? string As in `home_assistant.device`, and so are the others.
---@field form? "device"|"components"
---@field birth_delay? number
---@field origin? table
---@field remove_on_shutdown? boolean

---What a scoring function is given of a battery.
---@class engine.BatterySnapshot
---@field id string
---@field name string
---@field vehicle string?
---@field device_type string?
---@field chemistry engine.BatteryChemistry
---@field nominal number V
---@field capacity number? Ah
---@field connected boolean
---@field charging boolean
---@field voltage number? V, as all of these of the last reading.
---@field current number? A
---@field power number? W
---@field temperature number? °C
---%: by the voltage at rest and the chemistry, else what the monitor says.
---@field state_of_charge number?
---@field age number? Seconds since the last reading; nil when there is none.
---When it was last seen at rest.
---@field rest { time: number, voltage: number, state_of_charge: number }?
---The deepest dip of the last seven days.
---@field load { time: number, voltage: number, current: number? }?
---@field last_session engine.ChargingSession?
---At rest, of up to seven days.
---@field drain { percent_per_day: number, days: number, days_left: number? }?
---Its stored `voltage`, `current`, `temperature`, `state_of_charge` or `rest_voltage`: as
---`series:range`.
---@field history fun(name: string, from: number?, to: number?, options: table?): table[]?, string?

---@class engine.BatteryReason
---@field name string
---@field points number? How much it costs.
---@field text string? For people.
---@field device_id string?

---Score from 0 (worst) to 100, or nil when nothing is known; and what speaks against a full score.
---It is called with one battery for its own health, with all of a vehicle for the vehicle's.
---@alias engine.BatteryHealth fun(batteries: engine.BatterySnapshot[]): number?,
---  engine.BatteryReason[]?

---@class engine.DiscoveredBattery
---@field device_id string
---@field device_type? string
---@field name? string
---@field rssi? number dBm
---@field advertisement_data? table

---@class engine.GarageOptions
---What all topics begin with; "" for nothing. Default `"battery_hawk"`; one garage per prefix.
---@field prefix? string
---`"device"`: `device/<mac>/reading`, `vehicle/<id>/summary`. `"devices"`, the document's older
---form: `devices/<mac>/readings`, `vehicles/<id>/summary`. Default `"device"`.
---@field topics? "device"|"devices"|"both"
---@field vehicles? table<string, { name: string? }> By ids of letters, digits, `_` and `-`.
---@field batteries? table<string, engine.BatteryOptions> By MAC addresses.
---@field health? engine.BatteryHealth Default `battery.condition`.
---@field alerts? table<string, engine.BatteryAlert|false> Over the built-in ones.
---Whether every battery is announced. Default false.
---@field home_assistant? boolean|engine.BatteryHomeAssistant
---@field chemistry? engine.BatteryChemistry Default `"flooded"`.
---The sign of a current that charges. Default `"positive"`.
---@field charging_current? "positive"|"negative"
---@field offline_after? number Seconds without a reading: disconnected. Default 9000.
---@field keep? number Seconds that the history is kept. Default: a year.
---@field status_every? number Seconds between two system statuses. Default 300.
---Called for a monitor that nobody has declared: its options, false to ignore it, nil to take it as
---it is.
---@field on_discovery? fun(found: engine.DiscoveredBattery): engine.BatteryOptions|false|nil

---Batteries and their monitors, with the topics and messages of Battery Hawk's document; what is
---beyond it is told in `docs/garage.md`.
local battery = {}

---Declares a garage. What is known of its batteries survives saving the script, and restarts; what
---they measured is in `store.series("voltage/<mac>")` and the like, charging sessions in
---`store.runs("charging/<mac>")`.
---
---Raises on an option that is unknown or wrong, on bad MAC addresses and vehicle ids.
---
---```lua
---local battery = require "engine.battery"
---
---local garage = battery.garage {
---  vehicles  = { van = { name = "The van" } },
---  batteries = {
---    ["AA:BB:CC:DD:EE:FF"] = { name = "Starter", vehicle = "van", chemistry = "agm" },
---  },
---  home_assistant = true,
---}
---garage:readings_from "reader/device/+/reading"
---```
---@param options engine.GarageOptions
---@return engine.Garage
function battery.garage(options) end

---Scores by condition: 100, less points for a low charge, for the sag under load, for a charge that
---does not stay, for slow drain, for the age of the reading. Of several batteries the worst one
---counts.
---@param batteries engine.BatterySnapshot[]
---@return number? score
---@return engine.BatteryReason[] reasons
function battery.condition(batteries) end

---Scores as the document does: the share of the monitors that are connected (2 of 3: 66.7, "good").
---@param batteries engine.BatterySnapshot[]
---@return number score
---@return engine.BatteryReason[] reasons
function battery.connected(batteries) end

---The document's word for a score: from 80 `excellent`, from 60 `good`, from 40 `fair`, else
---`poor`; `unknown` for nil.
---@param score number?
---@return "excellent"|"good"|"fair"|"poor"|"unknown" word
function battery.word(score) end

---For `garage:readings_from`: reads what OpenMQTTGateway and Theengs Gateway publish on
---`home/<gateway>/BTtoMQTT/<mac>`. A BM2 or BM6 that they only hear has its state of charge in
---there.
---@param msg mqtt.Message
---@return string? id
---@return table|string|nil reading
function battery.open_mqtt_gateway(msg) end

---@class engine.Garage
---@field prefix string
local Garage = {}

---@param id string A MAC address.
---@return engine.Battery? battery nil when it is not known. Raises when it is no MAC address.
function Garage:battery(id) end

---Takes readings that others publish; what is wrong is logged, and the next one is taken. Retained
---messages are left out, because their time is not known, and the garage's own.
---
---Without `decode` they are the document's: a JSON object with `device_id`, or else the topic's
---first wildcard is the id; fields that are not the document's become `extra`. A monitor that
---nobody has declared is published as discovered.
---
---```lua
---garage:readings_from("ble/+/volts", function(msg, id)
---  return id, { voltage = tonumber(msg.payload) }
---end)
---```
---@param filter string
---@param decode? fun(msg: mqtt.Message, ...: string): string?, table|string|nil The id and the
---  reading; nil for
---  none; nil and a text for what is wrong.
function Garage:readings_from(filter, decode) end

---The same for the state of monitors: `connected`, and the document's other fields.
---@param filter string
---@param decode? fun(msg: mqtt.Message, ...: string): string?, table|string|nil
function Garage:status_from(filter, decode) end

---Publishes that a monitor was found, and takes it in; nothing when it is known.
---@param found engine.DiscoveredBattery
---@return engine.Battery? battery nil when `on_discovery` does not want it.
---@return string? err When there are too many.
function Garage:discovered(found) end

---Puts a battery into a vehicle, and publishes that. It stays there, whatever the script declares.
---@param id string A MAC address.
---@param vehicle string
---@return true? done
---@return string? err There is no such battery or vehicle.
function Garage:associate(id, vehicle) end

---Publishes the system status now.
---@param more? table Added to it, tables within tables: `{ components = { bluetooth = "active" }
---  }`.
function Garage:system_status(more) end

---Publishes that the garage shuts down. When the script or the engine ends, the engine does it.
---@param reason? string Default `"requested"`.
function Garage:shutdown(reason) end

---@class engine.BatteryReading
---@field voltage? number V; 0 is no reading.
---@field current? number A
---@field temperature? number °C
---@field state_of_charge? number %
---@field capacity? number Ah
---@field cycles? number
---Unix seconds or ISO 8601, also of the past; more than 60 s ahead is taken for now.
---@field timestamp? number|string
---@field extra? table
---@field vehicle_id? string Not used: the garage knows.
---@field device_type? string

---@class engine.BatteryStatus
---@field connected boolean
---@field error_code? number
---@field error_message? string
---@field protocol_version? string
---@field last_command? string
---@field extra? table

---@class engine.ChargingSession
---@field device_id string
---@field vehicle_id string?
---@field time number When it began, unix seconds.
---@field ended number
---@field seconds number
---@field peak_voltage number? V
---@field charge_ah number? Where the current is known.
---@field soc_before number? %
---%, an hour or more after its end; of the last session in a snapshot only.
---@field soc_after number?

---@class engine.Battery
---@field id string
---@field name string
local Battery = {}

---Takes a reading: stores and publishes it, with its power. One that is older than the last one
---goes to the history. Raises on what no monitor measures.
---
---```lua
---garage:battery("AA:BB:CC:DD:EE:FF"):reading { voltage = 12.6, current = 2.5, temperature = 25 }
---```
---@param reading engine.BatteryReading
---@return true? taken
---@return string? err It is 0 V, or the same one again.
function Battery:reading(reading) end

---Publishes the state of the monitor, with the last reading.
---@param status engine.BatteryStatus
function Battery:status(status) end

---@param options? { from: number?, to: number?, limit: integer? } As those of `runs:list`.
---@return engine.ChargingSession[]? sessions The newest first.
---@return string? err
function Battery:sessions(options) end

---@return number? score
---@return engine.BatteryReason[] reasons
---@return "excellent"|"good"|"fair"|"poor"|"unknown" word
function Battery:health() end

return battery
