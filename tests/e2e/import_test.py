"""`engine import`: the museum's JSON scenes as Lua scenes that play the same."""

import json

LIST = [
    {"timestamp": 0.4, "topic": "room1/motor", "message": "START"},  # Lists need not be sorted.
    {"timestamp": 0, "topic": "room1/light", "message": "ON"},
    {"timestamp": 0.2, "topic": "room1/light", "message": "DIM:50"},
]

STATES = {
    "sceneId": "motors",
    "initialState": "right",
    "states": {
        "right": {
            "onEnter": [{"action": "mqtt", "topic": "room1/motor1", "message": "ON:100:R"}],
            "timeline": [{"at": 0.2, "action": "mqtt", "topic": "room1/light", "message": "ON"}],
            "onExit": [{"action": "mqtt", "topic": "room1/motor1", "message": "OFF"}],
            "transitions": [{"type": "timeout", "delay": 0.5, "goto": "END"}],
        },
    },
}


def imported(run_engine, tmp_path, document):
    source = tmp_path / "old.json"
    source.write_text(json.dumps(document))
    done = run_engine("import", source)
    assert done.returncode == 0, done.stderr
    scene = tmp_path / "imported.lua"
    scene.write_text(done.stdout)
    return scene


def sent_by(scene, broker, engine, subscribe, virtual_esp):
    room = subscribe(broker, "room1/#")
    virtual_esp(broker, delay=0.05)
    run = engine("--scene", scene, "--broker", broker.url, "--once")
    assert run.wait(timeout=20) == 0
    return [(m.topic, m.payload) for m in room.messages() if m.topic != "room1/status"]


def test_a_list_scene_plays_the_same_in_lua(
        run_engine, tmp_path, broker, engine, subscribe, virtual_esp):
    scene = imported(run_engine, tmp_path, LIST)
    assert sent_by(scene, broker, engine, subscribe, virtual_esp) == [
        ("room1/light", "ON"), ("room1/light", "DIM:50"), ("room1/motor", "START")]


def test_a_state_machine_scene_plays_the_same_in_lua(
        run_engine, tmp_path, broker, engine, subscribe, virtual_esp):
    scene = imported(run_engine, tmp_path, STATES)
    assert sent_by(scene, broker, engine, subscribe, virtual_esp) == [
        ("room1/motor1", "ON:100:R"), ("room1/light", "ON"), ("room1/motor1", "OFF")]


def test_a_scene_that_is_neither_form_is_refused_with_the_reason(run_engine, tmp_path):
    source = tmp_path / "old.json"
    source.write_text(json.dumps([{"timestamp": 0, "topic": "room1/light"}]))
    done = run_engine("import", source)
    assert done.returncode == 1
    assert "old.json" in done.stderr and "message" in done.stderr
