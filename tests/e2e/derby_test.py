"""The derby with outside clients, which know only its document: start device, lane timers, displays."""

import json
import subprocess
import time

import pytest

from conftest import ENGINE, REPOSITORY
from mqtt_tools import publish
from processes import wait_until

EVENT = "derbynet/race/event"
STATE = "derbynet/race/state"
DIPS = {1: "1000", 2: "1001", 3: "1010"}

RACE = """
local race = require "engine.race"
race "soapbox" {
  lanes = 3, heats = race.rotation({ 42, 7, 13, 21 }, 3),
  names = { [42] = "Mia" }, dnf_after = 60, MORE
}
"""


class Track:
    """The devices, the operator, and a display that sees everything."""

    def __init__(self, broker, subscribe):
        self.broker = broker
        self.display = subscribe(broker, "derbynet/#")

    def go(self):
        publish(self.broker, "derbynet/device/starttimer/state",
                json.dumps({"state": "GO", "timestamp": int(time.time())}), retain=True)

    def stop(self):
        publish(self.broker, "derbynet/device/starttimer/state",
                json.dumps({"state": "STOP", "timestamp": int(time.time())}), retain=True)

    def flag(self, lane, up=False):
        publish(self.broker, f"derbynet/device/L{lane}/state",
                json.dumps({"toggle": up, "timestamp": int(time.time()), "dip": DIPS[lane]}),
                retain=True, qos=2)

    def telemetry(self, lane):
        publish(self.broker, f"derbynet/device/L{lane}/telemetry", json.dumps({
            "hostname": f"finishtimerL{lane}", "hwid": f"L{lane}", "uptime": 3645,
            "ip": f"192.168.100.10{lane}", "mac": "b8:27:eb:c3:d4:e5", "wifi_rssi": -67,
            "battery_level": 100, "cpu_temp": 42.3, "memory_usage": 14.7, "disk": 23.5,
            "cpu_usage": 1.2, "time": int(time.time()), "pcbVersion": "1.0.0"}), retain=True, qos=1)

    def command(self, order):
        publish(self.broker, "derbynet/race/command", order, qos=2)

    def stage(self):
        staged = len(self.told("derbynet/lane/1/led", "blue"))
        self.command("stage")
        wait_until(lambda: len(self.told("derbynet/lane/1/led", "blue")) > staged, 15, "staged")

    def told(self, topic, payload):
        return [m for m in self.display.messages(topic) if m.payload == payload]

    def events(self, name):
        """Each as (message, what it says)."""
        said = [(m, json.loads(m.payload)) for m in self.display.messages(EVENT)]
        return [(m, event) for m, event in said if event["event"] == name]

    def event(self, name, count=1, timeout=15):
        """The `count`th of that name."""
        wait_until(lambda: len(self.events(name)) >= count, timeout, f"event {name} #{count}")
        return self.events(name)[count - 1]

    def run_heat(self, order=(1, 2, 3)):
        before = len(self.events("race_end"))
        started = len(self.events("race_start"))
        self.stage()
        self.go()
        self.event("race_start", started + 1)
        self.finish(order)
        return self.event("race_end", before + 1)[1]

    def finish(self, order):
        """One after the other: the broker may hand over in one go what was sent in many."""
        arrived = len(self.events("lane_finish"))
        for number, lane in enumerate(order, arrived + 1):
            self.flag(lane)
            self.event("lane_finish", number)


@pytest.fixture
def track(broker, subscribe):
    return Track(broker, subscribe)


