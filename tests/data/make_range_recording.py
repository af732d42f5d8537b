#!/usr/bin/env python3
"""Writes range_recording.jsonl (as `engine record` would) and range_truth.json: a day on a range.

    make_range_recording.py            writes both beside itself; the same bytes each time

Four plates at 100 samples a second, and a timer; the numbers follow what SteelCity saw of real ones
(noise 1 to 4, light hits 5 to 15, medium 15 to 40, heavy above, here in hundredths of a g).
A plate's blow rings out; a hit in its neighbour shakes it a little; wind and warmth move its rest.
"""

import datetime
import json
import math
import pathlib
import random

FOLDER = pathlib.Path(__file__).resolve().parent
SEED = 20260131
RATE = 100
BATCH = 25                    # Samples in a message.
SENSORS = 4
LENGTH = 122.0                # Seconds.
FIRST_STRING = 6.0            # Calibration and warm-up are over.
STRINGS = 12
STRENGTHS = {"light": (0.05, 0.15), "medium": (0.15, 0.4), "heavy": (0.4, 2.5)}  # In g.
RING_DECAY = (0.012, 0.022)   # Seconds.
CROSSTALK = 0.01              # Of the strength of a hit on a neighbour.
DELAY = (0.13, 0.025)         # Of an impact after its shot: mean and deviation, in seconds.
MISSES = 0.12
DOUBLE = 0.2                  # Share of shots after which another comes 80 ms later.
STARTED = datetime.datetime(2026, 1, 31, 10, 0, tzinfo=datetime.timezone.utc)


class Hit:
    def __init__(self, chance, sensor, time, strength, double):
        self.sensor, self.time, self.double = sensor, time, double
        self.strength = strength
        self.peak = chance.uniform(*STRENGTHS[strength])
        self.decay = chance.uniform(*RING_DECAY)
        self.direction = [chance.gauss(0, 0.35), chance.gauss(0, 0.35), 1.0]
        length = math.sqrt(sum(d * d for d in self.direction))
        self.direction = [d / length for d in self.direction]

    def at(self, time):
        """The envelope: full at once, then it rings out."""
        since = time - self.time
        return self.peak * math.exp(-since / self.decay) if since >= 0 else 0.0


class Plate:
    def __init__(self, chance):
        self.rest = [chance.uniform(-0.05, 0.05), chance.uniform(-0.05, 0.05),
                     1 + chance.uniform(-0.03, 0.03)]
        self.noise = chance.uniform(0.006, 0.011)
        self.warming = chance.uniform(-0.012, 0.012)  # g, over the whole recording.
        self.wind = chance.uniform(0.2, 0.5), chance.uniform(0.002, 0.005)
        self.battery = chance.randint(60, 95)

    def sample(self, chance, time, hits, others):
        drift = self.warming * time / LENGTH
        sway = self.wind[1] * math.sin(2 * math.pi * self.wind[0] * time)
        value = [self.rest[0] + sway, self.rest[1], self.rest[2] + drift]
        value = [v + chance.gauss(0, self.noise) for v in value]
        for share, each in [(1.0, h) for h in hits] + [(CROSSTALK, h) for h in others]:
            amount = share * each.at(time)
            if amount > 1e-4:
                swing = chance.choice((-1, 1)) * chance.uniform(0.8, 1.0)  # It rings above 50 Hz.
                value = [v + amount * swing * d for v, d in zip(value, each.direction)]
        return [round(1000 * v) / 1000 for v in value]


