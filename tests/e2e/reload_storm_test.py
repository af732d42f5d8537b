"""Saving again and again under load: no message is lost, none handled twice or by half a version."""

import os
import re
import signal
import threading
import time

import mqtt_tools
from mqtt_tools import publish
from processes import wait_until
from scripts import ECHO

# The number of saves; `STORM_RELOADS=1000` for the long version.
RELOADS = int(os.environ.get("STORM_RELOADS", "60"))
MESSAGES_PER_SECOND = 2000

# Answers each number with the version that it began with, that of its library, and that it ended with.
HANDLER = ECHO + """
version = %(version)d
local library = require "library_%(version)d"
mqtt.subscribe("storm/in", function(msg)
  local began = version
  local words = {}
  for i = 1, 50 do words[i] = msg.payload .. i end
  mqtt.publish("storm/out", ("%%s %%d %%d %%d"):format(
    msg.payload, began, library.version, version))
end, { qos = 1 })
"""


class Numbers(threading.Thread):
    """Publishes 1, 2, 3, ... at a steady rate until `finish`, which returns the last one."""

    def __init__(self, publisher, per_second):
        super().__init__(daemon=True)
        self._publisher, self._per_second = publisher, per_second
        self._enough = threading.Event()
        self._last = 0
        self.start()

    def run(self):
        began = time.monotonic()
        while not self._enough.wait(0.005):
            due = int((time.monotonic() - began) * self._per_second)
            if due > self._last:
                self._publisher.send("\n".join(str(n) for n in range(self._last + 1, due + 1)))
                self._last = due

    def finish(self):
        self._enough.set()
        self.join()
        self._publisher.finish()
        return self._last


def save_version(folder, version):
    """Renames a whole new script over the old one, its library beforehand."""
    (folder / f"library_{version}.lua").write_text(f"return {{ version = {version} }}\n")
    fresh = folder / "show.lua~"
    fresh.write_text(HANDLER % {"version": version})
    os.replace(fresh, folder / "show.lua")


def test_each_message_is_handled_once_and_wholly_by_one_version(
        tmp_path, cleanup, engine, subscribe, publisher, wait_for_echo):
    broker = cleanup(mqtt_tools.Broker(tmp_path, settings=(
        "allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 0",
        "max_inflight_messages 1000"))).start()
    save_version(tmp_path, 0)
    answers = subscribe(broker, "storm/out")
    run = engine("--scene", tmp_path / "show.lua", "--broker", broker.url, "--set",
                 "mqtt.max_inflight=1000", "--log-level", "warning")
    wait_for_echo(broker)

    numbers = Numbers(publisher(broker, "storm/in", qos=1), MESSAGES_PER_SECOND)
    for version in range(1, RELOADS + 1):
        save_version(tmp_path, version)
        time.sleep(0.05)
    wait_until(lambda: answers.messages()[-1].payload.endswith(f" {RELOADS}"), 10,
               "the last version answers")
    last = numbers.finish()
    wait_until(lambda: len(answers.messages()) >= last, 30, f"{last} answers")
    publish(broker, "test/ping", "the end", qos=1)

    rows = [[int(word) for word in payload.split()] for payload in answers.payloads("storm/out")]
    assert [row[0] for row in rows] == list(range(1, last + 1)), "each exactly once, in order"
    assert all(began == library == ended for _, began, library, ended in rows)
    versions = [row[1] for row in rows]
    assert versions == sorted(versions), "an old version never answers after a newer one"
    assert len(set(versions)) > RELOADS / 2, "the versions took turns while messages came"
    assert not run.lines.matching(r"\[ERROR\]")


def resident_kb(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def watches(pid):
    """Of inotify, over all descriptors."""
    count = 0
    for name in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{name}") as info:
            count += sum(line.startswith("inotify wd") for line in info)
    return count


LEAKY = ECHO + """
local scene = require "engine.scene"
local library = require "library_%(version)d"
state.list = state.list or {}
state.list[#state.list %% 100 + 1] = library
for i = 1, 10 do mqtt.subscribe("leak/" .. i .. "/+", function() end) end
mqtt.subscribe("leak/%(version)d", function() end)
timer.every(3600, function() end, { name = "hourly" })
timer.after(3600, function() end)
devices.on_change(function() end)
local fog = scene "fog" { trigger = { "leak/go", "GO" }, on_stop = { { "leak/fog", "OFF" } },
  cues = { { 0, "leak/fog", "ON", confirm = false }, { 3600, "leak/fog", "MORE" } } }
"""


def test_hundreds_of_reloads_leave_the_process_as_it_was(
        broker, engine, tmp_path, subscribe, wait_for_echo):
    show = tmp_path / "show.lua"
    done = 0

    def save():
        nonlocal done
        done += 1
        (tmp_path / f"library_{done}.lua").write_text(f"return {{ 'library', {done} }}\n")
        (tmp_path / "show.lua~").write_text(LEAKY % {"version": done})
        os.replace(tmp_path / "show.lua~", show)

    save()
    fog = subscribe(broker, "leak/fog")
    run = engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    publish(broker, "leak/go", "GO")
    fog.wait_for("leak/fog", "ON")

    def reload(times):
        for _ in range(times):
            save()
            run.lines.wait_for(r"show\.lua reloaded", 10, count=done - 1)
            (tmp_path / f"library_{done - 1}.lua").unlink()

    reload(100)  # Until the allocators have what they need.
    before = resident_kb(run.pid), descriptors(run.pid), watches(run.pid)
    reload(max(400, RELOADS))
    after = resident_kb(run.pid), descriptors(run.pid), watches(run.pid)
    assert after[1:] == before[1:], "descriptors and watches"
    assert after[0] < before[0] + 4096, "kB of memory"
    assert fog.payloads("leak/fog") == ["ON"], "and the scene carried on all the time"
    run.signal(signal.SIGTERM)
    assert run.wait(10) == 0
    fog.wait_for("leak/fog", "OFF")
