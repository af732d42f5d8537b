"""Brokers that die: an outside one, and the engine's own."""

import os
import re
import signal
import subprocess

from mqtt_tools import Broker, BrokerAt, publish
from processes import child_pids, wait_until
from scripts import ECHO, SCENE, cue_sheet

# The first connection is tried this often before the engine goes on without.
QUICK_GIVING_UP = ["--set", "mqtt.first_tries=2", "--set", "mqtt.first_tries_spacing=0.1"]

SIMULATED = r"\[\d+\.\ds\] lamps/a/set = (\d+) \(simulation\)$"


def test_a_broker_that_dies_mid_scene_is_played_without_and_found_again(
        broker, engine, subscribe, scene_file, wait_for_echo):
    cues = [(n * 0.25, "lamps/a/set", f"{n}") for n in range(60)]
    show = scene_file(SCENE + ECHO + cue_sheet(cues) + cue_sheet(
        [(0.0, "lamps/b/set", "ON")], name="other", room="room2",
        trigger=("room2/button", "PRESSED")))
    before = subscribe(broker, "lamps/#")
    run = engine("--scene", show, "--broker", broker.url)
    before.wait_for("lamps/a/set", "2", timeout=15)
    broker.kill()
    run.lines.wait_for(SIMULATED, 5, count=4)
    assert run.alive()

    broker.start()
    after = subscribe(broker, "lamps/#")
    wait_for_echo(broker, timeout=20)  # The link is back, and the script's subscriptions with it.
    first = int(after.wait_for("lamps/a/set", timeout=5).payload)
    publish(broker, "room2/button", "PRESSED")
    after.wait_for("lamps/b/set", "ON")

    after.wait_for("lamps/a/set", str(first + 2))
    numbers = [int(payload) for payload in after.payloads("lamps/a/set")]
    assert numbers == list(range(first, first + len(numbers))), "in order, each once"
    simulated = [int(re.search(SIMULATED, line)[1]) for line in run.lines.matching(SIMULATED)]
    assert not set(simulated) & set(numbers), "a stale cue never fires late"


def test_without_a_broker_the_scene_plays_in_simulation(engine, scene_file, broker):
    broker.kill()
    show = scene_file(SCENE + cue_sheet([(0.0, "room1/light", "ON"), (0.2, "room1/steam", "ON")]))
    run = engine("--scene", show, "--broker", broker.url, "--once", *QUICK_GIVING_UP)
    assert run.wait(timeout=30) == 3, "nothing was confirmed"
    run.lines.wait_for(rf"\[(WARNING|ERROR)\] mqtt - .*127\.0\.0\.1:{broker.port}", 0)
    run.lines.wait_for(r"\[0\.0s\] room1/light = ON \(simulation\)", 0)
    run.lines.wait_for(r"\[0\.2s\] room1/steam = ON \(simulation\)", 0)


def test_a_broker_that_starts_after_the_engine_is_found(
        engine, scene_file, subscribe, broker, wait_for_echo):
    broker.kill()
    run = engine("--scene", scene_file(ECHO), "--broker", broker.url, *QUICK_GIVING_UP)
    run.lines.wait_for("simulation", 10)
    broker.start()
    wait_for_echo(broker)


def own_broker(run):
    """(process, port) of the mosquitto that an engine has started."""
    def find():
        for pid in child_pids(run.pid, "mosquitto"):
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                arguments = file.read().split("\0")
            with open(arguments[arguments.index("-c") + 1], encoding="utf-8") as file:
                listener = re.search(r"^listener (\d+) 127\.0\.0\.1$", file.read(), re.MULTILINE)
            return pid, int(listener[1])
        return None
    return wait_until(find, 10, "the engine has started a mosquitto")


def test_the_engine_brings_its_own_broker_and_restarts_it(
        engine, scene_file, subscribe, wait_for_echo):
    run = engine("--scene", scene_file(ECHO))
    pid, port = own_broker(run)
    run.lines.wait_for(rf"127\.0\.0\.1:{port}", 10)
    # mosquitto starts to listen a moment after it was started.
    run.lines.wait_for(r"\[INFO\] mqtt - Connected to ", 10)
    wait_for_echo(BrokerAt(port))

    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: child_pids(run.pid, "mosquitto") not in ([], [pid]), 10, "a new mosquitto")
    run.lines.wait_for(r"\[INFO\] mqtt - Connected to ", 20, count=2)
    wait_for_echo(BrokerAt(own_broker(run)[1]))


def test_an_ended_engine_leaves_no_broker_behind(engine, scene_file):
    for end in (signal.SIGINT, signal.SIGKILL):
        run = engine("--scene", scene_file(ECHO))
        pid, _ = own_broker(run)
        run.lines.wait_for(r"\[INFO\] mqtt - Connected to ", 10)
        if end == signal.SIGKILL:
            run.kill()
        else:
            run.interrupt()
            run.wait(timeout=5)
        wait_until(lambda mosquitto=pid: not os.path.exists(f"/proc/{mosquitto}"), 5,
                   f"mosquitto is gone after {end.name}")


def test_a_second_engine_on_the_same_state_is_refused(engine, scene_file, tmp_path):
    show = scene_file(ECHO)
    first = engine("--scene", show)
    first.lines.wait_for(r"\[INFO\] mqtt - Connected to ", 10)
    second = engine("--scene", show)
    assert second.wait(timeout=5) == 1
    second.lines.wait_for(rf"{re.escape(str(tmp_path / 'state'))}", 0)
    assert first.alive()


def test_a_taken_port_is_named(engine, scene_file, broker):
    """Somebody else has the port that the engine's own broker was told to use."""
    run = engine("--scene", scene_file(ECHO), "--set", f"broker.port={broker.port}")
    run.lines.wait_for(rf"\[(WARNING|ERROR)\] broker - .*{broker.port}", 10)
    assert run.alive()


def test_a_broker_behind_tls_is_used_and_a_stranger_is_not(
        engine, scene_file, tmp_path, cleanup, wait_for_echo):
    certificate, key = tmp_path / "broker.crt", tmp_path / "broker.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=museum", "-addext", "subjectAltName=IP:127.0.0.1",
         "-out", str(certificate), "-keyout", str(key)], check=True, capture_output=True)
    broker = cleanup(Broker(
        tmp_path, settings=["allow_anonymous true", f"certfile {certificate}", f"keyfile {key}"],
        client_options=["--cafile", str(certificate)])).start()
    address = f"ssl://127.0.0.1:{broker.port}"

    trusting = engine("--scene", scene_file(ECHO), "--broker", address, "--set",
                      f"mqtt.ca_file={certificate}")
    wait_for_echo(broker)
    trusting.interrupt()
    trusting.wait(timeout=5)

    wary = engine("--scene", scene_file(ECHO), "--broker", address)
    wary.lines.wait_for(rf"\[(WARNING|ERROR)\] mqtt - .*{broker.port}.*", 15)
    assert not wary.lines.matching(r"\[INFO\] mqtt - Connected to ")
