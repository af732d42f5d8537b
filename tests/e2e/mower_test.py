"""The mower's services and an outside client that knows only the mower document."""

import json
import re
import signal
import subprocess
import time
import uuid

import pytest

import mqtt_tools
from processes import wait_until

CONFIG = "config/mower.toml"


def envelope(message_type, payload, **metadata):
    """A message of the document, section "Message Protocols"."""
    return {"metadata": {"timestamp": time.time(), "message_id": str(uuid.uuid4()),
                         "sender": "outside", "message_type": message_type, "priority": 1,
                         "correlation_id": None, "expires_at": None, "retry_count": 0, **metadata},
            "payload": payload}


class Client:
    """What it sends are envelopes; what it hears is on `lawnberry/#`."""

    def __init__(self, broker, subscribe):
        self._broker = broker
        self.heard = subscribe(broker, "lawnberry/#")

    def send(self, topic, message, **options):
        mqtt_tools.publish(self._broker, f"lawnberry/{topic}", json.dumps(message), **options)

    def messages(self, topic):
        return [json.loads(m.payload) for m in self.heard.messages(f"lawnberry/{topic}")
                if m.payload]

    def wait(self, topic, accept=lambda message: True, timeout=10):
        """The first message on the topic that is accepted."""
        return wait_until(
            lambda: next((m for m in self.messages(topic) if accept(m)), None), timeout,
            f"such a message on {topic}; there were {self.messages(topic)}")

    def wait_for_state(self, service, state):
        return self.wait(f"system/services/{service}/status",
                         lambda m: m["payload"]["status"] == state)

    def command(self, target, command, **parameters):
        """Sends a command and returns the payload of its answer."""
        correlation_id = str(uuid.uuid4())
        self.send(f"commands/{target}", envelope(
            "command", {"target": target, "command": command, "parameters": parameters,
                        "timeout": 30.0, "require_ack": True},
            correlation_id=correlation_id), qos=2)
        answer = self.wait("responses/outside",
                           lambda m: m["metadata"]["correlation_id"] == correlation_id)
        assert answer["metadata"]["message_type"] == "response"
        return answer["payload"]


@pytest.fixture
def client(broker, subscribe):
    return Client(broker, subscribe)


@pytest.fixture
def mower(broker, engine, client):
    """The services, with shorter heartbeats than the catalogue lets through; the camera is the
    test."""
    run = engine("--config", CONFIG, "--broker", broker.url, "--set", "topics.files=[]",
                 "--set", "services.heartbeat_interval=0.5",
                 "--set", "services.heartbeat_timeout=2")
    client.wait_for_state("safety", "starting")
    client.send("system/services/vision_service/status", envelope(
        "status", {"status": "healthy", "uptime": 0, "version": "1.0.0", "details": {
            "service_id": "vision_service", "service_type": "vision", "state": "healthy"},
            "resources": {}}), retain=True, qos=1)
    client.wait_for_state("safety", "healthy")
    return run


@pytest.mark.usefixtures("mower")
def test_services_are_discovered_and_their_heartbeats_seen(broker, client, subscribe):
    late = Client(broker, subscribe)
    for service, kind in [("hardware_interface", "hardware"), ("navigation", "navigation"),
                          ("safety", "safety"), ("power", "power")]:
        status = late.wait(f"system/services/{service}/status")
        assert status["payload"]["details"]["service_type"] == kind
        assert status["metadata"]["message_type"] == "status"
    assert all(m.retained and m.qos == 1 for m in
               late.heard.messages("lawnberry/system/services/navigation/status")[:1])
    beats = "system/services/power/status"
    wait_until(lambda: len(client.messages(beats)) >= 4, 10, "heartbeats")
    stamps = [m["metadata"]["timestamp"] for m in client.messages(beats)]
    assert stamps == sorted(stamps)


@pytest.mark.usefixtures("mower")
def test_commands_are_answered(client):
    pong = client.command("navigation", "ping")
    assert pong["success"] and pong["result"]["pong"] is True
    assert client.command("navigation", "status")["result"]["state"] == "healthy"
    refused = client.command("hardware_interface", "read_sensor", sensor_id="gps")
    assert refused["success"] is False
    assert refused["error"] == "there is no reading of 'gps'"
    unknown = client.command("navigation", "dance")
    assert unknown["success"] is False
    assert unknown["error"].startswith("unknown command 'dance'")


