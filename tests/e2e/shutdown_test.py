"""Ending the engine while a scene runs."""

import signal
import time

import pytest

from scripts import SCENE, cue_sheet


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_cues_of_on_stop_are_sent_before_the_engine_ends(
        broker, engine, subscribe, scene_file, ending):
    show = scene_file(SCENE + cue_sheet(
        [(0.0, "room1/steam", "ON"), (60.0, "room1/light", "ON")],
        on_stop=[("room1/steam", "OFF"), ("room1/light", "OFF")]))
    room = subscribe(broker, "room1/#")
    run = engine("--scene", show, "--broker", broker.url)
    room.wait_for("room1/steam", "ON", timeout=15)

    begin = time.monotonic()
    run.signal(ending)
    run.wait(timeout=2)
    print(f"ended after {time.monotonic() - begin:.3f} s")
    room.wait_for("room1/light", "OFF", timeout=1)
    assert room.payloads("room1/steam") == ["ON", "OFF"]
    assert room.payloads("room1/light") == ["OFF"]


def test_without_a_broker_the_engine_ends_as_quickly(broker, engine, scene_file):
    show = scene_file(SCENE + cue_sheet([(0.0, "room1/steam", "ON"), (60.0, "room1/light", "ON")],
                                        on_stop=[("room1/steam", "OFF")]))
    run = engine("--scene", show, "--broker", broker.url)
    run.lines.wait_for(r"\[0\.0s\] room1/steam = ON", 15)
    broker.kill()
    run.interrupt()
    run.wait(timeout=2)
    run.lines.wait_for(r"room1/steam = OFF", 0)
