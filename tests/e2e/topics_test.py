"""The catalogue of topics, as outside clients see it: policies, limits, compression, changes."""

import gzip
import json
import subprocess

import pytest

from conftest import REPOSITORY
from mqtt_tools import publish
from processes import wait_until
from scripts import ECHO

SCRIPT = ECHO + """
mqtt.subscribe("test/publish", function(msg)
  local asked, outcomes = msg.json, {}
  for number = 1, asked.count or 1 do
    local payload = asked.payload or ("x"):rep(asked.size or 1)
    local outcome, err = mqtt.publish(asked.topic, payload, asked.options)
    outcomes[number] = outcome or err
  end
  mqtt.publish("test/outcome", outcomes)
end)
mqtt.subscribe("site/bulk", function(msg) mqtt.publish("test/heard", #msg.payload) end)
"""

CATALOGUE = """
namespace = "site"
[[topics]]
filter = "readings/+"
qos = 1
rate = {{ messages = {rate}, window = 3600 }}
[[topics]]
filter = "alerts"
priority = "critical"
rate = {{ messages = 1, window = 3600 }}
[[topics]]
filter = "state"
qos = 1
retain = true
max_size = 10
[[topics]]
filter = "bulk"
retain = true
compress = true
"""


@pytest.fixture
def show(broker, engine, subscribe, tmp_path, wait_for_echo):
    """A running engine with the catalogue, whose script publishes what it is asked to."""
    class Show:
        def __init__(self):
            (tmp_path / "show.lua").write_text(SCRIPT)
            self.save(rate=5)
            config = tmp_path / "engine.toml"
            config.write_text(f'[mqtt]\naddress = "{broker.url}"\n[scripts]\nfiles = ["show.lua"]\n'
                              '[topics]\nfiles = ["topics.toml"]\n')
            self.seen = subscribe(broker, "site/#", "test/outcome", "test/heard")
            self.run = engine("--config", config)
            wait_for_echo(broker)
            self.asked = 0

        def save(self, text=CATALOGUE, rate=5):
            (tmp_path / "topics.toml").write_text(text.format(rate=rate))

        def publish(self, **asked):
            """What the script got for each message."""
            self.asked += 1
            publish(broker, "test/publish", json.dumps(asked), qos=1)
            wait_until(lambda: len(self.seen.payloads("test/outcome")) == self.asked, 10,
                       "an outcome")
            return json.loads(self.seen.payloads("test/outcome")[-1])

    return Show()


def test_a_topic_alone_goes_by_its_policy_and_options_win(show):
    assert show.publish(topic="site/state", payload="on") == ["sent"]
    assert show.seen.wait_for("site/state", "on").qos == 1
    assert show.publish(topic="site/state", payload="off", options={"qos": 2}) == ["sent"]
    assert show.seen.wait_for("site/state", "off").qos == 2
    assert show.publish(topic="site/state", payload="much too long") == ["too large (13 > 10)"]
    assert show.publish(topic="site/unknown", size=100) == ["sent"]
    assert show.seen.wait_for("site/unknown").qos == 0
    assert len(show.seen.payloads("site/state")) == 2


def test_a_rate_is_kept_and_a_saved_catalogue_counts_at_once(show):
    outcomes = show.publish(topic="site/readings/a", count=7)
    assert outcomes == ["sent"] * 5 + ["rate limited"] * 2
    assert show.publish(topic="site/readings/b") == ["rate limited"]
    show.run.lines.wait_for(r"\[WARN.*\] mqtt - site/readings/a: more than 5 messages in 3600 s", 5)
    assert show.publish(topic="site/alerts", count=50) == ["sent"] * 50
    assert len(show.seen.payloads("site/alerts")) == 50

    show.save(CATALOGUE + "[[topics]]\nfiltr = 'x'\n", rate=100)
    show.run.lines.wait_for(r"topics\.toml:\d+:1: topics\[5\]: unknown key 'filtr', did you", 5)
    assert show.publish(topic="site/readings/a") == ["rate limited"]

    show.save(rate=8)
    show.run.lines.wait_for("from now on the catalogue of topics", 5)
    assert show.publish(topic="site/readings/a", count=5) == ["sent"] * 3 + ["rate limited"] * 2
    assert len(show.run.lines.matching("more than 5 messages")) == 1


def test_large_payloads_travel_compressed_both_ways(show, broker):
    assert show.publish(topic="site/bulk", size=5000) == ["sent"]
    assert show.seen.wait_for("test/heard").payload == "5000"
    raw = subprocess.run(["mosquitto_sub", *broker.client_options, "-t", "site/bulk", "-C", "1",
                          "-F", "%x"], capture_output=True, check=True, timeout=20).stdout
    sent = bytes.fromhex(raw.decode().strip())
    assert len(sent) < 200
    assert gzip.decompress(sent) == b"x" * 5000
    publish(broker, "site/bulk", gzip.compress(b"y" * 1234))
    show.seen.wait_for("test/heard", "1234")
    bomb = gzip.compress(b"\0" * 20_000_000)
    publish(broker, "site/bulk", bomb)
    show.seen.wait_for("test/heard", str(len(bomb)), timeout=10)
    show.run.lines.wait_for("cannot be decompressed .more than 8388608 bytes", 5)


def test_the_catalogue_is_printed(run_engine, tmp_path):
    mower = REPOSITORY / "config" / "topics" / "mower.toml"
    done = run_engine("topics", mower)
    assert done.returncode == 0
    assert "| `lawnberry/sensors/+/data` | 1 |  | 100 in 60 s |" in done.stdout
    listed = json.loads(run_engine("topics", "--json", "--namespace", "garden", mower).stdout)
    by_filter = {each["filter"]: each for each in listed}
    assert by_filter["garden/safety/emergency_stop"]["qos"] == 2
    assert by_filter["garden/safety/emergency_stop"]["retain"] is True
    assert by_filter["garden/weather/current"]["rate"]["window"] == 3600

    bad = tmp_path / "bad.toml"
    bad.write_text('[[topics]]\nfilter = "a"\nretian = true\n')
    done = run_engine("topics", bad)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"{bad}:3:1: error: topics[1]: unknown key 'retian', did you mean 'retain'?"]
    assert run_engine("topics", "--config", REPOSITORY / "config" / "museum.toml").returncode == 0


def test_check_compares_scripts_with_the_catalogue(run_engine, tmp_path):
    (tmp_path / "topics.toml").write_text(CATALOGUE.format(rate=5))
    config = tmp_path / "engine.toml"
    config.write_text('[topics]\nfiles = ["topics.toml"]\n')
    script = tmp_path / "a.lua"
    script.write_text('mqtt.publish("site/stat", 1)\n'
                      'mqtt.publish("site/state", 1, { qos = 1, retain = false })\n')
    done = run_engine("check", "--config", config, script)
    assert done.returncode == 0
    assert done.stdout.splitlines()[:2] == [
        f"{script}:1:14: warning: no policy of the catalogue knows the topic 'site/stat', did you "
        "mean 'site/state'?",
        f"{script}:2:42: warning: retain = false here, but the catalogue has true for 'site/state' "
        f"({tmp_path}/topics.toml:11)"]
    assert "0 warnings" in run_engine("check", script).stdout


def test_the_shipped_scenes_agree_with_the_museums_catalogue(run_engine):
    done = run_engine("check", "--strict", "--config", "config/museum.toml", "scenes/museum")
    assert done.returncode == 0, done.stdout