@pytest.fixture
def race(broker, engine, scene_file, track):
    """race(more="") starts an engine with RACE; returns it when the race is heard of."""
    def start(more=""):
        heard = len(track.display.messages(STATE))
        run = engine("--scene", scene_file(RACE.replace("MORE", more), "race.lua"), "--broker",
                     broker.url, "--set", "mqtt.will.topic=derbynet/status", "--set",
                     "mqtt.will.payload=offline")
        wait_until(lambda: len(track.display.messages(STATE)) > heard, 15, "a race server")
        return run
    return start


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_a_heat_as_the_document_has_it(broker, engine, track, subscribe, version):
    run = engine("--config", "config/derby.toml", "--broker", broker.url, "--set",
                 f"mqtt.version={version}")
    track.display.wait_for("derbynet/status", "online", timeout=15)
    track.display.wait_for(STATE, "STOPPED")
    for lane in DIPS:
        track.telemetry(lane)
        track.flag(lane, up=True)
    track.stage()
    track.display.wait_for(STATE, "STAGING")
    assert track.display.wait_for("derbynet/lane/1/pinny", "0042").qos == 2

    before_go = time.time()
    track.go()
    message, start = track.event("race_start")
    assert message.qos == 2 and not message.retained
    assert start["roundid"] == 1 and start["heatid"] == 1
    assert isinstance(start["timestamp"], float) and abs(start["timestamp"] - before_go) < 20
    track.display.wait_for(STATE, "RACING")
    track.display.wait_for("derbynet/lane/2/led", "green")

    before_finish = time.time()
    track.finish((2, 1, 3))
    _, end = track.event("race_end")
    places = {result["lane"]: result["place"] for result in end["results"]}
    assert places == {2: 1, 1: 2, 3: 3}
    assert end["results"][0]["racer"] == "0042" and end["results"][0]["name"] == "Mia"
    # Whatever the network took: GO had been heard when its event came, and a finish not before it
    # was sent.
    finish, said = track.event("lane_finish")
    assert before_finish - message.time <= said["time"] <= finish.time - before_go
    assert said["time"] == round(said["time"], 3)

    track.display.wait_for("derbynet/lane/2/led", "purple")
    wait_until(lambda: track.display.payloads("derbynet/lane/2/led") ==
               ["red", "blue", "green", "purple", "red"], 5, "red at the end, and nothing twice")
    late = subscribe(broker, "derbynet/lane/+/led", "derbynet/lane/+/pinny", "derbynet/race/standings")
    led = late.wait_for("derbynet/lane/1/led", "red")
    assert led.retained and led.qos == 2
    assert late.wait_for("derbynet/lane/3/pinny", "0013").retained
    standings = json.loads(late.wait_for("derbynet/race/standings").payload)["standings"]
    assert [one["racer"] for one in standings] == ["0007", "0042", "0013"]

    run.kill()
    track.display.wait_for("derbynet/status", "offline", timeout=15)


def test_a_go_that_the_broker_has_kept_starts_nothing(broker, track, race):
    track.go()  # Of yesterday, and retained.
    race()
    track.stage()
    track.command("abort")
    track.event("race_abort")
    assert track.events("race_start") == []
    track.stage()
    track.go()  # The same words, now.
    track.event("race_start")


def test_a_double_finish_counts_once_and_a_heat_can_be_aborted_and_run_again(track, race):
    race()
    track.stage()
    track.go()
    track.event("race_start")
    track.flag(1)
    track.flag(1)
    track.flag(2)
    track.event("lane_finish", 2)
    track.command('{"command": "abort", "reason": "a dog"}')
    assert track.event("race_abort")[1]["reason"] == "a dog"
    assert track.events("race_end") == [], "two lanes of three have arrived"
    wait_until(lambda: track.display.payloads("derbynet/lane/1/led")[-1] == "red", 5, "red")

    end = track.run_heat(order=(3, 1, 2))
    assert end["heatid"] == 1 and [one["place"] for one in end["results"]] == [2, 3, 1]
    assert max(one["time"] for one in end["results"]) < \
        track.event("race_end")[0].time - track.event("race_start", 2)[0].time + 5, "a new clock"

    track.command("rerun")
    wait_until(lambda: len(track.told("derbynet/lane/1/led", "blue")) == 3, 15, "staged again")
    track.go()
    track.event("race_start", 3)
    track.finish((1, 2, 3))
    again = track.event("race_end", 2)[1]
    assert again["heatid"] == 1 and [one["place"] for one in again["results"]] == [1, 2, 3]
    wait_until(lambda: json.loads(track.display.payloads("derbynet/race/standings")[-1])
               ["standings"][0]["racer"] == "0042", 5, "the new result counts")


