"""A range at work: 12 sensors at 100 samples a second, one in a message, and a shot timer."""

import json
import pathlib
import socket
import sys
import tempfile
import threading
import time

import paho.mqtt.client as mqtt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from peers import mqtt_tools  # noqa: E402  pylint: disable=wrong-import-position
from processes import wait_until  # noqa: E402  pylint: disable=wrong-import-position
from results import (  # noqa: E402  pylint: disable=wrong-import-position
    SECONDS, Section, each_run, median, milliseconds, quantile)

SENSORS, RATE = 12, 100
CPU_AIM, LATENCY_AIM = 25, 5        # Percent of a core; milliseconds at p99.
READY = 4                           # Seconds for calibration and warm-up.
BLOW = (0.8, 0.5, 0.3)              # The third has fallen far enough: it decides.
MEASURED = 5 * SECONDS

TEXT = f"""
`engine.range` with {SENSORS} sensors at {RATE} samples a second, each sample a message, and a shot timer; {SENSORS} hits
a second, {MEASURED:.0f} s a run. A gateway in Python publishes the samples. Processor time of the engine; and the time from
the publishing of the sample that decides to the hit's arrival at a subscriber, two ways through the broker included.
"""

LUA = """local sensors = {}
for number = 1, %d do
  sensors[number] = { id = ("s%%02d"):format(number) }
end
require "engine.range" { sensors = sensors, detector = { ring_decay = 0.03 } }
""" % SENSORS


def new_client(port, on_message=None):
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2, Debian 13
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    else:
        client = mqtt.Client()
    client.on_message = on_message
    # Else a sample waits up to 40 ms for the acknowledgement of the one before it.
    client.on_socket_open = lambda _client, _userdata, opened: opened.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    return client


class Gateway:
    """Publishes what all sensors read, sample by sample, and the timer's notifications."""

    def __init__(self, port):
        self._client = new_client(port)
        self.decided = {}                # When the deciding samples of a sensor were published.
        self._number = 0

    def run(self, seconds):
        began, first = time.monotonic(), self._number
        while time.monotonic() - began < seconds:
            self._publish_all()
            self._number += 1
            pause = began + (self._number - first) / RATE - time.monotonic()
            if pause > 0:
                time.sleep(pause)

    def _publish_all(self):
        if self._number % RATE == 0 and self._number > READY * RATE:
            self._publish_shot()
        for sensor in range(SENSORS):
            self._publish_sample(sensor)

    def _publish_shot(self):
        count = self._number // RATE - READY
        frame = f"0105{'00' * 12}" if count == 1 else f"0103{count:02x}{count:02x}{'00' * 10}"
        self._client.publish("leadville/timer/events", json.dumps(
            {"event_type": "TIMER_EVENT",
             "data": {"frame": frame, "timestamp_ns": time.monotonic_ns()}}), qos=1)

    def _publish_sample(self, sensor):
        # Each plate is hit once in a second, one after the other.
        phase = (self._number - 8 * sensor) % RATE
        blow = phase < len(BLOW) and self._number > READY * RATE
        noise = 0.004 * ((self._number + sensor) % 5 - 2)
        sample = {"x": noise, "y": -noise, "z": 1 + noise + (BLOW[phase] if blow else 0)}
        payload = json.dumps({"sensor_id": f"s{sensor + 1:02}", "telemetry": {
            "acceleration": sample, "battery": 80, "temperature": 21.5,
            "timestamp_ns": time.monotonic_ns()}, "timestamp": "2026-01-31T10:00:00Z"})
        if blow and phase == len(BLOW) - 1:
            self.decided.setdefault(f"s{sensor + 1:02}", []).append(time.monotonic())
        self._client.publish(f"leadville/sensor/s{sensor + 1:02}/telemetry", payload)

    def close(self):
        self._client.loop_stop()


class Hits:
    """When the hits of a sensor came."""

    def __init__(self, port):
        self.came = {}
        self._ready = threading.Event()
        self._client = new_client(port, self._take)
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.subscribe("leadville/detection/impacts")
        assert self._ready.wait(10)

    def _take(self, _client, _userdata, message):
        now = time.monotonic()
        event = json.loads(message.payload)
        if event["event_type"] == "HIT":
            self.came.setdefault(event["sensor_id"], []).append(now)

    def close(self):
        self._client.loop_stop()


def times_of(hits, gateway):
    """Milliseconds from deciding sample to hit, and how many hits were not told."""
    times, missing = [], 0
    for sensor, all_sent in gateway.decided.items():
        came = hits.came.get(sensor, [])
        missing += max(0, len(all_sent) - len(came))
        times += [1000 * (heard - sent) for sent, heard in zip(all_sent, came)]
    return times, missing


def measure_at_work(broker, process):
    hits, gateway = Hits(broker.port), Gateway(broker.port)
    statuses = mqtt_tools.Subscriber(broker, "leadville/bridge/status")
    try:
        wait_until(lambda: statuses.messages(), 20, f"the bridge starts\n{process.lines.text()}")
        gateway.run(READY)
        before, began = peers.processor_seconds(process.pid), time.monotonic()
        gateway.run(MEASURED)
        share = (peers.processor_seconds(process.pid) - before) / (time.monotonic() - began)
        time.sleep(0.5)
        times, missing = times_of(hits, gateway)
        return {"cpu": 100 * share, "missing": missing, "hits": len(times),
                **{str(at): quantile(times, at) for at in (0.5, 0.99, 1)}}
    finally:
        statuses.close()
        gateway.close()
        hits.close()


def measure():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        broker = peers.start_broker(folder)
        scene = folder / "range.lua"
        scene.write_text(LUA)
        process = peers.Process(peers.engine_command(folder, broker, "--scene", scene))
        try:
            return measure_at_work(broker, process)
        finally:
            process.close()
            broker.close()


def main():
    runs = [measure() for _ in each_run()]

    def of(field):
        return median(run[field] for run in runs)
    missing = sum(run["missing"] for run in runs)
    section = Section("range", "A range at work", TEXT)
    section.table(["samples/s", "% of a core", "hits", "hits not told", "p50 ms", "p99 ms", "max ms"],
                  [[f"{SENSORS * RATE:,}", f"{of('cpu'):.1f}", sum(run["hits"] for run in runs), missing,
                    *(milliseconds(of(share)) for share in ("0.5", "0.99", "1"))]])
    section.aim(f"range, {SENSORS} sensors at {RATE}/s", f"under {CPU_AIM} % of a core",
                f"{of('cpu'):.1f} %", of("cpu") < CPU_AIM)
    section.aim("range, sample to hit, p99", f"under {LATENCY_AIM} ms", f"{milliseconds(of('0.99'))} ms",
                of("0.99") < LATENCY_AIM)
    section.aim("range, hits not told", "0", missing, missing == 0)
    section.save()


main()
