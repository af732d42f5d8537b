-- The track without hardware, for `--simulate`: a start device, three lane timers, and somebody who
-- calls one heat after the other.
local race = require "engine.race"

local SLOWEST, FASTEST = 4.5, 2.5 -- Seconds down the hill.
local born = timer.now()

local function say(topic, payload, qos)
  mqtt.publish("derbynet/" .. topic, payload, { qos = qos, retain = true, offline = "drop" })
end

-- The lane timers: a flag goes up when the lane is staged, and drops when the car is there.

local lanes = {}

local function flag(lane, up)
  lane.up = up
  say(("device/%s/state"):format(lane.id),
    { toggle = up, timestamp = math.floor(timer.wall()), hwid = lane.id, dip = lane.dip,
      lane = tostring(lane.number) }, 2)
end

local function telemetry(lane)
  say(("device/%s/status"):format(lane.id), "online", 1)
  say(("device/%s/telemetry"):format(lane.id), {
    hostname = "finishtimer" .. lane.id, hwid = lane.id, uptime = math.floor(timer.now() - born),
    ip = "192.168.100.10" .. lane.number, mac = "b8:27:eb:c3:d4:e" .. lane.number,
    wifi_rssi = -60 - lane.number, battery_level = 100 - lane.number, cpu_temp = 42.3,
    memory_usage = 14.7, disk = 23.5, cpu_usage = 1.2, time = math.floor(timer.wall()),
    pcbVersion = "1.0.0", dip = lane.dip, toggle = lane.up, led = lane.led, pinny = lane.pinny,
    readyToRace = lane.up and lane.led == "blue",
    display = race.display { led = lane.led, up = lane.up, pinny = lane.pinny, battery = 100 },
  }, 1)
end

-- In every fourth heat a car loses a wheel on the way.
local started = 0

local function run_down(lane)
  if started % 4 == 0 and lane.number == 2 then return end
  timer.after(FASTEST + math.random() * (SLOWEST - FASTEST), function()
    if lane.led == "green" then flag(lane, false) end
  end)
end

local function obey(lane, led)
  lane.led = led
  if led == "blue" then
    timer.after(0.3 + math.random() * 0.7, function() flag(lane, true) end)
  elseif led == "green" then
    run_down(lane)
  end
end

for number, dip in ipairs { "1000", "1001", "1010" } do
  local lane = { number = number, id = "L" .. number, dip = dip, up = false, led = "red",
    pinny = "errr" }
  lanes[number] = lane
  mqtt.subscribe(("derbynet/lane/%d/led"):format(number), function(msg)
    obey(lane, msg.payload)
  end)
  mqtt.subscribe(("derbynet/lane/%d/pinny"):format(number), function(msg)
    lane.pinny = msg.payload
  end)
  timer.every(2, function() telemetry(lane) end)
end

-- The start device: opens when every flag is up.

local function start_says(word)
  mqtt.publish("derbynet/device/starttimer/state",
    { state = word, timestamp = math.floor(timer.wall()) }, { retain = true, offline = "drop" })
end

local function ready()
  for _, lane in ipairs(lanes) do
    if lane.led == "blue" and not lane.up then return false end
  end
  return true
end

local opening

local function open_when_ready()
  opening = timer.after(1.5, function()
    if not ready() then return open_when_ready() end
    start_says "GO"
    timer.after(2, function() start_says "STOP" end)
  end)
end

-- Whoever calls the heats.

local function command(word)
  mqtt.publish("derbynet/race/command", word, { qos = 2, offline = "drop" })
end

mqtt.subscribe("derbynet/race/event", function(msg)
  local event = type(msg.json) == "table" and msg.json.event
  if event == "race_start" then started = started + 1 end
  if event == "race_end" then timer.after(3, function() command "stage" end) end
end)

local state

mqtt.subscribe("derbynet/race/state", function(msg)
  if msg.payload == state then return end
  state = msg.payload
  if opening then opening:cancel() end
  if state == "STAGING" then open_when_ready() end
end)

mqtt.subscribe("derbynet/alerts", function(msg)
  if not msg.payload:find("all heats have been run", 1, true) then return end
  log.info "that was the day; the next one begins in 15 seconds"
  timer.after(15, function()
    command "new_day"
    command "stage"
  end)
end)

local begun = false

mqtt.on_connection(function(connected)
  if not connected then return end
  for _, lane in ipairs(lanes) do
    flag(lane, lane.up)
    telemetry(lane)
  end
  if begun then return end
  begun = true
  timer.after(0.5, function()
    command "new_day"
    command "stage"
  end)
end)
