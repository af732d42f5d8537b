"""A busy site at full speed, for so many minutes: run.py [MINUTES]

Prints how it goes, draws docs/soak.svg, and prints the table for docs/reliability.md on standard output.
Exits with 1 when something grew, or went wrong. SOAK_RATE: readings a second (4000).
"""

import os
import pathlib
import signal
import sys
import tempfile
import threading
import time

from world import REPOSITORY, World  # First: it leads to what is shared with tests/e2e.

from actors import all_actors
from chart import draw
from samples import sample, trends

RATE = float(os.environ.get("SOAK_RATE", "4000"))
SAMPLE_SECONDS, LINE_SECONDS = 1.0, 30.0
KILL_SECONDS = 20.0  # Between two deaths of the broker.

# What stands in the table: the counts, and what they are called.
DONE = {
    "received": "messages received", "sent": "messages sent", "go": "scenes started by hand",
    "reloaded": "scripts reloaded", "broken saves": "broken saves refused",
    "scripts removed and added": "scripts removed and added", "configurations": "configurations saved",
    "brokers killed": "brokers killed", "stop_all": "`stop_all`", "pause": "scenes paused",
    "visits": "buttons and levers", "questions": "questions over HTTP", "evals": "`eval`s",
}


def report(text):
    print(text, file=sys.stderr, flush=True)


class Soak:
    def __init__(self, world, minutes):
        self._world, self._seconds = world, 60 * minutes
        self._end = threading.Event()
        self.times, self.samples = [], []
        self.failures = []
        self.link = {}

    def run(self):
        signal.signal(signal.SIGINT, lambda *_: self._end.set())
        actors = all_actors(self._world, self._end, RATE)
        began = time.monotonic()
        for actor in actors:
            actor.start()
        next_line, next_kill = LINE_SECONDS, KILL_SECONDS
        while not self._end.wait(SAMPLE_SECONDS) and time.monotonic() - began < self._seconds:
            self.times.append(time.monotonic() - began)
            self.samples.append(sample(self._world))
            if self.times[-1] >= next_kill:
                next_kill += KILL_SECONDS
                self._world.broker.restart()
                self._world.count("brokers killed")
            if self.times[-1] >= next_line:
                next_line += LINE_SECONDS
                self._progress()
        self._end.set()
        for actor in actors:
            actor.join(30)
            if actor.failure:
                self.failures.append(actor.failure)
        self.link = self._world.status()["mqtt"]

    def _progress(self):
        now, counts = self.samples[-1], self._world.counts
        report(f"{self.times[-1] / 60:5.1f} min  {now['memory']:.1f} MB, Lua {now['Lua memory']:.1f} MB, "
               f"{now['descriptors']} descriptors, {now['timers']} timers, "
               f"{now['subscriptions']} subscriptions; {counts['readings']:,} readings, "
               f"{counts['reloaded']:,} reloads, {counts['go']:,} GOs, "
               f"{counts['brokers killed']} brokers killed")


def number(value, unit):
    return f"{value:.1f} {unit}" if unit else f"{value:.0f}"


def table(found):
    lines = ["| the engine's | after warming up | at the end | most | per hour | |", "|---|---:|---:|---:|---:|---|"]
    for one in found:
        lines.append(f"| {one.name} | {number(one.before, one.unit)} | {number(one.after, one.unit)} | "
                     f"{number(one.most, one.unit)} | {one.per_hour:+.1f} {one.unit} | "
                     f"{'flat' if one.flat else '**grew**'} |")
    return "\n".join(lines)


def done(world, soak):
    counts = {**world.counts, **soak.link}
    return ", ".join(f"{counts[key]:,} {text}" for key, text in DONE.items() if counts.get(key))


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, World(pathlib.Path(folder)) as world:
        soak = Soak(world, minutes)
        soak.run()
        for trouble, times in world.troubles.most_common():
            report(f"{times:6} x {trouble}")
        if len(soak.samples) < 10:
            sys.exit("soak: ended too soon to say anything\n" + "\n".join(soak.failures))
        found = trends(soak.times, soak.samples)
    (REPOSITORY / "docs" / "soak.svg").write_text(draw(soak.times, [
        {name + (f" ({unit})" if unit else ""): [one[name] for one in soak.samples] for name, unit in panel}
        for panel in ([("memory", "MB"), ("Lua memory", "MB")],
                      [("descriptors", ""), ("threads", "")],
                      [("timers", ""), ("subscriptions", "")])]), encoding="utf-8")
    print(f"{soak.times[-1] / 60:.0f} minutes: {done(world, soak)}.\n\n{table(found)}\n\n"
          "![Memory, descriptors and handles over time](soak.svg)")
    grew = [one.name for one in found if not one.flat]
    if grew or soak.failures:
        sys.exit("soak: " + "; ".join([f"{name} grew" for name in grew] + soak.failures))


if __name__ == "__main__":
    main()
