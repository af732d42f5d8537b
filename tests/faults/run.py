"""All faults, and their tables for docs/reliability.md: run.py [kills] [cuts] [lines]

FAULTS_KILLS (20) says how often each is killed. Exits with 1 when a message was lost or out of order.
"""

import os
import pathlib
import statistics
import sys
import tempfile

import busy_site  # pylint: disable=unused-import  # Leads to what it shares with tests/e2e.
import cuts
import network
from kills import Kills

TIMES = int(os.environ.get("FAULTS_KILLS", "20"))
PARTS = ("kills", "cuts", "lines")


def report(text):
    print(text, file=sys.stderr, flush=True)


def table(columns, rows):
    lines = [columns, ["---"] + ["---:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def seconds(value):
    return "-" if value is None else f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


class Verdict:
    """Whether what docs/delivery.md promises was kept."""

    def __init__(self):
        self.broken = []

    def check(self, what, damage):
        if damage.lost or damage.unordered:
            self.broken.append(f"{what}: {damage}")


def in_folder(act, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        return act(pathlib.Path(folder), *arguments)


# ---- kills ---------------------------------------------------------------------------------------

def kill_row(what, verdict, killed):
    kills, account = killed
    for number, kill in enumerate(kills, 1):
        report(f"{what} {number}: {kill}")
        verdict.check(what, kill.damage)
    recoveries = [kill.recovery for kill in kills]
    damage = [kill.damage for kill in kills]
    return [what, len(kills), f"{len(account.answered):,}", seconds(statistics.median(recoveries)),
            seconds(max(recoveries)), sum(d.lost for d in damage),
            sum(d.duplicated for d in damage), max(d.duplicated for d in damage),
            sum(d.unordered for d in damage)]


def kills_table(verdict):
    def brokers(folder):
        # A connection has to last for 10 s before the wait between attempts is short again.
        return Kills(folder, 10, report=report).brokers(TIMES)

    def engines(folder):
        return Kills(folder, 1, report=report).engines(TIMES)

    def both(folder):
        return Kills(folder, 2, report=report).both(TIMES)

    def far_engines(folder):
        with network.Network() as line:
            line.condition(delay=0.2)
            return Kills(folder, 2, report=report, network=line, burst=2, period=0.2).engines(TIMES)

    rows = [("the broker, started again at once", brokers),
            ("the engine, started again at once", engines),
            ("the engine while the broker is away (¹)", both)]
    if not network.why_not():
        rows.append(("the engine, 200 ms from the broker (²)", far_engines))
    return table(["`kill -9` of", "times", "messages", "through again, median", "longest", "lost",
                  "twice", "at most, of one kill", "out of order"],
                 [kill_row(what, verdict, in_folder(act)) for what, act in rows]) + """
400 messages a second in bursts of 20, QoS 1, `offline = "queue"`; lost is what `mqtt.publish` had answered with
"sent" or "queued" and nobody heard. Through again: from the kill to the first message over the new connection (of the
new run). (¹) From the broker's return; the engine comes back first. (²) 10 messages a second, 200 ms each way.
"""


# ---- cuts ----------------------------------------------------------------------------------------

def cuts_table(verdict):
    rows = []
    for name, silently in (("unplugged", False), ("packets vanish", True)):
        for length, keepalive in ((5, 30), (20, 5), (80, 30)):
            what = f"{name} for {length} s"
            report(f"{what}, keepalive {keepalive}")
            cut = in_folder(cuts.cut, length, silently, "--set", f"mqtt.keepalive={keepalive}")
            report(f"  {cut}")
            verdict.check(what, cut.damage)
            rows.append([what, f"{keepalive} s", seconds(cut.engine_knew), seconds(cut.others_knew),
                         seconds(cut.recovery), cut.messages, *cut.damage[:3]])
    return table(["the line is", "`mqtt.keepalive`", "the engine knew after", "others (`status`) after",
                  "line back to first message", "messages", "lost", "twice", "out of order"], rows) + """
100 messages a second. Between two network namespaces; unplugged is the engine's end. What is not noticed (-) is
bridged by TCP.
"""


def lines_table(verdict):
    rows = []
    for what, loss, delay in (("good", 0, 0), ("200 ms each way", 0, 0.2), ("30 % lost", 0.3, 0),
                              ("30 % lost, 200 ms each way", 0.3, 0.2)):
        report(f"line: {what}")
        line = in_folder(cuts.bad_line, 60, loss, delay)
        verdict.check(what, line.damage)
        count = len(line.delays)
        rows.append([what, count, seconds(statistics.median(line.delays)),
                     seconds(line.delays[int(0.99 * count)]), seconds(line.delays[-1]), line.losses,
                     *line.damage[:3]])
    return table(["the line", "messages", "on their way, median", "p99", "longest", "connections lost", "lost",
                  "twice", "out of order"], rows) + """
10 messages a second for a minute. Packets are lost and delayed in both directions by a process between the two
namespaces (`tests/faults/wire.py`), so that it does not take a kernel with `netem`.
"""


def main():
    parts = sys.argv[1:] or PARTS
    unknown = set(parts) - set(PARTS)
    if unknown:
        sys.exit(f"faults: there is no '{unknown.pop()}'; there are: {' '.join(PARTS)}")
    verdict, tables = Verdict(), []
    if "kills" in parts:
        tables.append(kills_table(verdict))
    why_not = network.why_not()
    if why_not:
        tables.append(f"No network was cut: {why_not}.\n")
    else:
        tables += [cuts_table(verdict)] if "cuts" in parts else []
        tables += [lines_table(verdict)] if "lines" in parts else []
    print("\n".join(tables))
    if verdict.broken:
        sys.exit("faults: not as docs/delivery.md says:\n" + "\n".join(verdict.broken))


if __name__ == "__main__":
    main()
