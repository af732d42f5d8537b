"""The engine is killed, as a power cut would, and started again."""

import json
import random
import sqlite3
import time

import pytest

from mqtt_tools import publish
from processes import wait_until
from scripts import ECHO, SCENE

OFF = ', on_stop = { { "x/steam", "OFF", confirm = false } },'


def sheet(mode):
    cues = "".join(f'{{ {at}, "x/cue", "{at}", confirm = false }},' for at in range(8))
    return (SCENE + ECHO + 'scene "ghost" { room = "room1", trigger = { "x/go" },'
            f' on_restart = "{mode}"' + OFF + f" cues = {{ {cues} }} }}\n")


def story(mode):
    return SCENE + ECHO + (
        'scene "ghost" { room = "room1", trigger = { "x/go" },'
        f' on_restart = "{mode}"' + OFF +
        """ story = function(s)
          local off = { confirm = false }
          s:send("x/cue", "0", off)
          local msg = s:wait_for("x/lever")
          s:send("x/cue", msg.payload, off)
          s:wait(4)
          s:send("x/cue", "the end", off)
        end }
        """)


@pytest.fixture
def restart(broker, engine, wait_for_echo):
    """restart(show, former=None) kills the engine, if there is one, and starts it (again)."""
    def again(show, former=None):
        if former:
            former.kill()
        one = engine("--scene", show, "--broker", broker.url)
        wait_for_echo(broker)
        return one
    return again


def killed_in_a_cue_sheet(mode, broker, restart, seen, show):
    show.write_text(sheet(mode))
    first = restart(show)
    publish(broker, "x/go", "")
    seen.wait_for("x/cue", "3", timeout=10)
    time.sleep(0.5)  # What is written in the last second may be lost.
    before = seen.payloads("x/cue")
    second = restart(show, first)
    return second, before


def test_a_killed_cue_sheet_resumes(broker, restart, subscribe, scene_file):
    seen = subscribe(broker, "x/cue", "x/steam")
    show = scene_file("")
    engine, before = killed_in_a_cue_sheet("resume", broker, restart, seen, show)
    assert before == ["0", "1", "2", "3"]
    engine.lines.wait_for(r"Scene 'ghost' was interrupted .* resumed \(at (2\.[5-9]|3\.\d)s", 5)
    seen.wait_for("x/steam", "OFF", timeout=15)
    after = seen.payloads("x/cue")[len(before):]
    # The one that fell into the last second may be sent twice; none is left out.
    assert after in (["4", "5", "6", "7"], ["3", "4", "5", "6", "7"])


def test_a_killed_cue_sheet_rejoins_and_lists_what_it_missed(
        broker, restart, subscribe, scene_file):
    seen = subscribe(broker, "x/cue", "x/steam")
    show = scene_file(sheet("rejoin"))
    first = restart(show)
    publish(broker, "x/go", "")
    seen.wait_for("x/cue", "2", timeout=10)
    time.sleep(0.5)
    before = seen.payloads("x/cue")
    first.kill()
    time.sleep(2)
    second = restart(show)
    second.lines.wait_for(r"\[4\.0s\] missed: x/cue = 4", 5)
    seen.wait_for("x/steam", "OFF", timeout=15)
    after = seen.payloads("x/cue")[len(before):]
    assert "4" not in after and after[-1] == "7"


def test_a_killed_cue_sheet_starts_again(broker, restart, subscribe, scene_file):
    seen = subscribe(broker, "x/cue", "x/steam")
    _, before = killed_in_a_cue_sheet("restart", broker, restart, seen, scene_file(""))
    wait_until(lambda: seen.payloads("x/cue")[len(before):][:2] == ["0", "1"], 10, "it starts again")


def test_a_killed_cue_sheet_is_stopped(broker, restart, subscribe, scene_file):
    seen = subscribe(broker, "x/cue", "x/steam")
    engine, before = killed_in_a_cue_sheet("stop", broker, restart, seen, scene_file(""))
    seen.wait_for("x/steam", "OFF")
    engine.lines.wait_for(r"stopped \(on_restart = \"stop\"\)", 5)
    time.sleep(1.5)
    assert seen.payloads("x/cue") == before
    assert seen.payloads("x/steam") == ["OFF"]