def make_strings(chance):
    """The timer's events, and the hits with the shots they belong to."""
    events, hits, time = [], [], FIRST_STRING
    for series in range(1, STRINGS + 1):
        began, shot_time, number = time, time + chance.uniform(1.2, 2.0), 0
        events.append((began, 5, 0, 0.0, 0.0, series))
        first = last = None
        for _ in range(chance.randint(5, 7)):
            number += 1
            elapsed = shot_time - began
            first = first or elapsed
            events.append((shot_time, 3, number, elapsed, elapsed - (last or 0), series))
            last = elapsed
            double = chance.random() < DOUBLE
            sensor = chance.randrange(SENSORS)
            if double or chance.random() >= MISSES:
                delay = min(max(chance.gauss(*DELAY), 0.06), 0.2)
                strength = chance.choice(list(STRENGTHS))
                hits.append((Hit(chance, sensor, shot_time + delay, strength, double), series,
                             number))
                if double:  # The second barrel: as hard, on the same plate, 80 ms later.
                    number += 1
                    second = shot_time + 0.08
                    events.append((second, 3, number, second - began, 0.08, series))
                    last = second - began
                    hits.append((Hit(chance, sensor, shot_time + delay + 0.08, strength, True),
                                 series, number))
            shot_time += chance.uniform(0.35, 1.1)
        events.append((shot_time + 1.0, 8, number, last, 0.0, series))
        time = shot_time + 2.5
    return events, hits, first


def timer_frame(code, number, elapsed, split, series):
    def cs(seconds):
        return f"{round(seconds * 100):04x}"
    body = cs(elapsed) + cs(split) + cs(0) + cs(elapsed)
    return f"01{code:02x}{number:02x}{number:02x}{body}{series:04x}"


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def batches(chance, plates, hits):
    """(time of arrival, topic, payload) of what the sensors' gateways publish."""
    for index, plate in enumerate(plates):
        mine = [h for h, _, _ in hits if h.sensor == index]
        others = [h for h, _, _ in hits if abs(h.sensor - index) == 1]
        phase = chance.uniform(0, 1 / RATE)
        clock = chance.uniform(1000, 9000)  # The gateway's.
        for first in range(0, int(LENGTH * RATE), BATCH):
            times = [phase + n / RATE for n in range(first, first + BATCH)]
            near = [[h for h in group if times[0] - 0.3 < h.time < times[-1]]
                    for group in (mine, others)]
            axes = list(zip(*(plate.sample(chance, t, *near) for t in times)))
            telemetry = {"sequence": first, "timestamp_ns": round((clock + times[0]) * 1e9),
                         "acceleration": dict(zip("xyz", axes))}
            if first % (60 * RATE) == 0:
                telemetry |= {"battery": plate.battery, "temperature": 21.5}
            yield (times[-1] + chance.uniform(0.002, 0.03), f"leadville/sensor/bt50_{index + 1:02}"
                   "/telemetry", compact({"sensor_id": f"bt50_{index + 1:02}",
                                          "telemetry": telemetry}))


def timer_messages(chance, events):
    clock = chance.uniform(1000, 9000)
    for time, *event in events:
        data = {"frame": timer_frame(*event), "timestamp_ns": round((clock + time) * 1e9)}
        yield (time + chance.uniform(0.002, 0.03), "leadville/timer/events",
               compact({"event_type": "TIMER_EVENT", "data": data}))


def line_of(time, topic, payload):
    wall = (STARTED + datetime.timedelta(seconds=time)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return compact({"t": round(time, 6), "wall": wall, "topic": topic, "payload": payload,
                    "qos": 0, "retain": False})


def main():
    chance = random.Random(SEED)
    plates = [Plate(chance) for _ in range(SENSORS)]
    events, hits, _ = make_strings(chance)
    assert events[-1][0] < LENGTH - 1, events[-1][0]
    messages = sorted([*batches(chance, plates, hits), *timer_messages(chance, events)])
    with open(FOLDER / "range_recording.jsonl", "w", encoding="utf-8") as out:
        started = STARTED.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        print(compact({"engine_recording": 1, "started": started, "filters": ["#"]}), file=out)
        for message in messages:
            print(line_of(*message), file=out)
        print(compact({"end": LENGTH + 1}), file=out)
    truth = [{"sensor": f"bt50_{h.sensor + 1:02}", "time": round(h.time, 4), "peak": round(h.peak, 3),
              "strength": h.strength, "double": h.double, "series": series, "shot": shot}
             for h, series, shot in sorted(hits, key=lambda entry: entry[0].time)]
    shots = sum(event[1] == 3 for event in events)
    (FOLDER / "range_truth.json").write_text(
        json.dumps({"shots": shots, "hits": truth}, indent=0).replace("\n", "\n") + "\n",
        encoding="utf-8")


main()
