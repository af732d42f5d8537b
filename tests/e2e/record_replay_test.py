"""`engine record` writes a broker's traffic down; `engine replay` plays it through scripts."""

import json
import os
import signal

import pytest

from conftest import ENGINE, REPOSITORY
from mqtt_tools import publish
from processes import Process, free_port, wait_until

HIT = """
mqtt.subscribe("range/+/raw", function(msg, sensor)
  local value = tonumber(msg.payload)
  if value and value >= %d then
    mqtt.publish("range/" .. sensor .. "/hit", { value = value, at = os.date("!%%H:%%M:%%S"), n = 1 })
    timer.after(0.5, function() mqtt.publish("range/" .. sensor .. "/armed", "yes", { qos = 1 }) end)
  end
end)
"""


@pytest.fixture
def record(cleanup):
    """record(ARGS...) starts `engine record` and returns when it listens."""
    def start(*args):
        process = cleanup(Process([ENGINE, "record", *map(str, args)], cwd=REPOSITORY))
        process.lines.wait_for("recording tcp://", 10)
        return process
    return start


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def messages_of(path):
    return [line for line in lines_of(path) if "topic" in line and line["topic"] != "e2e/ready"]


def write_recording(path, messages, end=None):
    """A recording of (seconds, topic, payload)."""
    lines = [{"engine_recording": 1, "started": "2026-01-31T18:00:00.000000Z", "filters": ["#"]}]
    lines += [{"t": t, "topic": topic, "payload": payload} for t, topic, payload in messages]
    if end is not None:
        lines.append({"end": end})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def recorded(path, count):
    """Waits until so many messages are in the file, which the running recorder flushes."""
    wait_until(lambda: len([line for line in path.read_bytes().split(b"\n")
                            if b'"topic"' in line and b"e2e/ready" not in line]) >= count,
               5, f"{count} messages are recorded")


def test_a_session_is_recorded_with_all_flags_and_bytes(broker, record, tmp_path):
    publish(broker, "room1/state", "kept", retain=True, qos=1)
    file = tmp_path / "night.jsonl"
    process = record(file, "--broker", broker.url)
    publish(broker, "room1/light", "ON", qos=2)
    publish(broker, "room1/raw", b"\x00\xff\n")
    publish(broker, "room1/empty", "")
    recorded(file, 4)
    process.signal(signal.SIGINT)
    assert process.wait(5) == 0
    assert process.lines.wait_for(r"5 messages in 0:0\d", 1)
    first, *rest = lines_of(file)
    assert first["engine_recording"] == 1 and first["filters"] == ["#"]
    assert "end" in rest[-1] and rest[-1]["end"] >= rest[-2]["t"]
    messages = messages_of(file)
    assert [(m["topic"], m["payload"], m["qos"], m["retain"]) for m in messages] == [
        ("room1/state", "kept", 1, True), ("room1/light", "ON", 2, False),
        ("room1/raw", {"base64": "AP8K"}, 0, False), ("room1/empty", "", 0, False)]
    assert all(0 <= m["t"] < 10 and m["wall"].startswith("20") for m in messages)


def test_only_what_is_asked_for_is_recorded_and_once(broker, record, tmp_path):
    file = tmp_path / "some.jsonl"
    process = record(file, "--broker", broker.url, "--filter", "a/#", "--filter", "+/x",
                     "--duration", "2")
    for topic in ("a/x", "b/x", "b/y", "a/y"):
        publish(broker, topic, "1")
    assert process.wait(8) == 0
    assert [m["topic"] for m in messages_of(file)] == ["a/x", "b/x", "a/y"]


def test_a_kill_loses_at_most_a_second(broker, record, run_engine, scene_file, tmp_path):
    file = tmp_path / "cut.jsonl"
    process = record(file, "--broker", broker.url)
    publish(broker, "range/1/raw", "200")
    recorded(file, 1)
    process.kill()
    with open(file, "a") as out:
        out.write('{"t":99.5,"topic":"range/1/raw","payl')  # As a power cut leaves it.
    done = run_engine("replay", file, "--scene", scene_file(HIT % 150))
    assert done.returncode == 0, done.stderr
    assert "the recording breaks off" in done.stderr
    assert "range/1/hit" in done.stdout


def test_a_lost_connection_comes_back_and_is_recorded_on(broker, record, tmp_path):
    file = tmp_path / "long.jsonl"
    process = record(file, "--broker", broker.url)
    publish(broker, "a", "before")
    recorded(file, 1)
    broker.kill()
    broker.start()

    def heard_again():
        publish(broker, "a", "after")
        return "after" in file.read_text()

    wait_until(heard_again, 15, "it records again")
    process.signal(signal.SIGINT)
    assert process.wait(5) == 0
    times = [m["t"] for m in messages_of(file)]
    assert times == sorted(times)


