"""Memory when idle, with a hundred and with a thousand scripts."""

import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import Section, each_run, median  # noqa: E402  pylint: disable=wrong-import-position

IDLE = 0
LIMITS = {IDLE: 15, 100: 40, 1000: 150}
TEXT = """
Resident memory, shared libraries included. Idle: one rule, connected, and no message yet; else after every rule has
been called. The engine has each rule in a script (and so a virtual machine) of its own; Node-RED has a function node
for each, all in its one virtual machine.
"""
REASONS = {IDLE: "", 100: "", 1000: ""}


def settled(pid):
    """The resident megabytes once they stay the same for a second."""
    before = -1
    for _ in range(60):
        now = peers.resident_mb(pid)
        if abs(now - before) < 0.01 * now:
            break
        before = now
        time.sleep(1)
    return now


def start_engine(folder, broker, rules):
    return peers.start_engine(folder, broker, rules, scripts=len(rules))


PEERS = {"engine": start_engine, "Node-RED": peers.start_node_red}


def measure(start, count):
    rules = [peers.Rule(f"bench/in/{number}") for number in range(1, max(1, count) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        broker = peers.start_broker(folder)
        process = start(folder, broker, rules)
        try:
            if count == IDLE:
                time.sleep(2)
            else:
                peers.tool("bench_echo", "--port", broker.port, "--topics", count, "--window", 10,
                           "--seconds", 1, "--warm-up", 0.5)
            return settled(process.pid)
        finally:
            process.close()
            broker.close()


def main():
    peers.install_node_red()
    found = {}
    for _ in each_run():
        for count in LIMITS:
            for name, start in PEERS.items():
                found.setdefault((count, name), []).append(measure(start, count))
    section = Section("memory", "Memory", TEXT)
    names = {count: f"{count:,} scripts" if count else "idle" for count in LIMITS}
    section.table(["MB", *PEERS],
                  [[names[count], *(f"{median(found[count, name]):.1f}" for name in PEERS)]
                   for count in LIMITS])
    for count, limit in LIMITS.items():
        mine = median(found[count, "engine"])
        section.aim(f"memory, {names[count]}", f"under {limit} MB", f"{mine:.1f} MB", mine < limit,
                    REASONS[count])
    section.save()


main()
