"""Saving a scene file while it plays."""

import os
import threading
import time

import pytest

from mqtt_tools import publish
from processes import wait_until
from scripts import ECHO, SCENE, cue_sheet

# Counts what arrives on test/count, across reloads, and tells on request.
COUNTER = """
state.count, state.gaps = state.count or 0, state.gaps or 0
mqtt.subscribe("test/count", function(msg)
  local n = tonumber(msg.payload)
  if n ~= (state.last or 0) + 1 then state.gaps = state.gaps + 1 end
  state.last, state.count = n, state.count + 1
end, { qos = 1 })
mqtt.subscribe("test/report?", function()
  mqtt.publish("test/report", ("%d gaps in %d"):format(state.gaps, state.count))
end)
"""


def save_in_place(path, text):
    path.write_text(text)


def save_by_renaming(path, text):
    """As vim and most editors do."""
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text)
    os.replace(fresh, path)


class Counting(threading.Thread):
    """Publishes 1, 2, 3, ... every 2 ms until `finish`, which returns the last number."""

    def __init__(self, publisher):
        super().__init__(daemon=True)
        self._publisher = publisher
        self._enough = threading.Event()
        self._number = 0
        self.start()

    def run(self):
        while not self._enough.wait(0.002):
            self._number += 1
            self._publisher.send(self._number)

    def finish(self):
        self._enough.set()
        self.join()
        self._publisher.finish()
        return self._number


@pytest.mark.parametrize("save", [save_in_place, save_by_renaming])
def test_a_save_changes_the_coming_cues_repeats_none_and_loses_no_message(
        broker, engine, subscribe, publisher, scene_file, wait_for_echo, save):
    def text(word):
        cues = [(at / 2, "lamps/a/set", f"{word} {at / 2}") for at in range(9)]
        return SCENE + ECHO + COUNTER + cue_sheet(cues, trigger=("test/go", "GO"))

    show = scene_file(text("old"))
    lamps = subscribe(broker, "lamps/#", "test/report")
    engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    counting = Counting(publisher(broker, "test/count", qos=1))
    publish(broker, "test/go", "GO")

    lamps.wait_for("lamps/a/set", "old 1.0")
    save(show, text("new"))
    lamps.wait_for("lamps/a/set", "new 2.0", timeout=3)
    save(show, text("newer"))
    lamps.wait_for("lamps/a/set", "newer 4.0", timeout=4)

    last = counting.finish()
    publish(broker, "test/report?", "", qos=1)
    assert lamps.wait_for("test/report").payload == f"0 gaps in {last}"
    played = [payload.split() for payload in lamps.payloads("lamps/a/set")]
    assert [at for _, at in played] == [f"{n / 2}" for n in range(9)], "each cue exactly once"
    assert [word for word, _ in played][:3] == ["old"] * 3
    assert played[4][0] == "new" and played[8][0] == "newer"


def test_a_broken_save_leaves_the_show_running_and_names_the_error(
        broker, engine, subscribe, scene_file, wait_for_echo):
    cues = [(at / 2, "lamps/a/set", f"{at / 2}") for at in range(7)]
    text = SCENE + ECHO + cue_sheet(cues, trigger=("test/go", "GO"))
    show = scene_file(text)
    lamps = subscribe(broker, "lamps/#")
    run = engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    publish(broker, "test/go", "GO")
    lamps.wait_for("lamps/a/set", "0.5")

    broken_line = text.count("\n") + 1
    show.write_text(text + "this is not Lua\n")
    run.lines.wait_for(rf"\[ERROR\].*show\.lua:{broken_line}: .*near 'is'", 3)
    lamps.wait_for("lamps/a/set", "3.0", timeout=5)
    assert lamps.payloads("lamps/a/set") == [f"{n / 2}" for n in range(7)]
    wait_for_echo(broker)

    # And once it is mended, it is live again.
    show.write_text(text.replace('"test/go"', '"test/go2"').replace('"0.0"', '"mended"'))

    def mended():
        publish(broker, "test/go2", "GO")
        return "mended" in lamps.payloads("lamps/a/set")

    wait_until(mended, 5, "the mended scene plays")


def save_twice_at_once(path, text):
    path.write_text("this is not Lua")
    path.write_text(text)


def save_slowly(path, text):
    """The first half of it would load as well."""
    with path.open("w", encoding="utf-8") as file:
        for line in text.splitlines(keepends=True):
            file.write(line)
            file.flush()
            time.sleep(0.02)


def save_by_way_of_a_backup(path, text):
    os.replace(path, path.with_suffix(".lua~"))
    time.sleep(0.05)
    path.write_text(text)
    path.with_suffix(".lua~").unlink()


@pytest.mark.parametrize("save", [save_in_place, save_by_renaming, save_twice_at_once, save_slowly,
                                  save_by_way_of_a_backup])
def test_however_a_file_is_saved_it_is_one_reload_of_the_whole(
        broker, engine, scene_file, wait_for_echo, save):
    text = ECHO + "".join(f"log.info('{{}} line {n}')\n" for n in range(5))
    show = scene_file(text.replace("{}", "old"))
    run = engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    save(show, text.replace("{}", "new"))
    run.lines.wait_for(r"show\.lua reloaded", 5)
    wait_for_echo(broker)
    time.sleep(0.3)
    assert len(run.lines.matching(r"show\.lua reloaded")) == 1
    assert len(run.lines.matching("new line")) == 5
    assert not run.lines.matching(r"was deleted|\[ERROR\]")


def ask_until(broker, answers, topic, answer):
    """Asks on <topic>? until the script answers so on <topic>."""
    def answered():
        publish(broker, f"{topic}?", "")
        return answer in answers.payloads(topic)
    wait_until(answered, 5, f"{topic} = {answer}")


def test_state_survives_a_save(broker, engine, subscribe, scene_file, wait_for_echo):
    text = ECHO + """
state.visitors = state.visitors or 0
mqtt.subscribe("test/visitor", function()
  state.visitors = state.visitors + 1
  mqtt.publish("test/visitors", state.visitors)
end)
mqtt.subscribe("test/version?", function() mqtt.publish("test/version", "first") end)
"""
    show = scene_file(text)
    seen = subscribe(broker, "test/visitors", "test/version")
    engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    publish(broker, "test/visitor", "")
    seen.wait_for("test/visitors", "1")

    show.write_text(text.replace('"first"', '"second"'))
    ask_until(broker, seen, "test/version", "second")
    publish(broker, "test/visitor", "")
    seen.wait_for("test/visitors", "2")


def test_saving_a_library_reloads_the_script_that_uses_it(
        broker, engine, subscribe, scene_file, wait_for_echo):
    library = scene_file('return "green"\n', name="colour.lua")
    show = scene_file(ECHO + 'local colour = require "colour"\n'
                      'mqtt.subscribe("test/colour?", function()\n'
                      '  mqtt.publish("test/colour", colour)\nend)\n')
    seen = subscribe(broker, "test/colour")
    engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    ask_until(broker, seen, "test/colour", "green")
    save_by_renaming(library, 'return "violet"\n')
    ask_until(broker, seen, "test/colour", "violet")
