"""What must not stop a show: each time a clear line, and an engine that goes on."""

import os
import re
import subprocess

import pytest

from mqtt_tools import Broker, publish
from scripts import ECHO, SCENE, cue_sheet


def start(engine, broker, wait_for_echo, *scenes):
    arguments = [word for scene in scenes for word in ("--scene", scene)]
    run = engine(*arguments, "--broker", broker.url)
    wait_for_echo(broker)
    return run


@pytest.mark.parametrize("name, payload", [
    ("binary", bytes(range(256))), ("one_megabyte", b"x" * 1024 * 1024), ("empty", b"")],
    ids=["binary", "one_megabyte", "empty"])
def test_a_senseless_device_status_is_logged_in_short(
        broker, engine, scene_file, wait_for_echo, name, payload):
    run = engine("--scene", scene_file(ECHO), "--broker", broker.url, "--log-level", "debug")
    wait_for_echo(broker)
    publish(broker, f"devices/{name}/status", payload)
    publish(broker, "devices/fine/status", "online")
    run.lines.wait_for(r"\[INFO\] mqtt_devices - Device fine connected", 5)
    if payload:
        lines = run.lines.matching(rf"mqtt_handler - Unhandled message on devices/{name}/status")
        assert len(lines) == 1 and len(lines[0]) < 500
    wait_for_echo(broker)


def test_a_flood_of_statuses_arrives_complete(
        broker, engine, scene_file, subscribe, publisher, wait_for_echo):
    show = scene_file(ECHO + """
local count = 0
mqtt.subscribe("devices/flood/status", function(msg)
  count = count + 1
  if msg.payload == "online" then mqtt.publish("test/flood", count) end
end)
""")
    seen = subscribe(broker, "test/flood")
    run = start(engine, broker, wait_for_echo, show)
    flood = publisher(broker, "devices/flood/status", qos=1)
    for number in range(2000):
        flood.send("updating" if number % 2 else f"noise {number}")
    flood.send("online")
    flood.finish()
    seen.wait_for("test/flood", "2001", timeout=15)
    run.lines.wait_for(r"mqtt_devices - .*flood", 5)
    wait_for_echo(broker)


def test_an_error_in_one_script_leaves_the_others_alone(
        broker, engine, scene_file, subscribe, wait_for_echo):
    faulty = scene_file('mqtt.subscribe("test/boom", function(msg)\n'
                        "  return msg.payload.no.such.field\nend)\n", name="faulty.lua")
    run = start(engine, broker, wait_for_echo, faulty, scene_file(ECHO))
    publish(broker, "test/boom", "now")
    run.lines.wait_for(r"\[ERROR\] script - .*faulty\.lua:2: .*index", 5)
    run.lines.wait_for(r"test/boom", 1)
    wait_for_echo(broker)
    assert run.alive()


def test_a_script_that_cannot_load_does_not_keep_the_others_from_running(
        broker, engine, scene_file, wait_for_echo):
    broken = scene_file("local x = = 1\n", name="broken.lua")
    run = start(engine, broker, wait_for_echo, broken, scene_file(ECHO))
    run.lines.wait_for(r"\[ERROR\].*broken\.lua:1: ", 1)


def test_the_budget_of_the_configuration_counts(broker, engine, scene_file, wait_for_echo):
    endless = scene_file('mqtt.subscribe("test/endless", function() while true do end end)\n',
                         name="endless.lua")
    run = engine("--scene", endless, "--scene", scene_file(ECHO), "--broker", broker.url,
                 "--set", "scripts.hard_budget_ms=150")
    wait_for_echo(broker)
    publish(broker, "test/endless", "now")
    run.lines.wait_for(r"stopped: it ran for longer than 150 ms.*test/endless", 10)
    wait_for_echo(broker)


@pytest.mark.parametrize("cue, complaint", [
    ('{ 1.0 }', "topic"),
    ('{ -1.0, "room1/light", "ON" }', r"-1"),
    ('{ 1.0, "room1/+", "ON" }', r"room1/\+"),
    ('{ 1.0, "", "ON" }', "topic"),
    ('{ "soon", "room1/light", "ON" }', "soon"),
])
def test_a_senseless_cue_is_refused_where_it_stands(engine, scene_file, cue, complaint):
    show = scene_file(SCENE + f'scene "show" {{\n  cues = {{\n    {cue},\n  }},\n}}\n')
    run = engine("--scene", show, "--simulate", "--once")
    assert run.wait(timeout=10) == 1
    run.lines.wait_for(rf"\[ERROR\].*show\.lua:\d+: .*{complaint}", 0)


def test_a_missing_sound_is_a_warning_and_the_scene_goes_on(
        broker, engine, scene_file, subscribe):
    show = scene_file(SCENE + cue_sheet([(0.0, "room1/audio", "no_such.mp3"),
                                         (0.2, "lamps/a/set", "ON")]))
    lamps = subscribe(broker, "lamps/#")
    run = engine("--scene", show, "--broker", broker.url)
    lamps.wait_for("lamps/a/set", "ON", timeout=15)
    run.lines.wait_for(r"\[WARNING\].*no_such\.mp3", 1)


@pytest.fixture
def guarded_broker(tmp_path, cleanup):
    """A broker that knows one user: curator, password ghost."""
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "curator", "ghost"], check=True)
    os.chmod(passwords, 0o600)
    return cleanup(Broker(
        tmp_path, settings=["allow_anonymous false", f"password_file {passwords}"],
        client_options=["-u", "curator", "-P", "ghost"])).start()


def test_a_broker_that_refuses_us_is_named_with_its_reason(engine, guarded_broker, scene_file):
    run = engine("--scene", scene_file(ECHO), "--broker", guarded_broker.url)
    line = run.lines.wait_for(r"\[(WARNING|ERROR)\] mqtt - .*[Nn]ot authori[sz]ed.*", 10)[0]
    assert str(guarded_broker.port) in line
    assert run.alive()


def test_user_and_password_come_from_the_configuration_and_a_file(
        engine, guarded_broker, scene_file, tmp_path, wait_for_echo):
    secret = tmp_path / "secret"
    secret.write_text("ghost\n")
    secret.chmod(0o600)
    config = tmp_path / "engine.toml"
    config.write_text(f'[mqtt]\nuser = "curator"\npassword_file = "{secret}"\n')
    engine("--scene", scene_file(ECHO), "--config", config, "--broker", guarded_broker.url)
    wait_for_echo(guarded_broker)


@pytest.mark.parametrize("text, complaint", [
    ("[mqtt\n", r"engine\.toml:1:\d+: "),
    ("[mqtt]\nverson = 5\n", r"engine\.toml:2:1: .*verson.*did you mean '(mqtt\.)?version'"),
    ('[mqtt]\nversion = "five"\n', r"engine\.toml:2:\d+: .*mqtt\.version.*five"),
])
def test_a_malformed_configuration_is_refused_with_its_place(
        run_engine, scene_file, tmp_path, text, complaint):
    config = tmp_path / "engine.toml"
    config.write_text(text)
    done = run_engine("--scene", scene_file(ECHO), "--config", config)
    assert done.returncode == 1
    assert re.search(complaint, done.stderr + done.stdout)
