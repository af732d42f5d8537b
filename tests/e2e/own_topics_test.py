"""What the engine says of itself on <prefix>/..., as outside clients hear it."""

import json

from mqtt_tools import publish
from processes import wait_until
from scripts import ECHO, SCENE, cue_sheet

PREFIX = "engine/site"
GHOST = SCENE + cue_sheet([(0.0, "room1/light", "ON"), (60.0, "room1/motor", "START")], name="ghost",
                          trigger=("room1/button", "PRESSED"), on_stop=[("room1/light", "OFF")])
FAULTY = 'mqtt.subscribe("test/fault", function() error("oh no") end)\n'


def test_status_is_online_and_by_the_last_will_offline(
        broker, engine, subscribe, scene_file):
    watcher = subscribe(broker, f"{PREFIX}/status")
    run = engine("--scene", scene_file(ECHO), "--broker", broker.url)
    online = watcher.wait_for(f"{PREFIX}/status", "online", timeout=15)
    assert online.qos == 1
    late = subscribe(broker, f"{PREFIX}/status").wait_for(f"{PREFIX}/status")
    assert late.payload == "online" and late.retained
    run.kill()
    watcher.wait_for(f"{PREFIX}/status", "offline", timeout=15)
    kept = subscribe(broker, f"{PREFIX}/status").wait_for(f"{PREFIX}/status")
    assert kept.payload == "offline" and kept.retained


def test_status_is_offline_after_an_orderly_end(broker, engine, subscribe, scene_file):
    watcher = subscribe(broker, f"{PREFIX}/status")
    run = engine("--scene", scene_file(ECHO), "--broker", broker.url)
    watcher.wait_for(f"{PREFIX}/status", "online", timeout=15)
    run.interrupt()
    run.wait(timeout=10)
    watcher.wait_for(f"{PREFIX}/status", "offline")


def test_another_last_will_wins_and_that_is_said(
        broker, engine, subscribe, scene_file, wait_for_echo):
    publish(broker, f"{PREFIX}/status", "online", retain=True)  # Of a run before.
    watcher = subscribe(broker, "my/will", f"{PREFIX}/status")
    run = engine("--scene", scene_file(ECHO), "--broker", broker.url, "--set",
                 "mqtt.will.topic=my/will", "--set", "mqtt.will.payload=gone")
    wait_for_echo(broker)
    run.lines.wait_for(rf"\[WARNING\] mqtt - {PREFIX}/status is not published", 0)
    watcher.wait_for(f"{PREFIX}/status", "")
    run.kill()
    watcher.wait_for("my/will", "gone", timeout=15)
    assert watcher.payloads(f"{PREFIX}/status") == ["online", ""]


def test_health_is_retained_and_renewed(broker, engine, subscribe, scene_file):
    run = engine("--scene", scene_file(ECHO), "--broker", broker.url, "--set", "health.interval=1")
    run.lines.wait_for(r"\[INFO\] mqtt - Connected to ", 15)
    watcher = subscribe(broker, f"{PREFIX}/health")
    first = watcher.wait_for(f"{PREFIX}/health", timeout=10)
    health = json.loads(first.payload)
    assert health["hostname"] and health["uptime"] > 0 and health["engine"]["memory"] > 1_000_000
    assert 0 <= health["memory_usage"] <= 100 and 0 <= health["disk"] <= 100
    assert health["mqtt"]["connected"] is True and health["errors"]["faults"] == 0
    assert health["errors"]["rate_limited"] == 0
    assert first.qos == 1
    later = subscribe(broker, f"{PREFIX}/health").wait_for(f"{PREFIX}/health")
    assert later.retained
    count = len(watcher.payloads(f"{PREFIX}/health"))
    wait_until(lambda: len(watcher.payloads(f"{PREFIX}/health")) > count, 10, "another report")


def test_a_script_that_faults_is_an_alert(broker, engine, subscribe, scene_file, wait_for_echo):
    watcher = subscribe(broker, f"{PREFIX}/alerts")
    engine("--scene", scene_file(ECHO + FAULTY, "ghost.lua"), "--broker", broker.url, "--set",
           "scripts.fault_limit=3")
    wait_for_echo(broker)
    publish(broker, "test/fault", "now")
    alert = watcher.wait_for(f"{PREFIX}/alerts")
    told = json.loads(alert.payload)
    assert told["severity"] == "error" and told["source"] == "script ghost"
    assert "ghost.lua:2: oh no" in told["message"]
    assert alert.qos == 1 and not alert.retained
    for _ in range(2):
        publish(broker, "test/fault", "now")

    def set_aside():
        return [a for a in map(json.loads, watcher.payloads(f"{PREFIX}/alerts"))
                if a["severity"] == "critical"]
    aside = wait_until(set_aside, 10, "an alert that it is set aside")
    assert "set aside after 3 faults" in aside[0]["message"]


def test_a_broker_that_was_away_is_an_alert_when_it_is_back(
        broker, engine, subscribe, scene_file, wait_for_echo):
    # It is not back before the watcher is.
    engine("--scene", scene_file(ECHO), "--broker", broker.url, "--set", "mqtt.backoff_min=3")
    wait_for_echo(broker)
    broker.kill()
    broker.start()
    watcher = subscribe(broker, f"{PREFIX}/alerts")
    wait_until(lambda: len(watcher.payloads(f"{PREFIX}/alerts")) == 2, 20, "lost, and back")
    told = [json.loads(payload) for payload in watcher.payloads(f"{PREFIX}/alerts")]
    assert [alert["severity"] for alert in told] == ["error", "info"]
    assert told[0]["message"] == "the connection to the broker was lost"


def test_scene_states_are_retained_and_taken_away_with_the_scene(
        broker, engine, subscribe, scene_file, wait_for_echo):
    topic = f"{PREFIX}/scenes/ghost"
    watcher = subscribe(broker, topic)
    show = scene_file(GHOST + ECHO)
    engine("--scene", show, "--broker", broker.url)
    idle = json.loads(watcher.wait_for(topic, timeout=15).payload)
    assert idle["state"] == "idle" and idle["last"] is None and idle["room"] == "room1"
    wait_for_echo(broker)
    publish(broker, "room1/button", "PRESSED")

    def state(wanted):
        return next((s for s in map(json.loads, filter(None, watcher.payloads(topic)))
                     if wanted(s)), None)
    playing = wait_until(lambda: state(lambda s: s["state"] == "running" and s["next_at"] == 60.0), 10,
                         "the ghost plays")
    assert playing["next"] == "room1/motor = START" and playing["position"] < 60
    kept = subscribe(broker, topic).wait_for(topic)
    assert kept.retained
    show.write_text(ECHO)
    watcher.wait_for(topic, "", timeout=10)
    assert subscribe(broker, topic).messages() == []