def test_on_a_terminal_the_progress_is_shown(broker, cleanup, tmp_path):
    master, slave = os.openpty()
    process = cleanup(Process([ENGINE, "record", str(tmp_path / "x.jsonl"), "--broker", broker.url,
                               "--duration", "1.2"], cwd=REPOSITORY, terminal=slave))
    assert process.wait(8) == 0
    shown = os.read(master, 65536).decode()
    os.close(slave)
    os.close(master)
    assert "0:01  1 messages  " in shown and "kB" in shown


def test_an_existing_file_is_kept_unless_forced(broker, record, run_engine, tmp_path):
    file = tmp_path / "old.jsonl"
    file.write_text("precious")
    done = run_engine("record", file, "--broker", broker.url)
    assert done.returncode == 1 and "--force" in done.stderr
    assert file.read_text() == "precious"
    record(file, "--broker", broker.url, "--duration", "0.1", "--force").wait(5)
    assert "engine_recording" in file.read_text()


def test_what_cannot_be_recorded_is_refused_with_the_reason(broker, run_engine, tmp_path):
    full = run_engine("record", "/dev/full", "--broker", broker.url, "--force")
    assert full.returncode == 1 and "No space left" in full.stderr
    for arguments, reason in [((), "which file"), (("x",), "which broker"),
                              (("x", "--broker", broker.url, "--filter", "a/#/b"), "'#' must be"),
                              (("x", "--broker", broker.url, "--duration", "-1"), "--duration"),
                              ((tmp_path, "--broker", broker.url), "exists already")]:
        done = run_engine("record", *arguments)
        assert done.returncode == 1 and reason in done.stderr, done.stderr


