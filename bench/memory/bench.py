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
Resident memory, shared libraries included, and what of it is the process's own (anonymous). Idle: one rule, connected,
and no message yet; else after every rule has been called. The engine has each rule in a script (and so a virtual
machine) of its own; Node-RED has a function node for each, all in its one virtual machine.
"""
MACHINES = """A virtual machine with the engine's library takes 0.08 MB when it has loaded its script, and LuaJIT lets
garbage grow to as much again before it collects it."""
REASONS = {
    IDLE: """12.6 MB are pages of files, which the system shares and can drop: the program has 4.3 of them, libcrypto
(with paho, for TLS) 1.8, libstdc++ 1.7, libc 1.5, SQLite 1.2; 2.3 MB are the engine's own.""",
    100: MACHINES, 1000: MACHINES}


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
            return settled(process.pid), peers.resident_mb(process.pid, "RssAnon")
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
    def of(count, name, which):
        return median(run[which] for run in found[count, name])
    section.table(["MB", *(f"{name}{part}" for name in PEERS for part in ("", ", its own"))],
                  [[names[count], *(f"{of(count, name, which):.1f}" for name in PEERS for which in (0, 1))]
                   for count in LIMITS])
    for count, limit in LIMITS.items():
        mine = of(count, "engine", 0)
        section.aim(f"memory, {names[count]}", f"under {limit} MB", f"{mine:.1f} MB", mine < limit,
                    REASONS[count])
    section.save()


main()