def test_readings_become_envelopes_and_positions(broker, client, mower):
    mqtt_tools.publish(broker, "mower/raw/gps", '{"latitude": 47.5, "longitude": 8.7}')
    reading = client.wait("sensors/gps/data")
    assert reading["payload"]["data"] == {"latitude": 47.5, "longitude": 8.7}
    assert reading["payload"]["sensor_type"] == "gps"
    position = client.wait("navigation/position")
    assert position["payload"]["details"]["position"]["latitude"] == 47.5
    # What breaks the rules is dropped, and said.
    bad = envelope("sensor_data", {"sensor_type": "gps", "data": {"latitude": 1}})
    del bad["metadata"]["sender"]
    client.send("sensors/gps/data", bad)
    mower.lines.wait_for(
        r"lawnberry/sensors/gps/data: dropped an envelope: metadata\.sender is missing", 10)


@pytest.mark.usefixtures("mower")
def test_a_person_stops_the_mower_and_the_state_is_retained(broker, client, subscribe):
    client.send("vision/detections", envelope(
        "sensor_data", {"sensor_type": "vision", "device_id": "camera",
                        "data": {"person_detected": True, "distance": 2.4}}), qos=1)
    stop = client.wait("safety/emergency_stop")
    assert stop["payload"]["severity"] == "critical"
    assert stop["metadata"]["priority"] == 3
    client.wait("navigation/status", lambda m: m["payload"]["status"] == "stopped")
    late = subscribe(broker, "lawnberry/safety/#")
    for topic in ["lawnberry/safety/emergency_stop", "lawnberry/safety/alerts/emergency_stop"]:
        kept = late.wait_for(topic)
        assert kept.retained and kept.qos == 2
    assert client.command("navigation", "start_mowing")["error"] == "there is an emergency stop"
    assert client.command("safety", "clear_emergency_stop")["success"]
    later = subscribe(broker, "lawnberry/safety/emergency_stop", "lawnberry/navigation/status")
    later.wait_for("lawnberry/navigation/status")
    assert later.messages("lawnberry/safety/emergency_stop") == []


@pytest.mark.usefixtures("mower")
def test_a_service_that_falls_silent_is_told_offline_once(client):
    # Nobody speaks for the camera any more.
    gone = client.wait("system/events/service_offline")
    assert gone["payload"]["event_data"]["service_id"] == "vision_service"
    client.wait_for_state("safety", "degraded")
    beats = len(client.messages("system/services/power/status"))
    wait_until(lambda: len(client.messages("system/services/power/status")) > beats + 3, 10,
               "some time passes")
    assert len(client.messages("system/events/service_offline")) == 1


def test_services_go_offline_with_the_engine(client, mower):
    mower.interrupt()
    mower.wait(timeout=10)
    for service in ["hardware_interface", "navigation", "safety", "power"]:
        assert client.messages(f"system/services/{service}/status")[-1]["payload"]["status"] \
            == "offline"


def test_readings_are_rate_limited_and_alerts_are_not(broker, client, engine):
    run = engine("--config", CONFIG, "--broker", broker.url)
    client.wait_for_state("hardware_interface", "healthy")
    gps = mqtt_tools.Publisher(broker, "mower/raw/gps", qos=1)
    for n in range(130):
        gps.send(json.dumps({"latitude": 47.5, "longitude": n}))
    gps.finish()
    run.lines.wait_for(r"lawnberry/sensors/gps/data: more than 100 messages in 60 s", 10)
    client.send("vision/detections", envelope(
        "sensor_data", {"sensor_type": "vision", "device_id": "camera",
                        "data": {"person_detected": True, "distance": 2.4}}), qos=1)
    client.wait("safety/emergency_stop")
    assert len(client.messages("sensors/gps/data")) == 100


# A sensor of the document's kind, ten times a second; says of each reading what became of it. When
# asked to, it measures a tilt that stops the mower.
ODOMETER = """
local service = require "engine.service"
local odometer = service "odometer" { type = "sensor" }
local run = store.get("run", 0) + 1
store.set("run", run)
local number = 0
timer.every(0.1, function()
  if number == 60 then return end -- The document allows 100 a minute.
  number = number + 1
  local outcome = odometer:publish_reading("odometer", { run = run, number = number })
  log.info("reading %d:%d %s", run, number, outcome)
  if run == 1 and number == 30 then mqtt.publish("mower/raw/imu", { tilt = 40 }) end
end)
"""