def test_a_broker_that_is_not_there_is_an_error(run_engine, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("[mqtt]\nfirst_tries = 1\nfirst_tries_spacing = 0.5\n")
    done = run_engine("record", tmp_path / "x.jsonl", "--config", config, "--broker",
                      f"tcp://127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert "cannot be reached: nothing is recorded" in done.stderr


def test_a_recorded_session_is_replayed_and_a_changed_rule_shows(
        broker, record, run_engine, scene_file, tmp_path):
    file = tmp_path / "night.jsonl"
    process = record(file, "--broker", broker.url)
    for value in ("100", "160", "240"):
        publish(broker, "range/1/raw", value)
    recorded(file, 3)
    process.signal(signal.SIGTERM)
    assert process.wait(5) == 0

    script = scene_file(HIT % 150)
    before = tmp_path / "before.jsonl"
    done = run_engine("replay", file, "--scene", script, "-o", before, "--tail", "1")
    assert done.returncode == 0, done.stderr
    assert [m["topic"] for m in messages_of(before)] == [
        "range/1/hit", "range/1/hit", "range/1/armed", "range/1/armed"]
    assert messages_of(before)[0]["wall"][:16] == lines_of(file)[0]["started"][:16]

    same = run_engine("replay", file, "--scene", script, "--diff", before, "--tail", "1")
    assert same.returncode == 0 and same.stdout == "", same.stdout
    assert "4 the same, 0 different" in same.stderr

    script.write_text(HIT % 200)
    changed = run_engine("replay", file, "--scene", script, "--diff", before, "--tail", "1")
    assert changed.returncode == 1
    assert "2 the same, 2 different" in changed.stderr
    gone = changed.stdout.splitlines()
    assert len(gone) == 2 and all(line.startswith("- ") for line in gone)
    assert '"value":160' in gone[0] and gone[1].endswith("range/1/armed = yes (qos 1)")


def test_two_replays_are_the_same_to_the_byte(run_engine, scene_file, tmp_path):
    recording = write_recording(tmp_path / "r.jsonl", [(i / 10, "in", str(i)) for i in range(50)])
    script = scene_file("""
        local seen = { alpha = 1, beta = 2, gamma = 3, delta = 4, epsilon = 5, zeta = 6 }
        mqtt.subscribe("in", function(msg)
          local names = {}
          for name in pairs(seen) do names[#names + 1] = name end
          mqtt.publish("out", { order = table.concat(names, " "), random = math.random(),
            time = os.time(), now = timer.now(), all = seen })
        end)
        timer.every(0.7, function() mqtt.publish("tick", os.date()) end)
        """)
    runs = [run_engine("replay", recording, "--scene", script).stdout for _ in range(5)]
    assert len(runs[0].splitlines()) == 1 + 50 + 7 + 1  # Header, answers, ticks, end.
    assert all(run == runs[0] for run in runs)


def test_what_the_scripts_publish_themselves_is_not_played_to_them(
        run_engine, scene_file, tmp_path):
    recording = write_recording(tmp_path / "r.jsonl", [
        (1, "question", "a"), (1.01, "answer", "old"), (2, "question", "b"), (2.01, "answer", "old"),
        (3, "other", "x")])
    script = scene_file("""
        mqtt.subscribe("question", function(msg) mqtt.publish("answer", "new " .. msg.payload) end)
        mqtt.subscribe("answer", function(msg) mqtt.publish("heard", msg.payload) end)
        mqtt.subscribe("other", function(msg) mqtt.publish("heard", msg.payload) end)
        """)

    def heard(*arguments):
        done = run_engine("replay", recording, "--scene", script, *arguments)
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [line["payload"] for line in lines if line.get("topic") == "heard"]

    assert heard() == ["new a", "new b", "x"]
    assert heard("--except", "other", "--except", "nothing/#") == ["new a", "new b"]
    assert heard("--inject", "question", "--inject", "answer") == ["new a", "old", "new b", "old"]


def test_a_scene_plays_in_the_time_of_the_recording(run_engine, scene_file, tmp_path):
    recording = write_recording(tmp_path / "r.jsonl", [(1.5, "room1/button", "PRESSED")], end=1800)
    script = scene_file("""
        local scene = require "engine.scene"
        scene "long" {
          trigger = { "room1/button", "PRESSED" },
          cues = { { 0, "room1/light", "ON" }, { 1700, "room1/light", "OFF" } },
        }
        """)
    done = run_engine("replay", recording, "--scene", script)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(m["t"], m["payload"]) for m in lines if "topic" in m] == [(1.5, "ON"), (1701.5, "OFF")]
    assert lines[-1] == {"end": 1800}


def test_speed_is_a_multiple_of_real_time(run_engine, cleanup, scene_file, tmp_path):
    recording = write_recording(tmp_path / "r.jsonl", [(0, "in", "1"), (600, "in", "2")])
    script = scene_file('mqtt.subscribe("in", function(m) mqtt.publish("out", m.payload) end)')
    done = run_engine("replay", recording, "--scene", script, "--speed", "1000")
    assert done.returncode == 0
    assert "2 messages (10:00) in 0.6 s" in done.stderr
    slow = cleanup(Process([ENGINE, "replay", str(recording), "--scene", str(script),
                            "--speed", "1"], cwd=REPOSITORY))
    slow.lines.wait_for('"payload":"1"', 5)
    slow.signal(signal.SIGINT)
    assert slow.wait(5) == 130
    assert not slow.lines.matching('"payload":"2"')


def test_on_a_terminal_the_lines_are_for_people(cleanup, scene_file, tmp_path):
    recording = write_recording(tmp_path / "r.jsonl", [(12.345, "in", "1")])
    script = scene_file('mqtt.subscribe("in", function() mqtt.publish("room1/light", "ON") end)')
    master, slave = os.openpty()
    process = cleanup(Process([ENGINE, "replay", str(recording), "--scene", str(script)],
                              cwd=REPOSITORY, terminal=slave))
    assert process.wait(5) == 0
    shown = os.read(master, 65536).decode()
    os.close(slave)
    os.close(master)
    assert "    12.345  room1/light = ON\r\n" in shown


def test_what_cannot_be_replayed_is_refused_with_the_reason(run_engine, scene_file, tmp_path):
    good = write_recording(tmp_path / "good.jsonl", [(1, "in", "1")])
    broken = tmp_path / "broken.jsonl"
    broken.write_text(good.read_text() + "{broken\n" + good.read_text())
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    script = scene_file("local x = 1")
    wrong = scene_file("local x = = 1", "wrong.lua")
    for arguments, reason in [
            ((), "which recording"), ((good,), "which scripts"),
            ((tmp_path / "gone", "--scene", script), "gone: cannot be read"),
            ((empty, "--scene", script), "is empty"),
            ((script, "--scene", script), "is not a recording"),
            ((broken, "--scene", script), "broken.jsonl:3: is not a JSON object"),
            ((good, "--scene", wrong), "wrong.lua:1:"),
            ((good, "--scene", script, "--speed", "fast"), "--speed: 'fast'"),
            ((good, "--scene", script, "--inject", "a/#/b"), "'#' must be"),
            ((good, "--scene", script, "--diff", script), "is not a recording"),
            ((good, "--scene", script, "-o", script), "exists already"),
            ((good, "--scene", script, "-o", "/dev/full", "--force"), "No space left")]:
        done = run_engine("replay", *arguments)
        assert done.returncode == 1 and reason in done.stderr, (arguments, done.stderr)