def test_what_devices_say_wrong_is_told_and_harms_nothing(broker, track, race):
    run = race()
    track.stage()
    track.go()
    track.event("race_start")
    for payload in [b"", b"GO", b"null", b"[]", b"7", bytes(range(256)), b'{"toggle": false',
                    b'{"toggle": "false", "dip": "1000"}', b'{"timestamp": 1, "dip": "1000"}',
                    b'{"toggle": false, "dip": "9999"}', b'{"toggle": false, "dip": null}',
                    b"[" * 5000, b'{"toggle": false, "dip": "' + b"x" * 500000 + b'"}']:
        for what in ("state", "telemetry", "status"):
            publish(broker, f"derbynet/device/L1/{what}", payload, qos=1)
    publish(broker, "derbynet/race/command", bytes(range(128, 256)), qos=1)
    publish(broker, "derbynet/alerts", bytes(range(256)), qos=1)
    track.flag(2)
    assert track.event("lane_finish")[1]["lane"] == 2
    assert len(track.events("lane_finish")) == 1
    assert len(track.display.messages("derbynet/alerts")) > 3
    assert run.lines.matching(r"\[ERROR\]") == []


def test_an_edited_rule_holds_for_the_heat_that_runs_and_the_standings_stay(
        track, race, scene_file):
    race()
    track.run_heat()
    track.stage()
    track.go()
    track.event("race_start", 2)
    track.flag(1)
    track.event("lane_finish", 4)
    scene_file(RACE.replace("MORE", "dnf_time = 100").replace("= 60", "= 0.5"), "race.lua")
    end = track.event("race_end", 2)[1]
    assert end["heatid"] == 2
    assert [one.get("dnf", False) for one in end["results"]][1:] == [True, True]

    def standings():
        told = track.display.payloads("derbynet/race/standings")[-1]
        return {one["racer"]: one for one in json.loads(told)["standings"]}

    wait_until(lambda: "0021" in standings(), 5, "standings after two heats")
    assert standings()["0042"]["runs"] == 1, "of the first heat"
    assert standings()["0013"]["dnf"] == 1 and standings()["0021"]["score"] == 100


def test_results_outlive_the_engine_and_heats_are_staged_by_ctl(track, race, tmp_path):
    def ctl(*words):
        done = subprocess.run([ENGINE, "ctl", *words, "--state", str(tmp_path / "state")], text=True,
                              cwd=REPOSITORY, capture_output=True, timeout=20, check=False)
        return done.returncode, done.stdout + done.stderr

    first = race()
    track.run_heat()
    first.interrupt()
    assert first.wait(timeout=20) == 0
    track.display.wait_for("derbynet/status", "offline")
    second = race()
    assert ctl("start", "soapbox")[0] == 0
    second.lines.wait_for(r"heat 1/2 is staged", 10)
    assert "heat 1/2 waits for GO" in ctl("scenes")[1]
    ticks = len(track.display.messages("derbynet/race/time"))
    wait_until(lambda: len(track.display.messages("derbynet/race/time")) > ticks + 2, 15,
               "two seconds of the engine's, after which everything is on disk")
    second.kill()

    third = race()
    third.lines.wait_for(r"Scene 'soapbox' was interrupted .*heat 1/2 is staged", 10)
    assert ctl("stop", "soapbox")[0] == 0
    track.event("race_abort")
    code, text = ctl("jump", "soapbox", "1/9")
    assert code == 1 and "there is no heat 1/9" in text
    assert ctl("jump", "soapbox", "1/1")[0] == 0
    third.lines.wait_for(r"heat 1/1 is staged", 10)


def test_the_derby_can_be_seen_without_hardware(engine):
    run = engine("--scene", "scenes/derby/race.lua", "--simulate")
    run.lines.wait_for(r"GO", 15)
    run.lines.wait_for(r"heat 1/1: 1\. \d{4} \w+ \d\.\d{3} s, 2\. ", 15)
    run.lines.wait_for(r"standings: 1\. ", 5)
    assert run.lines.matching(r"\[(ERROR|WARNING)\] script - race:") == []
