"""A range at work: 12 sensors at 100 samples a second, one in a message, and a shot timer.

Prints what share of one core the engine takes, and how long after the deciding sample was published
its hit is with a subscriber, the broker's two hops included. BENCH_SECONDS sets how long (30).
"""

import json
import os
import pathlib
import socket
import sys
import tempfile
import threading
import time

import paho.mqtt.client as mqtt

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))

import mqtt_tools  # noqa: E402  pylint: disable=wrong-import-position
from processes import Process, wait_until  # noqa: E402  pylint: disable=wrong-import-position

SECONDS = int(os.environ.get("BENCH_SECONDS", "30"))
SENSORS, RATE = 12, 100
CPU_AIM, LATENCY_AIM = 25, 5        # Percent of a core; milliseconds at p99.
READY = 4                           # Seconds for calibration and warm-up.
BLOW = (0.8, 0.5, 0.3)              # The third has fallen far enough: it decides.

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


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def verdict(value, aim):
    return f"aim: under {aim}: {'met' if value < aim else 'MISSED'}"


def report(hits, gateway, cpu):
    times = sorted(1000 * (came - sent) for sensor, all_sent in gateway.decided.items()
                   for sent, came in zip(all_sent, hits.came.get(sensor, [])))
    sent = sum(len(each) for each in gateway.decided.values())
    print(f"samples a second           {SENSORS * RATE:8}")
    print(f"CPU, % of one core         {cpu:8.1f}   {verdict(cpu, CPU_AIM)}")
    print(f"hits made, hits told       {sent:8} {sum(map(len, hits.came.values())):7}")

    def at(share):
        return times[min(len(times) - 1, int(share * len(times)))]
    print(f"sample to hit, ms: p50     {at(0.5):8.2f}")
    print(f"sample to hit, ms: p99     {at(0.99):8.2f}   {verdict(at(0.99), LATENCY_AIM)}")
    print(f"sample to hit, ms: longest {times[-1]:8.2f}")


def measure(broker, folder):
    scene = folder / "range.lua"
    scene.write_text(LUA)
    engine = os.environ.get("ENGINE_BIN", str(REPOSITORY / "build/release/engine"))
    process = Process([engine, "--scene", str(scene), "--broker", broker.url, "--state",
                       str(folder / "state"), "--log-level", "warning", "--audio", "null"])
    hits, gateway = Hits(broker.port), Gateway(broker.port)
    statuses = mqtt_tools.Subscriber(broker, "leadville/bridge/status")
    try:
        wait_until(lambda: statuses.messages(), 20, f"the bridge starts\n{process.lines.text()}")
        gateway.run(READY)
        before, began = cpu_seconds(process.pid), time.monotonic()
        gateway.run(SECONDS)
        cpu = 100 * (cpu_seconds(process.pid) - before) / (time.monotonic() - began)
        time.sleep(0.5)
        report(hits, gateway, cpu)
    finally:
        statuses.close()
        gateway.close()
        hits.close()
        process.close()


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        broker = mqtt_tools.Broker(folder, settings=(
            "allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 0",
            "max_inflight_messages 1000")).start()
        try:
            measure(broker, folder)
        finally:
            broker.close()


main()
