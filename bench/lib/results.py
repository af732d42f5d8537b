"""Collects what a benchmark found, prints it, and makes docs/benchmarks.md of all of them."""

import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "build" / "bench" / "results"
PAGE = REPOSITORY / "docs" / "benchmarks.md"

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))

# In this order on the page; others follow.
ORDER = ["echo", "rules", "dispatch", "burst", "reload", "start", "memory"]


def median(values):
    return statistics.median(values)


def rate(value):
    return f"{value:,.0f}"


def ratio(value):
    return f"{value:.2f}" if value < 1e6 else "∞"  # The other did nothing at all.


def milliseconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


class Section:
    """One benchmark's part of the page."""

    def __init__(self, name, title, text):
        self._name = name
        self._data = {"title": title, "text": text, "tables": [], "aims": [], "runs": RUNS,
                      "date": time.strftime("%Y-%m-%d")}

    def table(self, columns, rows):
        self._data["tables"].append({"columns": columns, "rows": rows})
        widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]
        for row in [columns, *rows]:
            print("  ".join(str(cell).ljust(width) if i == 0 else str(cell).rjust(width)
                            for i, (cell, width) in enumerate(zip(row, widths))))
        print(flush=True)

    def aim(self, what, aim, measured, met):
        self._data["aims"].append([what, aim, measured, bool(met)])
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


def machine():
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, "
            f"{int(memory[1]) / 1e6:.0f} GB, Linux {platform.release()}")


def versions(node_red):
    parts = [f"engine {output_of('git', 'rev-parse', '--short', 'HEAD')}",
             f"mosquitto {debian_version('mosquitto')}",
             f"paho.mqtt.cpp {debian_version('libpaho-mqttpp-dev')}",
             f"LuaJIT {debian_version('libluajit-5.1-dev')}"]
    if node_red:
        parts.append(f"Node-RED {node_red} on node {output_of('node', '--version').lstrip('v')}")
    return ", ".join(parts)


def markdown_table(columns, rows):
    lines = [" | ".join(map(str, columns)), "|".join(["---"] + ["---:"] * (len(columns) - 1))]
    lines += [" | ".join(map(str, row)) for row in rows]
    return "\n".join(f"| {line} |" if i != 1 else f"|{line}|" for i, line in enumerate(lines))


HEAD = """# Benchmarks

Written by `./dev bench`; do not edit. Each figure is the median of the runs; all peers of a table ran one
after the other in the same run, against the same kind of broker on this machine. The load generator
(`bench/load`) speaks MQTT on a raw socket, keeps a fixed number of messages on the way (the *window*)
and takes the time of each from the send call to the answer's arrival.

"""


def write_page(node_red=""):
    sections = {path.stem: json.loads(path.read_text()) for path in RESULTS.glob("*.json")}
    names = [n for n in ORDER if n in sections] + sorted(set(sections) - set(ORDER))
    text = HEAD + f"* Machine: {machine()}\n* Versions: {versions(node_red)}\n\n"
    aims = [[what, aim, measured, "yes" if met else "**no**"]
            for name in names for what, aim, measured, met in sections[name]["aims"]]
    if aims:
        text += "## Aims\n\n"
        text += markdown_table(["what", "aim", "measured", "met"], aims) + "\n"
    for name in names:
        one = sections[name]
        text += f"\n## {one['title']}\n\n{one['text'].strip()}\n"
        for table in one["tables"]:
            text += "\n" + markdown_table(table["columns"], table["rows"]) + "\n"
        text += f"\n`./dev bench {name}`, {one['runs']} runs, {one['date']}.\n"
    PAGE.write_text(text)
    print(f"wrote {PAGE.relative_to(REPOSITORY)}")
