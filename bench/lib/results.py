"""Collects what a benchmark found, prints it, and makes docs/benchmarks.md of all of them."""

import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "build" / "bench" / "results"
PAGE = REPOSITORY / "docs" / "benchmarks.md"

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))

# In this order on the page; others follow.
ORDER = ["echo", "rules", "dispatch", "cues", "emergency_stop", "range", "burst", "reload", "start",
         "memory"]

_BEGAN = time.monotonic()


def each_run(runs=RUNS):
    """The numbers of the runs; says which it is and how long it has taken so far."""
    for run in range(1, runs + 1):
        print(f"run {run} of {runs} ({time.monotonic() - _BEGAN:.0f} s)", file=sys.stderr, flush=True)
        yield run


def median(values):
    return statistics.median(values)


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def rate(value):
    return f"{value:,.0f}"


def ratio(value):
    return f"{value:.2f}" if value < 1e6 else "-"  # The other did nothing at all.


def milliseconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


class Section:
    """One benchmark's part of the page."""

    def __init__(self, name, title, text, runs=RUNS):
        self._name = name
        self._data = {"title": title, "text": text, "tables": [], "aims": [], "runs": runs,
                      "engine": engine_version(), "date": time.strftime("%Y-%m-%d")}

    def table(self, columns, rows):
        self._data["tables"].append({"columns": columns, "rows": rows})
        widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]
        for row in [columns, *rows]:
            print("  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                            for i, (cell, width) in enumerate(zip(row, widths))))
        print(flush=True)

    def aim(self, what, aim, measured, met, reason=""):
        """`reason`: what was found out about it, should it be missed; stands beside it then."""
        self._data["aims"].append({"what": what, "aim": aim, "measured": measured,
                                   "met": bool(met), "reason": " ".join(reason.split())})
        print(f"{'met   ' if met else 'MISSED'}  {what}: {aim}; measured: {measured}", flush=True)

    def save(self):
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{self._name}.json").write_text(json.dumps(self._data, indent=1))


# ---- the page ------------------------------------------------------------------------------------

def output_of(*command):
    try:
        return subprocess.run(command, text=True, capture_output=True, check=False,
                              cwd=REPOSITORY).stdout.strip()
    except OSError:
        return ""


def debian_version(package):
    return output_of("dpkg-query", "-W", "-f=${Version}", package)


def engine_version():
    return output_of("git", "rev-parse", "--short", "HEAD") or "of no commit"


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, "
            f"{int(memory[1]) / 1e6:.0f} GB, Linux {platform.release()}")


def versions(node_red):
    parts = [f"mosquitto {debian_version('mosquitto')}",
             f"paho.mqtt.cpp {debian_version('libpaho-mqttpp-dev')}",
             f"LuaJIT {debian_version('libluajit-5.1-dev')}"]
    if node_red:
        parts.append(f"Node-RED {node_red}")
    return ", ".join(parts)


def markdown_table(columns, rows):
    lines = [" | ".join(map(str, columns)), "|".join(["---"] + ["---:"] * (len(columns) - 1))]
    lines += [" | ".join(map(str, row)) for row in rows]
    return "\n".join(f"| {line} |" if i != 1 else f"|{line}|" for i, line in enumerate(lines))


HEAD = """# Benchmarks

Written by `./dev bench`; do not edit. Each figure is the median of the runs; all peers of a table ran one
after the other in the same run, each with a broker of its own on this machine. TCP_NODELAY is set on all
connections, of the broker, the engine and the peers (Node-RED and paho do not do so by themselves, and then
wait 40 ms for an acknowledgement now and then). The load generators (`bench/load`) speak MQTT on raw
sockets, and share the machine's cores with broker and peer.

"""


def aims_text(aims):
    text = "## Aims\n\n" + markdown_table(
        ["what", "aim", "measured", "met"],
        [[a["what"], a["aim"], a["measured"], "yes" if a["met"] else "**no**"] for a in aims]) + "\n"
    missed = [a for a in aims if not a["met"]]
    if missed:
        text += "\nWhat is missed, and why:\n\n"
        text += "".join(f"* **{a['what']}:** {a['reason'] or 'not looked into yet.'}\n" for a in missed)
    return text


def section_text(name, one):
    text = f"\n## {one['title']}\n\n{one['text'].strip()}\n"
    for table in one["tables"]:
        text += "\n" + markdown_table(table["columns"], table["rows"]) + "\n"
    runs = "1 run" if one["runs"] == 1 else f"{one['runs']} runs"
    return text + f"\n`./dev bench {name}`, {runs}, engine {one['engine']}, {one['date']}.\n"


def write_page(node_red=""):
    sections = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    names = [n for n in ORDER if n in sections] + sorted(set(sections) - set(ORDER))
    aims = [aim for name in names for aim in sections[name]["aims"]]
    PAGE.write_text(HEAD + f"* Machine: {machine()}\n* Versions: {versions(node_red)}\n\n" +
                    aims_text(aims) + "".join(section_text(n, sections[n]) for n in names))
    print(f"wrote {PAGE.relative_to(REPOSITORY)}")
