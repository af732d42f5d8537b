"""How late cues come, of a thousand timelines that run at once while sensor messages flow."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import (  # noqa: E402  pylint: disable=wrong-import-position
    Section, each_run, median, milliseconds)

TIMELINES, PER_SECOND = 1000, 5000
AT = (1, 2, 3)  # Seconds from the start of each.

SCENES = """local scene = require "engine.scene"
for number = 1, %(timelines)d do
  scene("timeline " .. number) {
    room = "room" .. number,
    trigger = { "bench/start/" .. number, "1" },
    cues = {
%(cues)s    },
  }
end
local count = 0
mqtt.subscribe("bench/sensor", function(msg)
  if msg.json.temperature > 20 then count = count + 1 end
end)
mqtt.subscribe("bench/ping", function() mqtt.publish("bench/pong", "") end)
"""
CUE = '      { %g, "bench/cue/" .. number, "%d", confirm = false },\n'

# One delay node holds the messages of all timelines, each with a timer of its own.
FORK = """const topic = "bench/cue/" + msg.topic.slice("bench/start/".length);
return [%s];
"""
TEXT = f"""
{TIMELINES:,} timelines with cues at {", ".join(map(str, AT[:-1]))} and {AT[-1]} s are started within one second, so that a
cue is due every millisecond, while {PER_SECOND:,} messages a second of 120 bytes of JSON are decoded by a rule. The
engine plays scenes; in Node-RED each start goes through as many delay nodes. Both are measured from outside, on a
socket: the arrival of the cue, less when the start was sent, less the time of the cue. So two ways through the
broker are in it; *broker alone* is one such way, at the same load.
"""
# Found with perf.
REASON = """A cue is due every millisecond, and 5,000 messages a second come in between: the engine, the broker and the
load share two cores. On the way through the broker twice there is 0.2 ms or more."""


def start_engine(folder, broker):
    script = folder / "timelines.lua"
    cues = "".join(CUE % (at, number) for number, at in enumerate(AT, 1))
    script.write_text(SCENES % {"timelines": TIMELINES, "cues": cues})
    return peers.Process(peers.engine_command(folder, broker, "--scene", script))


def delay_node(name, seconds):
    return {"id": name, "type": "delay", "z": "flow", "name": name, "pauseType": "delay",
            "timeout": str(seconds), "timeoutUnits": "seconds", "rate": "1", "nbRateUnits": "1",
            "rateUnits": "second", "randomFirst": "1", "randomLast": "5",
            "randomUnits": "seconds", "drop": False, "allowrate": False, "outputs": 1,
            "wires": [["cues"]]}


def start_node_red(folder, broker):
    messages = ", ".join(f'{{ topic, payload: "{number}" }}' for number in range(1, len(AT) + 1))
    fork = peers.function_node("fork", FORK % messages, [])
    fork.update(outputs=len(AT), wires=[[f"delay{number}"] for number in range(len(AT))])
    nodes = [
        peers.in_node("start", "bench/start/+", ["fork"]), fork,
        *(delay_node(f"delay{number}", at) for number, at in enumerate(AT)),
        {**peers.out_node("", 0), "id": "cues"},
        peers.in_node("sensor", "bench/sensor", ["rule"]),
        peers.function_node("rule", peers.FUNCTION_COUNT, []),
        peers.in_node("ping", "bench/ping", ["pong"]),
        {**peers.out_node("bench/pong", 0), "id": "pong"}]
    return peers.Process(peers.node_red_command(folder, broker, nodes))


PEERS = {"engine": start_engine, "Node-RED": start_node_red, "broker alone": None}


def measure(start):
    args = ["--timelines", TIMELINES, "--per-second", PER_SECOND]
    if start:
        args += ["--at", *AT]
    else:
        args += ["--at", 0, "--start", "bench/cue", "--ready"]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        broker = peers.start_broker(folder)
        process = start(folder, broker) if start else None
        try:
            return peers.tool("bench_cues", "--port", broker.port, *args)
        finally:
            if process:
                process.close()
            broker.close()


def main():
    peers.install_node_red()
    found = {name: [] for name in PEERS}
    for _ in each_run():
        for name, start in PEERS.items():
            found[name].append(measure(start))
    section = Section("cues", "Cue lateness", TEXT)
    section.table(["ms", "p50", "p99", "max", "cues a run", "lost"],
                  [[name, *(milliseconds(median(one[field] for one in runs))
                            for field in ("p50_ms", "p99_ms", "max_ms")),
                    f"{median(one['cues'] for one in runs):,.0f}", sum(one["lost"] for one in runs)]
                   for name, runs in found.items()])
    p99 = median(one["p99_ms"] for one in found["engine"])
    section.aim(f"cue lateness, {TIMELINES:,} timelines under {PER_SECOND:,} messages/s, p99",
                "under 1 ms", f"{milliseconds(p99)} ms", p99 < 1, REASON)
    lost = sum(one["lost"] for one in found["engine"])
    section.aim("cues lost", "0", lost, lost == 0)
    section.save()


main()
