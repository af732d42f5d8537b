"""From the start of the program to its first message at a subscriber, the broker running."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import (  # noqa: E402  pylint: disable=wrong-import-position
    Section, each_run, median, milliseconds, ratio)

STARTS = 4  # In each run.
SCENE = """local scene = require "engine.scene"
scene "first" { room = "room1", cues = { { 0, "bench/first", "ON", confirm = false } } }
"""
TEXT = """
The engine plays a scene whose first cue is at 0 s; Node-RED, with one rule, sends the birth message of its
connection, which is the earliest it can. Milliseconds from the start of the process to the message's arrival at
a subscriber.
"""
# Found with strace.
REASON = """A new state folder waits for the disk four times; a scene's libraries are compiled at each start."""


def engine(folder, broker):
    scene = folder / "first.lua"
    scene.write_text(SCENE)
    return peers.engine_command(folder, broker, "--scene", scene)


def node_red(folder, broker):
    return peers.node_red_command(folder, broker, peers.rule_nodes([peers.Rule("bench/in")], 0),
                                  birth_topic="bench/first")


def measure(command):
    times = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            broker = peers.start_broker(folder)
            try:
                times.append(peers.tool("bench_first", "--port", broker.port, "--topic",
                                        "bench/first", "--", *command(folder, broker)))
            finally:
                broker.close()
    return times


def main():
    peers.install_node_red()
    found = {"engine": [], "Node-RED": []}
    for _ in each_run():
        found["engine"] += measure(engine)
        found["Node-RED"] += measure(node_red)
    section = Section("start", "Start to first cue", TEXT)
    section.table(["ms", "median", "slowest", "starts"],
                  [[name, milliseconds(median(times)), milliseconds(max(times)), len(times)]
                   for name, times in found.items()])
    mine = median(found["engine"])
    section.aim("start to first cue", "under 50 ms",
                f"{milliseconds(mine)} ms ({ratio(mine / median(found['Node-RED']))} of Node-RED's)",
                mine < 50, REASON)
    section.save()


main()
