"""The range: outside clients play sensors and timer as LeadVille's document and docs/range.md say."""

import datetime
import json
import threading
import time

import mqtt_tools
import pytest
from conftest import REPOSITORY
from processes import wait_until

BRIDGE = REPOSITORY / "scenes" / "range" / "bridge.lua"
# Ready sooner; and patient, as the clients of a busy machine may be slow.
QUICK = (("warmup       = 2.0", "warmup       = 0.3"),
         ("max_noise = 0.05", "max_noise = 0.05, samples = 20"),
         ("tolerance = 0.150", "tolerance = 2"), ("before    = 0.1", "before = 1"),
         ("after     = 0.5", "after = 3"))
START = "010500010000000000000000000D"
SENSORS = ["bt50_01", "bt50_02", "bt50_03", "bt50_04"]


class Sensor(threading.Thread):
    """Publishes readings of a sensor at rest, 100 a second and ten in a message, and its blows."""

    def __init__(self, broker, sensor_id):
        super().__init__(daemon=True)
        self._id = sensor_id
        self._publisher = mqtt_tools.Publisher(broker, f"leadville/sensor/{sensor_id}/telemetry")
        self._blows = []
        self._ended = threading.Event()

    def strike(self, peak):
        self._blows.append(peak)

    def run(self):
        sequence, began = 0, time.monotonic()
        while not self._ended.wait(max(0, began + sequence / 100 - time.monotonic())):
            z = [1 + 0.004 * ((sequence + n) % 3 - 1) for n in range(10)]
            if self._blows:
                peak = self._blows.pop(0)
                for n, share in enumerate((1, 0.6, 0.3, 0.1)):
                    z[2 + n] += peak * share
            self._publisher.send(json.dumps({"sensor_id": self._id, "telemetry": {
                "acceleration": {"x": [0] * 10, "y": [0] * 10, "z": z}, "sequence": sequence,
                "timestamp_ns": round((began + sequence / 100) * 1e9), "battery": 80}}))
            sequence += 10

    def close(self):
        self._ended.set()
        if self.is_alive():
            self.join()
        self._publisher.close()


class Timer:
    """The gateway of an AMG Commander: passes its notifications on."""

    def __init__(self, broker):
        self._publisher = mqtt_tools.Publisher(broker, "leadville/timer/events", qos=1)
        self._began = None

    def _notify(self, frame):
        self._publisher.send(json.dumps(
            {"event_type": "TIMER_EVENT",
             "data": {"frame": frame, "timestamp_ns": time.monotonic_ns()}}))

    def close(self):
        self._publisher.close()

    def start(self):
        self._began = time.monotonic()
        self._notify(START)

    def shot(self, number):
        elapsed = round(100 * (time.monotonic() - self._began))
        self._notify(f"0103{number:02x}{number:02x}{elapsed:04x}" + "00" * 8)

    def stop(self):
        self._notify("0108" + "00" * 12)


def events(messages, topic, kind):
    found = [json.loads(text) for text in messages.payloads(topic) if text]
    return [event for event in found if event.get("event_type") == kind]


def status(messages, topic):
    payloads = [text for text in messages.payloads(topic) if text]
    return json.loads(payloads[-1])["status"] if payloads else {}


@pytest.fixture
def bridge(tmp_path):
    """The shipped bridge in a file of the test's own, quick to get ready."""
    text = BRIDGE.read_text()
    for slow, quick in QUICK:
        assert slow in text
        text = text.replace(slow, quick)
    path = tmp_path / "bridge.lua"
    path.write_text(text)
    return path


@pytest.fixture
def sensors(broker, cleanup):
    return {sensor_id: cleanup(Sensor(broker, sensor_id)) for sensor_id in SENSORS}


@pytest.fixture
def shot_timer(broker, cleanup):
    return cleanup(Timer(broker))


def start_all(run, sensors, messages):
    for sensor in sensors.values():
        sensor.start()
    for sensor_id in sensors:
        wait_until(lambda topic=f"leadville/sensor/{sensor_id}/status":
                   status(messages, topic).get("calibration") == "done", 20,
                   f"{sensor_id} is calibrated\n{run.lines.text()}")
    time.sleep(0.5)  # The detectors warm up: 0.3 s of samples.


def test_a_string_of_fire_as_the_document_says(engine, broker, subscribe, bridge, sensors,
                                               shot_timer):
    messages = subscribe(broker, "leadville/#")
    run = engine("--scene", bridge, "--broker", broker.url)
    assert json.loads(messages.wait_for("leadville/bridge/status", timeout=10).payload)["status"][
        "started"]
    start_all(run, sensors, messages)
    shot_timer.start()
    run.lines.wait_for("string .*: start", 10)
    for number, sensor_id in enumerate(SENSORS[:3], 1):
        shot_timer.shot(number)
        sensors[sensor_id].strike(0.9)
        run.lines.wait_for(f"shot {number} hit P{number} ", 10)
    shot_timer.stop()
    run.lines.wait_for("string .*: 3 shots, 3 hits", 10)

    hits = events(messages, "leadville/detection/impacts", "HIT")
    assert {hit["data"]["plate_id"] for hit in hits} == {"P1", "P2", "P3"}
    assert all(hit["sensor_id"] == hit["data"]["sensor_id"] and hit["data"]["peak_amplitude"] > 0.5
               and hit["data"]["t_rel_ms"] >= 0 for hit in hits)
    assert len(events(messages, "leadville/detection/shots", "SHOT")) == 3
    matched = events(messages, "leadville/detection/shots", "SHOT_MATCHED")
    assert [event["data"]["plate_id"] for event in matched] == ["P1", "P2", "P3"]
    assert len(events(messages, "leadville/timer/events", "T0")) == 1
    run_id = matched[0]["run_id"]
    assert [len(events(messages, f"leadville/run/{run_id}/events", kind))
            for kind in ("RUN_START", "SHOT", "HIT", "RUN_END")] == [1, 3, 3, 1]
    assert messages.payloads("leadville/sensor/status") == []

    late = subscribe(broker, "leadville/#")
    for topic in ["bridge/status", "timer/status", f"run/{run_id}/status",
                  *(f"sensor/{sensor_id}/status" for sensor_id in SENSORS)]:
        assert late.wait_for(f"leadville/{topic}", timeout=10).retained, topic
    wait_until(lambda: status(late, f"leadville/run/{run_id}/status").get("state") == "ended", 10,
               "the string has ended")
    run.interrupt()
    assert run.wait(timeout=10) == 0
    wait_until(lambda: status(messages, "leadville/bridge/status") ==
               {"stopping": True, "reason": "shutdown_requested"}, 10, "the bridge says goodbye")