def test_a_scene_that_starts_with_the_engine_is_stopped_before_it_starts_again(
        broker, restart, subscribe, scene_file):
    seen = subscribe(broker, "x/#", "room1/steam")
    show = scene_file(SCENE + ECHO + """scene "ghost" {
      on_stop = { { "room1/steam", "OFF" } }, -- Nobody confirms it: a second.
      cues = { { 0, "x/cue", "0", confirm = false }, { 60, "x/cue", "60" } } }
    """)
    first = restart(show)
    seen.wait_for("x/cue", "0")
    time.sleep(0.5)
    restart(show, first)
    seen.wait_for("room1/steam", "OFF")
    wait_until(lambda: seen.payloads("x/cue") == ["0", "0"], 5, "it starts again")


@pytest.mark.parametrize("mode, expected", [
    ("resume", ["the end"]), ("rejoin", ["the end"]), ("restart", ["0"]), ("stop", [])])
def test_a_story_killed_in_its_wait(broker, restart, subscribe, scene_file, mode, expected):
    seen = subscribe(broker, "x/cue", "x/steam")
    show = scene_file(story(mode))
    first = restart(show)
    publish(broker, "x/go", "")
    seen.wait_for("x/cue", "0")
    publish(broker, "x/lever", "pulled")
    seen.wait_for("x/cue", "pulled")
    time.sleep(1)
    began = time.monotonic()
    restart(show, first)
    if mode != "restart":
        seen.wait_for("x/steam", "OFF", timeout=10)
    if mode == "resume":
        assert time.monotonic() - began > 1.5  # What was left of four seconds.
    wait_until(lambda: seen.payloads("x/cue") == ["0", "pulled", *expected], 5, expected)


def test_verdicts_are_retained(broker, restart, engine, subscribe, scene_file):
    show = scene_file(sheet("resume"))
    first = restart(show)
    publish(broker, "x/go", "")
    publish(broker, "x/none", "")
    time.sleep(1.2)
    restart(show, first)
    topic = "engine/site/scripts/show"

    def last():
        payloads = subscribe(broker, topic)  # Somebody who comes later.
        return json.loads(payloads.wait_for(topic).payload)

    wait_until(lambda: last()["event"] == "restarted", 5, "the verdict of the restart")
    assert last()["taken_over"][0].startswith("scene ghost at ")
    show.write_text("nonsense(")
    wait_until(lambda: last()["event"] == "failed", 5, "the verdict of a broken save")
    assert "show.lua:1:" in last()["error"] and last()["running"]


def test_a_store_of_a_newer_engine_is_refused(run_engine, scene_file, tmp_path):
    database = tmp_path / "state" / "site" / "store.sqlite"
    database.parent.mkdir(parents=True)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    result = run_engine("--scene", scene_file(""), "--state", tmp_path / "state")
    assert result.returncode == 1
    assert result.stderr.startswith(f"engine: {database}: it was written by a newer engine")


def test_a_damaged_store_is_moved_aside_and_the_show_goes_on(restart, scene_file, tmp_path):
    folder = tmp_path / "state" / "site"
    folder.mkdir(parents=True)
    (folder / "store.sqlite").write_text("nonsense " * 1000)
    one = restart(scene_file(ECHO))
    one.lines.wait_for(r"store\.sqlite: file is not a database; it was moved to", 5)
    assert list(folder.glob("store.sqlite.broken-*"))


COUNTING = """
state.n = state.n or 0
timer.every(0.005, function()
  state.n = state.n + 1
  store.set("n", state.n)
  store.set("key " .. state.n % 50, ("x"):rep(state.n % 3000))
  if state.n % 20 == 0 then mqtt.publish("x/n", state.n) end
end)
mqtt.publish("x/stored", store.get("n", 0))
mqtt.publish("x/state", state.n)
"""


def test_killed_at_random_it_loses_a_second_at_most_and_damages_nothing(
        broker, restart, subscribe, scene_file, tmp_path):
    chance = random.Random(4711)
    seen = subscribe(broker, "x/n", "x/again")
    show = scene_file(ECHO + COUNTING)
    database = tmp_path / "state" / "site" / "store.sqlite"
    one = restart(show)
    for _ in range(6):
        time.sleep(1 + chance.random())
        one.kill()
        time.sleep(0.1)
        last = int(seen.payloads("x/n")[-1])
        with sqlite3.connect(database) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
        asks = subscribe(broker, "x/kept")
        show.write_text(ECHO + COUNTING + """
local stored, kept = store.get("n", 0), state.n
mqtt.on_connection(function(up)
  if up then mqtt.publish("x/kept", stored .. " " .. kept) end
end)
""")
        one = restart(show)
        stored, kept = map(int, asks.wait_for("x/kept").payload.split())
        assert last - 200 <= stored, "a second is 200 of them"
        assert last - 220 <= kept
