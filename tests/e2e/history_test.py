"""What scripts have measured outlives a kill -9, and is exported, also while the engine runs."""

import csv
import io
import json
import sqlite3
import subprocess
import time

from conftest import ENGINE, REPOSITORY
from mqtt_tools import publish
from scripts import ECHO

KEEPER = ECHO + """
local volts, runs = store.series "voltage/AA:BB", store.runs "race"
mqtt.subscribe("x/volts", function(msg)
  volts:append(msg.json.value, msg.json.time)
  mqtt.publish("x/kept", msg.json.value)
end, { qos = 1 })
mqtt.subscribe("x/race", function(msg) mqtt.publish("x/id", runs:add(msg.json)) end)
mqtt.subscribe("x/ask", function()
  local all = volts:range()
  mqtt.publish("x/answer", { count = #all, last = volts:last().value, runs = #runs:list() })
end)
"""


def send(publisher, first, last):
    publisher.send("\n".join(json.dumps({"value": n, "time": 1700000000 + n})
                             for n in range(first, last + 1)))


def export(tmp_path, *args):
    done = subprocess.run([ENGINE, "export", *args, "--state", str(tmp_path / "state")],
                          cwd=REPOSITORY, text=True, capture_output=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def values(tmp_path):
    rows = csv.DictReader(io.StringIO(export(tmp_path, "series", "voltage/AA:BB")))
    return [int(row["value"]) for row in rows]


def test_a_kill_loses_the_last_second_at_most(
        broker, engine, subscribe, publisher, scene_file, tmp_path, wait_for_echo):
    show = scene_file(KEEPER)
    seen = subscribe(broker, "x/kept", "x/id", "x/answer")
    first = engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    load = publisher(broker, "x/volts", qos=1)
    send(load, 1, 200)
    publish(broker, "x/race", '{"winner": "blue"}')
    seen.wait_for("x/kept", "200", timeout=60)
    seen.wait_for("x/id", "1", timeout=20)
    time.sleep(2)  # The promise is a second; the machine may be busy.
    assert values(tmp_path) == list(range(1, 201))  # While the engine runs.
    send(load, 201, 1000)
    seen.wait_for("x/kept", "230", timeout=60)
    first.kill()

    after = values(tmp_path)
    assert after == list(range(1, len(after) + 1))
    assert len(after) >= 200
    database = sqlite3.connect(tmp_path / "state" / "site" / "store.sqlite")
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()
    race = json.loads(export(tmp_path, "runs", "race", "--format", "json"))
    assert race[0]["winner"] == "blue"

    engine("--scene", show, "--broker", broker.url)
    wait_for_echo(broker)
    publish(broker, "x/ask", "")
    answer = json.loads(seen.wait_for("x/answer", timeout=10).payload)
    assert answer == {"count": len(after), "last": len(after), "runs": 1}


def test_export_lists_summarises_and_refuses(
        broker, engine, subscribe, publisher, run_engine, scene_file, tmp_path, wait_for_echo):
    seen = subscribe(broker, "x/kept")
    one = engine("--scene", scene_file(KEEPER), "--broker", broker.url)
    wait_for_echo(broker)
    send(publisher(broker, "x/volts", qos=1), 0, 120)
    seen.wait_for("x/kept", "120", timeout=60)
    one.interrupt()
    assert one.wait(10) == 0

    assert "voltage/AA:BB    121" in export(tmp_path)
    assert export(tmp_path, "series", "voltage/", "--every", "60", "--dates",
                  "--to", "2023-11-14T22:14:39Z").splitlines() == [
        "series,time,min,mean,max,count",
        "voltage/AA:BB,2023-11-14T22:13:00.000Z,0,19.5,39,40",
        "voltage/AA:BB,2023-11-14T22:14:00.000Z,40,59.5,79,40"]
    written = tmp_path / "volts.json"
    assert export(tmp_path, "series", "voltage/AA:BB", "-o", str(written)) == ""
    assert json.loads(written.read_text())[120] == {
        "series": "voltage/AA:BB", "time": 1700000120, "value": 120}

    state = ("--state", tmp_path / "state")
    for args, message in [
            (("series", "voltage/AA:CC"), "there are no series 'voltage/AA:CC', did you mean"),
            (("series", "voltage", "-o", written), "exists already: --force overwrites it"),
            (("series", "voltage", "--from", "yesterday"), "--from: 'yesterday' is no time"),
            (("series", "voltage", "--every", "0"), "--every: seconds from 0.001 expected"),
            (("runs", "race", "--every", "60"), "--every: only series have it"),
            (("serie",), "series or runs expected, got 'serie'"),
            (("series", "--site", "x"), "site 'x' has no store under")]:
        refused = run_engine("export", *args, *state)
        assert refused.returncode == 1
        assert message in refused.stderr
