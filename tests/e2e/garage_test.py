"""The garage: outside clients are the readers of the monitors, and everybody who listens."""

import json
import re
import signal
import time

import pytest

import home_assistant
from conftest import REPOSITORY
from mqtt_tools import publish
from processes import wait_until

VAN, TRAILER = "AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:03"
SCENE = REPOSITORY / "scenes" / "garage" / "garage.lua"
READING = {"voltage": 12.6, "current": 2.5, "temperature": 25.0, "state_of_charge": 85.0,
           "capacity": 100.0, "cycles": 150}


def read(broker, device, **values):
    publish(broker, f"reader/device/{device}/reading", json.dumps(values), qos=1)


def wait_for(seen, topic, what="a message", accept=lambda body: True, timeout=10):
    """The first message on this topic whose JSON is accepted."""
    def found():
        return next((m for m in seen.messages(topic)
                     if m.payload and accept(json.loads(m.payload))), None)
    return wait_until(found, timeout, f"{topic}: {what}")


def body(message):
    return json.loads(message.payload)


@pytest.fixture
def garage(broker, engine, subscribe):
    """garage(file) starts an engine with that script; returns it when it hears everything."""
    def start(file=SCENE, *options):
        seen = subscribe(broker, "battery_hawk/system/status")
        known = len(seen.messages())
        one = engine("--scene", file, "--broker", broker.url, *options)
        wait_until(lambda: len(seen.messages()) > known, 15, "the garage is there")
        return one
    return start


def test_a_reading_in_the_document_s_words(broker, garage, subscribe):
    garage()
    seen = subscribe(broker, "battery_hawk/#")
    read(broker, VAN, **READING)
    reading = wait_for(seen, f"battery_hawk/device/{VAN}/reading")
    assert (reading.qos, reading.retained) == (1, False)
    assert body(reading).items() >= {**READING, "device_id": VAN, "power": 31.5,
                                     "vehicle_id": "van", "device_type": "BM6"}.items()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body(reading)["timestamp"])
    wait_for(seen, "battery_hawk/vehicle/van/summary", "one that is connected",
             lambda s: s["connected_devices"] == 1)

    late = subscribe(broker, "battery_hawk/#")  # What the broker keeps, by the document's table.
    status = wait_for(late, f"battery_hawk/device/{VAN}/status")
    summary = wait_for(late, "battery_hawk/vehicle/van/summary")
    system = wait_for(late, "battery_hawk/system/status")
    assert [m.retained for m in (status, summary, system)] == [True, True, True]
    assert [m.qos for m in (status, summary, system)] == [1, 1, 2]
    assert late.messages(f"battery_hawk/device/{VAN}/reading") == []
    assert body(status)["connected"] is True
    assert body(status)["latest_reading"]["power"] == 31.5
    assert body(summary)["total_devices"] == 1 and body(summary)["average_voltage"] == 12.6
    assert body(system)["core"]["running"] is True
    assert body(system)["mqtt_connected"] is True
    assert body(system)["components"]["mqtt"] == "connected"


def test_two_of_three_connected_is_good(broker, garage, subscribe, scene_file):
    garage(scene_file("""
local battery = require "engine.battery"
local garage = battery.garage {
  topics = "both", health = battery.connected, vehicles = { my_vehicle = {} },
  batteries = {
    ["AA:BB:CC:DD:EE:11"] = { vehicle = "my_vehicle", capacity = 100 },
    ["AA:BB:CC:DD:EE:12"] = { vehicle = "my_vehicle", capacity = 100 },
    ["AA:BB:CC:DD:EE:13"] = { vehicle = "my_vehicle", capacity = 100 },
  },
}
garage:readings_from "reader/device/+/reading"
"""))
    seen = subscribe(broker, "battery_hawk/#")
    read(broker, "AA:BB:CC:DD:EE:11", voltage=12.6)
    read(broker, "AA:BB:CC:DD:EE:12", voltage=12.2)
    for topic in ("battery_hawk/vehicle/my_vehicle/summary",
                  "battery_hawk/vehicles/my_vehicle/summary"):
        summary = body(wait_for(seen, topic, "two", lambda s: s["connected_devices"] == 2))
        assert summary.items() >= {"total_devices": 3, "average_voltage": 12.4,
                                   "total_capacity": 300, "overall_health": "good",
                                   "health_score": 0.67}.items()
    wait_for(seen, "battery_hawk/devices/AA:BB:CC:DD:EE:11/readings")
    wait_for(seen, "battery_hawk/devices/AA:BB:CC:DD:EE:11/status")


def test_shutdown_is_told_and_taken_back(broker, garage, subscribe):
    one = garage()
    seen = subscribe(broker, "battery_hawk/system/shutdown")
    one.signal(signal.SIGINT)
    assert one.wait(10) == 0
    told = wait_for(seen, "battery_hawk/system/shutdown")
    assert told.qos == 2 and body(told)["status"] == "shutting_down"
    assert subscribe(broker, "battery_hawk/system/shutdown").wait_for(
        "battery_hawk/system/shutdown").retained
    garage()
    seen.wait_for("battery_hawk/system/shutdown", "")


def test_home_assistant_is_told_what_it_documents(broker, garage, subscribe):
    garage()
    seen = subscribe(broker, "homeassistant/#")
    topic = "homeassistant/device/battery_hawk_aabbccddee01/config"
    told = wait_for(seen, topic)
    assert told.retained
    home_assistant.check_device(topic, body(told))
    publish(broker, "homeassistant/status", "online")
    wait_until(lambda: len(seen.messages(topic)) == 2, 10, "it is announced again")


def log_of_a_week(broker, publisher, now):
    """The trailer's battery loses 6 % a day."""
    log = publisher(broker, f"reader/device/{TRAILER}/reading", qos=1)
    for hours in range(6 * 24, 0, -3):
        log.send(json.dumps({"voltage": 12.6 - 0.05 * (6 - hours / 24),
                             "timestamp": now - hours * 3600}))
    log.finish()


def test_an_edited_score_takes_effect_and_the_history_stays(
        broker, garage, subscribe, publisher, tmp_path):
    show = tmp_path / "garage.lua"
    show.write_text(SCENE.read_text())
    one = garage(show)
    seen = subscribe(broker, "battery_hawk/#")
    health = f"battery_hawk/device/{TRAILER}/health"
    log_of_a_week(broker, publisher, time.time())
    # Of the last reading of the log: nothing changes by itself after it.
    before = body(wait_for(seen, health, "the drain", lambda h: h["drain_percent_per_day"]
                           and h["voltage"] < 12.31))
    assert 5 < before["drain_percent_per_day"] < 7
    assert "slow_drain" in [reason["name"] for reason in before["reasons"]]

    show.write_text(SCENE.read_text().replace(
        "local score, reasons = battery.condition(batteries)",
        "local score, reasons = 7, { { name = 'mine' } }"))
    after = body(wait_for(seen, health, "the new score", lambda h: h["score"] == 7))
    assert 5 < after["drain_percent_per_day"] < 7, "the history stays"
    assert after["alerts"] == before["alerts"]

    time.sleep(1.2)  # What was stored in the last second may be lost.
    one.kill()  # And over a power cut.
    garage(show)
    late = subscribe(broker, health)
    read(broker, TRAILER, voltage=12.25)
    again = body(wait_for(late, health, "the next", lambda h: h["voltage"] == 12.25))
    assert 5 < again["drain_percent_per_day"] < 7