class Readings:
    """Of the odometer: what the engine says it has taken, and what the outside client hears."""

    def __init__(self, client):
        self._client = client

    def heard(self, run):
        data = [m["payload"]["data"] for m in self._client.messages("sensors/odometer/data")]
        return [d["number"] for d in data if d["run"] == run]

    @staticmethod
    def taken(process, run, outcome):
        found = process.lines.matching(rf"reading {run}:\d+ {outcome}")
        return [int(re.search(r"reading \d+:(\d+)", line)[1]) for line in found]

    def assert_whole(self, run, last, copies):
        heard = self.heard(run)
        assert list(dict.fromkeys(heard)) == list(range(1, last + 1)), "all, and in order"
        assert max(heard.count(n) for n in heard) <= copies


def test_nothing_queued_is_lost_over_a_broker_restart_and_a_kill(
        broker, client, engine, scene_file, subscribe):
    def start():
        return engine("--config", CONFIG, "--scene", scene_file(ODOMETER), "--broker", broker.url,
                      "--set", "mqtt.backoff_min=0.1", "--set", "mqtt.backoff_max=0.5")

    def back(word):
        """Whether the outside client hears again what the broker gets."""
        mqtt_tools.publish(broker, "lawnberry/probe", word)
        return word in client.heard.payloads("lawnberry/probe")

    readings = Readings(client)
    first = start()
    wait_until(lambda: len(readings.heard(1)) > 5, 15, "readings")
    broker.kill()
    wait_until(lambda: len(readings.taken(first, 1, "queued")) > 20, 15, "queued readings")
    first.lines.wait_for(r"EMERGENCY STOP", 10)
    first.kill()
    first.wait(10)  # Until all that it said is read.
    last = max(readings.taken(first, 1, "(queued|sent)"))
    broker.start()
    wait_until(lambda: back("1"), 15, "the outside client is back")

    second = start()
    wait_until(lambda: readings.heard(2), 20, "the first run's readings are through")
    readings.assert_whole(1, last, copies=2)
    kept = subscribe(broker, "lawnberry/safety/#")
    stop = kept.wait_for("lawnberry/safety/emergency_stop", timeout=10)
    assert stop.retained and stop.qos == 2

    broker.kill()
    wait_until(lambda: len(readings.taken(second, 2, "queued")) > 10, 15, "queued readings")
    second.signal(signal.SIGSTOP)
    broker.start()
    wait_until(lambda: back("2"), 15, "the outside client is back")
    second.signal(signal.SIGCONT)
    wait_until(lambda: 60 in readings.heard(2), 20, "the last reading")
    readings.assert_whole(2, 60, copies=2)


REQUEST = """
local task = require "engine.task"
mqtt.subscribe("test/go", function()
  task.start(function()
    local reply, err = mqtt.request("lamps/1", "?", { qos = 1, timeout = 10 })
    mqtt.publish("test/result", reply and reply.payload or err)
  end)
end)
mqtt.respond("doors/+", function(msg, door) return door .. ": " .. msg.payload end)
"""


def test_mqtt_5_requests_of_scripts_and_of_others(broker, engine, scene_file, subscribe):
    engine("--scene", scene_file(REQUEST), "--broker", broker.url).lines.wait_for("loaded", 10)
    results = subscribe(broker, "test/result")
    requests = subprocess.Popen(
        ["mosquitto_sub", *broker.client_options, "-V", "5", "-q", "1", "-C", "1", "-W", "20",
         "-t", "lamps/1", "-F", "%R\n%D\n%p"], stdout=subprocess.PIPE, text=True)
    try:
        def asked():
            mqtt_tools.publish(broker, "test/go", "x")
            return requests.poll() is not None
        wait_until(asked, 15, "a request on lamps/1")
        response_topic, correlation_data, payload = requests.stdout.read().splitlines()
    finally:
        requests.kill()
        requests.wait()
        requests.stdout.close()
    assert payload == "?"
    assert response_topic.startswith("engine/")
    subprocess.run(["mosquitto_pub", *broker.client_options, "-V", "5", "-t", response_topic,
                    "-m", "ON", "-D", "publish", "correlation-data", correlation_data],
                   check=True, timeout=10)
    results.wait_for("test/result", "ON", timeout=10)
    answer = subprocess.run(
        ["mosquitto_rr", *broker.client_options, "-t", "doors/7", "-e", "me/replies", "-m", "open?",
         "-W", "10"], check=True, timeout=20, capture_output=True, text=True)
    assert answer.stdout.strip() == "7: open?"
