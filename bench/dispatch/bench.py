"""Messages to handlers in the process: no broker, no network."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import (  # noqa: E402  pylint: disable=wrong-import-position
    Section, each_run, median, rate, ratio)

COUNTS = (1, 10, 1000, 100_000)
TEXT = """
A message is matched with the subscriptions, its handler in LuaJIT is called and reads the payload. The other
subscriptions have topics beside it. Counted in processor time, on one core.
"""


def main():
    runs = [{count: peers.tool("bench_dispatch", "--subscriptions", count)["nanoseconds"]
             for count in COUNTS} for _ in each_run()]
    found = {count: median(run[count] for run in runs) for count in COUNTS}
    section = Section("dispatch", "Handler dispatch and matching", TEXT)
    section.table(["subscriptions", "ns per call", "calls/s"],
                  [[f"{count:,}", f"{ns:.0f}", rate(1e9 / ns)] for count, ns in found.items()])
    fastest = 1e9 / found[1]
    section.aim("handler calls a second in process, one core", "over 1,000,000", rate(fastest),
                fastest > 1e6)
    growth = found[100_000] / found[10]
    section.aim("matching with 100,000 subscriptions against 10", "at most 2 times", ratio(growth),
                growth <= 2)
    section.save()


main()
