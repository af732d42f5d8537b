"""What is queued arrives, whoever dies: a real broker and engines, killed under load."""

import collections
import json
import signal

from mqtt_tools import BrokerAt, publish
from processes import child_pids, wait_until
from scripts import ECHO

# Publishes "run:number" three hundred times a second, and stores each number once it was published.
# What is stored does not outlive the messages before it, so every number up to the stored one has
# to arrive; the next run tells which that is.
COUNTING = """
local run = store.get("run", 0) + 1
local number = 0
mqtt.publish("q/begun", { run = run, former = store.get("number", 0) }, { qos = 1 })
store.set("run", run)
store.set("number", 0)
local counting = timer.every(0.01, function()
  for _ = 1, 3 do
    number = number + 1
    mqtt.publish("q/data", run .. ":" .. number, { qos = 1, offline = "queue" })
    store.set("number", number)
  end
end)
mqtt.subscribe("q/stop", function()
  counting:cancel()
  mqtt.publish("q/end", number, { qos = 1, offline = "queue" })
end)
"""
QUICK = ["--set", "mqtt.backoff_min=0.1", "--set", "mqtt.backoff_max=0.5"]


def link_of(run_engine, tmp_path):
    """What the engine says of its link and queue; nothing as long as it does not answer."""
    done = run_engine("ctl", "status", "--json", "--state", tmp_path / "state")
    return json.loads(done.stdout)["mqtt"] if done.returncode == 0 else {}


def test_nothing_queued_is_lost_when_broker_and_engine_are_killed_under_load(
        broker, engine, run_engine, subscribe, scene_file, tmp_path):
    show = scene_file(COUNTING)
    # QoS 0: the broker hands on what it has taken at once, and does not take it to its grave.
    outside = subscribe(broker, "q/#", qos=0)

    def data(run):
        return [p for p in outside.payloads("q/data") if p.startswith(f"{run}:")]

    def start():
        return engine("--scene", show, "--broker", broker.url, *QUICK)

    def wait_for_kept(more_than):
        wait_until(lambda: link_of(run_engine, tmp_path).get("kept", 0) > more_than, 15,
                   f"more than {more_than} messages wait")

    first = start()
    wait_until(lambda: len(data(1)) > 100, 15, "data of the first run")
    broker.kill()  # Death 1, of the broker: what is in flight is sent again.
    wait_for_kept(100)
    first.kill()  # Death 2: the queue is on the disk.
    second = start()
    second.lines.wait_for(r"mqtt - \d+ messages of the run before wait for the broker", 10)
    wait_for_kept(200)

    second.signal(signal.SIGSTOP)  # Until the outside hears again what the broker gets.
    broker.start()

    def heard():
        publish(broker, "q/probe", "?")
        return outside.payloads("q/probe")

    wait_until(heard, 15, "the subscriber is back")
    second.signal(signal.SIGCONT)
    wait_until(lambda: data(2), 20, "the first run's data is through")
    second.kill()  # Death 3, in the middle of draining.
    third = start()
    wait_until(lambda: data(3), 20, "data of the third run")
    publish(broker, "q/stop", "")
    last = int(outside.wait_for("q/end", timeout=20).payload)
    assert third.alive()

    copies = collections.Counter(outside.payloads("q/data"))
    in_order = list(copies)  # As each came first.
    runs = collections.defaultdict(list)
    for payload in in_order:
        run, number = map(int, payload.split(":"))
        runs[run].append(number)
    assert [int(p.split(":")[0]) for p in in_order] == sorted(int(p.split(":")[0]) for p in in_order)
    for run, numbers in runs.items():
        gaps = [(a, b) for a, b in zip([0, *numbers], numbers) if b != a + 1]
        assert not gaps, f"run {run}: not in order, or not all, of {len(numbers)}"
    former = {m["run"] - 1: m["former"] for m in map(json.loads, outside.payloads("q/begun"))}
    assert set(former) == {0, 1, 2}
    assert len(runs[1]) >= former[1] > 100
    assert len(runs[2]) >= former[2] > 0
    assert len(runs[3]) == last
    # Each death repeats a message once at most; nobody died while the third run was heard.
    most = {run: max(n for p, n in copies.items() if p.startswith(f"{run}:")) for run in runs}
    assert most[1] <= 3 and most[2] <= 2 and most[3] == 1, most


def test_states_are_kept_over_a_restart_the_last_of_each_topic(
        broker, engine, run_engine, subscribe, scene_file, tmp_path):
    broker.kill()
    show = scene_file("""
      mqtt.publish("q/battery", "90", { qos = 1, retain = true, offline = "latest" })
      mqtt.publish("q/battery", "80", { qos = 1, retain = true, offline = "latest" })
      mqtt.publish("q/door", "open", { offline = "latest" })
      mqtt.publish("q/light", "ON", { offline = "drop" })
    """)
    run = engine("--scene", show, "--broker", broker.url, *QUICK)
    wait_until(lambda: link_of(run_engine, tmp_path).get("kept") == 2, 15, "two states wait")
    run.interrupt()
    assert run.wait(10) == 0
    run.lines.wait_for(r"2 queued messages are kept for the next run", 0)

    broker.start()
    seen = subscribe(broker, "q/#")
    show.write_text(ECHO)
    engine("--scene", show, "--broker", broker.url, *QUICK)
    seen.wait_for("q/door", "open", timeout=15)
    assert seen.payloads("q/battery") == ["80"]
    assert not seen.payloads("q/light")
    late = subscribe(broker, "q/#")
    assert late.wait_for("q/battery", "80").retained, "flags are kept"


def test_what_is_queued_before_the_engines_own_broker_is_there_reaches_it(
        engine, subscribe, scene_file):
    run = engine("--scene", scene_file(
        'mqtt.publish("q/early", "1", { qos = 1, retain = true })\n' + ECHO))
    address = run.lines.wait_for(r"mqtt - Connected to tcp://127\.0\.0\.1:(\d+)", 15)
    assert child_pids(run.pid, "mosquitto")
    subscribe(BrokerAt(int(address[1])), "q/#").wait_for("q/early", "1", timeout=10)