def test_an_edited_parameter_counts_at_once_and_what_is_known_stays(
        engine, broker, subscribe, bridge, sensors, shot_timer):
    messages = subscribe(broker, "leadville/#")
    run = engine("--scene", bridge, "--broker", broker.url)
    start_all(run, sensors, messages)
    shot_timer.start()
    run.lines.wait_for("string .*: start", 10)
    sensors["bt50_01"].strike(0.3)
    run.lines.wait_for("plate P1 hit", 10)
    bridge.write_text(bridge.read_text().replace("trigger_high = 0.05", "trigger_high = 0.5"))
    run.lines.wait_for("bridge.lua reloaded", 10)
    sensors["bt50_01"].strike(0.3)  # No longer one.
    sensors["bt50_01"].strike(1.2)
    run.lines.wait_for("plate P1 hit", 10, count=2)
    shot_timer.shot(1)
    shot_timer.stop()
    run.lines.wait_for("string .*: 1 shots", 10)  # The one that began before the edit.
    peaks = [hit["data"]["peak_amplitude"]
             for hit in events(messages, "leadville/detection/impacts", "HIT")]
    assert len(peaks) == 2 and peaks[0] < 0.5 < peaks[1]
    assert len(run.lines.matching("bt50_01 is calibrated")) == 1
    assert status(messages, "leadville/sensor/bt50_01/status")["samples_lost"] == 0


def test_a_newcomer_sees_shots_matched_with_impacts(engine):
    run = engine("--scene", "scenes/range/bridge.lua", "--simulate")
    run.lines.wait_for(r"shot \d hit \w+ after \d+ ms", 60)


def found_in(replayed, recording_start, topic, kind):
    for line in replayed.read_text().splitlines():
        message = json.loads(line)
        if message.get("topic") != topic:
            continue
        event = json.loads(message["payload"])
        if event["event_type"] == kind:
            when = datetime.datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))
            yield (when - recording_start).total_seconds(), event


def detections(replayed, start, truth):
    """Marks the true hits that were found; returns how many were found in all."""
    found = [(when, event["sensor_id"])
             for when, event in found_in(replayed, start, "leadville/detection/impacts", "HIT")]
    left = sorted(found)
    for hit in truth["hits"]:
        near = [one for one in left if one[1] == hit["sensor"]
                and -0.01 < one[0] - hit["time"] < 0.045]
        hit["found"] = bool(near)
        if near:
            left.remove(near[0])
    return len(found)


def right_matches(replayed, start, truth):
    """How many matches there were, and how many of them were right."""
    expected = {(hit["series"], hit["shot"]): hit["sensor"] for hit in truth["hits"]}
    runs, right, count = [], 0, 0
    for _, event in found_in(replayed, start, "leadville/detection/shots", "SHOT_MATCHED"):
        if event["run_id"] not in runs:
            runs.append(event["run_id"])
        data = event["data"]
        count += 1
        right += expected.get((len(runs), data["shot_no"])) == data["sensor_id"]
    return count, right


def test_the_shipped_parameters_find_the_hits_of_the_recording(run_engine, tmp_path, capsys):
    data = REPOSITORY / "tests" / "data"
    replayed = tmp_path / "replayed.jsonl"
    ran = run_engine("replay", data / "range_recording.jsonl", "--scene", BRIDGE, "-o", replayed,
                     "--inject", "leadville/sensor/+/telemetry", "--inject",
                     "leadville/timer/events", "--tail", "5", timeout=120)
    assert ran.returncode == 0, ran.stderr
    truth = json.loads((data / "range_truth.json").read_text())
    start = datetime.datetime(2026, 1, 31, 10, tzinfo=datetime.timezone.utc)
    found = detections(replayed, start, truth)
    true = [hit for hit in truth["hits"] if hit["found"]]
    precision, recall = len(true) / found, len(true) / len(truth["hits"])
    matches, right = right_matches(replayed, start, truth)
    with capsys.disabled():
        print(f"\nrange: precision {precision:.3f}, recall {recall:.3f} of {len(truth['hits'])} hits")
        for strength in ("light", "medium", "heavy"):
            for double in (False, True):
                group = [hit for hit in truth["hits"]
                         if hit["strength"] == strength and hit["double"] == double]
                print(f"  {strength:6} {'80 ms apart' if double else 'single':11} "
                      f"{sum(hit['found'] for hit in group):3} of {len(group)}")
        print(f"  matched with their shot: {right} of {matches} rightly")
    assert precision >= 0.98
    assert recall >= 0.90
    assert right >= 0.95 * matches and right >= 0.9 * len(true)
