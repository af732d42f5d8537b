"""What an engine holds over time, and whether that grows."""

import json
import os
import pathlib
import re
import statistics

# Of the samples, so much at the beginning is warming up.
WARM_UP = 0.4

# What is looked at: its unit, and by how much it may have grown in the end, as a part and in units.
LIMITS = {
    "memory": ("MB", 0.05, 2),
    "Lua memory": ("MB", 0.1, 1),
    "descriptors": ("", 0, 2),
    "threads": ("", 0, 2),
    "timers": ("", 0.25, 20),
    "subscriptions": ("", 0, 5),
    "filters": ("", 0, 5),
    "store": ("MB", 0.1, 2),
}


def sample(world):
    """Name to value, now."""
    process = pathlib.Path(f"/proc/{world.engine.pid}")
    status = (process / "status").read_text()

    def of_status(name):
        return int(re.search(rf"{name}:\s+(\d+)", status)[1])

    handles = world.status()["handles"]
    scripts = json.loads(world.ask("GET", "/api/scripts")[1])["scripts"]
    return {"memory": of_status("VmRSS") / 1000, "descriptors": len(os.listdir(process / "fd")),
            "threads": of_status("Threads"), "store": world.store_megabytes(),
            "Lua memory": sum(script.get("memory") or 0 for script in scripts) / 1e6, **handles}


class Trend:
    """Of one value: the medians of the first and the last third after warming up, and the slope between."""

    def __init__(self, name, times, values):
        self.name = name
        self.unit, part, units = LIMITS[name]
        start = int(WARM_UP * len(values))
        third = max(1, (len(values) - start) // 3)
        self.before = statistics.median(values[start:start + third])
        self.after = statistics.median(values[-third:])
        apart = statistics.median(times[-third:]) - statistics.median(times[start:start + third])
        self.per_hour = (self.after - self.before) / apart * 3600 if apart > 0 else 0.0
        self.most = max(values)
        self.flat = self.after - self.before <= max(units, part * self.before)


def trends(times, samples):
    return [Trend(name, times, [one[name] for one in samples]) for name in LIMITS]
