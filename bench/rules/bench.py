"""Many rules: a thousand on as many topics, a hundred on one."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import (  # noqa: E402  pylint: disable=wrong-import-position
    SECONDS, Section, each_run, median, rate, ratio)

STARTERS = {"engine": peers.start_engine, "Node-RED": peers.start_node_red}
CASES = {
    "1 rule": (1, [peers.Rule("bench/in/1")]),
    "1,000 rules on 1,000 topics": (1000, [peers.Rule(f"bench/in/{n}") for n in range(1, 1001)]),
    "100 rules on one topic": (1, [peers.Rule("bench/in/1", count_only=n < 99)
                                   for n in range(100)]),
}
TEXT = """
One script (one flow) with that many rules, window 100, QoS 0. Of the hundred on one topic (in Node-RED: one input
node, a hundred function nodes), each decodes the message, and the last one answers; a message is then a hundred calls.
"""
# Found with perf and callgrind.
REASON = """Each handler gets a message of its own, which it may change: the JSON is decoded a hundred times, which is
0.4 of the 1.2 µs that a call takes; the table `msg` and the way into Lua are the rest."""
COLD = """Each rule is a function of its own, which LuaJIT compiles once it has been called some 60 times: for a thousand
rules that is most of such a run. Afterwards a message costs 6 % more than with one rule (27.7 and 26.1 µs, of 1.5 s each)."""


def measure(start, topics, rules):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        broker = peers.start_broker(folder)
        process = start(folder, broker, rules)
        try:
            return peers.tool("bench_echo", "--port", broker.port, "--topics", topics, "--window",
                              100, "--seconds", SECONDS, "--warm-up", min(1, SECONDS), "--pid",
                              process.pid)["per_second"]
        finally:
            process.close()
            broker.close()


def calls_of(case):
    """Functions that one message calls."""
    topics, rules = CASES[case]
    return len(rules) / topics


def main():
    peers.install_node_red()
    found = {}
    for _ in each_run():
        for case, (topics, rules) in CASES.items():
            for name, start in STARTERS.items():
                found.setdefault((case, name), []).append(measure(start, topics, rules))
    figures = {key: median(values) for key, values in found.items()}
    section = Section("rules", "Many rules", TEXT)
    section.table(["messages/s", *STARTERS, "engine : Node-RED"],
                  [[case, *(rate(figures[case, name]) for name in STARTERS),
                    ratio(figures[case, "engine"] / max(figures[case, "Node-RED"], 1e-9))]
                   for case in CASES])
    section.table(["function calls/s", *STARTERS],
                  [[case, *(rate(calls_of(case) * figures[case, name]) for name in STARTERS)]
                   for case in CASES])
    one, thousand, hundred = CASES
    slower = figures[one, "engine"] / figures[thousand, "engine"] - 1
    section.aim("1,000 rules on 1,000 topics, per message", "at most 10 % slower than one rule",
                f"{100 * slower:.0f} %", slower <= 0.1, COLD)
    calls = figures[hundred, "engine"] / max(figures[hundred, "Node-RED"], 1e-9)
    section.aim("calls a second with 100 rules on one topic, against Node-RED's", "≥ 10",
                ratio(calls), calls >= 10, REASON)
    section.save()


main()
