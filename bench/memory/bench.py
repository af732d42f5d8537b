"""Memory with one, a hundred and a thousand scripts."""

import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import Section, RUNS, median  # noqa: E402  pylint: disable=wrong-import-position

LIMITS = {1: 15, 100: 40, 1000: 150}
TEXT = """
Resident memory, shared libraries included, after every rule has been called. The engine has each rule in a
script (and so a virtual machine) of its own; Node-RED has a function node for each.
"""


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


def measure(start, count):
    rules = [peers.Rule(f"bench/in/{number}") for number in range(1, count + 1)]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        broker = peers.start_broker(folder)
        process = start(folder, broker, rules)
        try:
            for _ in range(2):
                peers.tool("bench_echo", "--port", broker.port, "--topics", count, "--window", 10,
                           "--seconds", 0.5, "--warm-up", 0.5)
            return settled(process.pid)
        finally:
            process.close()
            broker.close()


def main():
    peers.install_node_red()
    section = Section("memory", "Memory", TEXT)
    rows = []
    for count, limit in LIMITS.items():
        def engine(folder, broker, rules):
            return peers.start_engine(folder, broker, rules, scripts=len(rules))
        mine = median(measure(engine, count) for _ in range(RUNS))
        red = median(measure(peers.start_node_red, count) for _ in range(RUNS))
        rows.append([f"{count:,}", f"{mine:.1f}", f"{red:.1f}"])
        section.aim(f"memory with {count:,} scripts", f"under {limit} MB", f"{mine:.1f} MB",
                    mine < limit)
    section.table(["scripts", "engine MB", "Node-RED MB"], rows)
    section.save()


main()
