"""A thousand messages at once to a Mosquitto as Debian ships it."""

import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from results import (  # noqa: E402  pylint: disable=wrong-import-position
    Section, each_run, median, milliseconds)

COUNT = 1000
CASES = [(version, qos) for version in ("3.1.1", "5") for qos in (1, 2)]

LUA = """mqtt.subscribe("bench/ping", function() mqtt.publish("bench/pong", "") end)
mqtt.subscribe("bench/go", function(msg)
  for number = 1, tonumber(msg.payload) do
    mqtt.publish("bench/burst", number, { qos = %d, offline = "queue" })
  end
end)
"""
TEXT = """
A script publishes 1,000 messages in one callback, with QoS 1 and 2, over MQTT 3.1.1 and 5, to a Mosquitto with its
default configuration: 20 in flight, 1,000 queued, and no TCP_NODELAY, so that it may hold back a message for 40 ms.
Counted at a subscriber.
"""


def measure(version, qos):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        broker = peers.mqtt_tools.Broker(folder, settings=("allow_anonymous true",)).start()
        script = folder / "burst.lua"
        script.write_text(LUA % qos)
        process = peers.Process(peers.engine_command(
            folder, broker, "--scene", script, "--set", f"mqtt.version={version}"))
        try:
            return peers.tool("bench_burst", "--port", broker.port, "--count", COUNT)
        finally:
            process.close()
            broker.close()


def main():
    found = {case: [] for case in CASES}
    for _ in each_run():
        for case, measured in found.items():
            measured.append(measure(*case))
    section = Section("burst", "A burst to a stock Mosquitto", TEXT)
    section.table(["MQTT, QoS", "lost", "took ms", "longest pause ms"],
                  [[f"{version}, QoS {qos}", sum(one["lost"] for one in runs),
                    *(milliseconds(median(one[field] for one in runs))
                      for field in ("took_ms", "longest_pause_ms"))]
                   for (version, qos), runs in found.items()])
    lost = sum(one["lost"] for runs in found.values() for one in runs)
    pause = max(median(one["longest_pause_ms"] for one in runs) for runs in found.values())
    section.aim("messages lost in bursts", "0", lost, lost == 0)
    section.aim("longest pause in a burst", "under 100 ms", f"{milliseconds(pause)} ms", pause < 100)
    section.save()


main()
