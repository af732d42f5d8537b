"""What is measured: the engine, and beside it Node-RED, bare paho.mqtt.cpp, and the broker alone.

Each is a list of rules: a rule hears one topic, decodes the JSON it gets, adds 0.5 to a field, and
answers on bench/out. `Rule(count_only=True)` counts and does not answer.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))

import mqtt_tools  # noqa: E402  pylint: disable=wrong-import-position
from processes import Process  # noqa: E402  pylint: disable=wrong-import-position

BUILD = pathlib.Path(os.environ.get("BENCH_BUILD", REPOSITORY / "build" / "release"))
ENGINE = os.environ.get("ENGINE_BIN", str(BUILD / "engine"))
NODE_RED = REPOSITORY / "build" / "bench" / "node-red"
RED = NODE_RED / "node_modules" / "node-red" / "red.js"

Rule = collections.namedtuple("Rule", ["topic", "count_only"], defaults=[False])

# So that it holds nothing back and drops nothing, whoever is measured.
BROKER_SETTINGS = ("allow_anonymous true", "set_tcp_nodelay true", "max_queued_messages 0",
                   "max_inflight_messages 1000")


def start_broker(folder):
    return mqtt_tools.Broker(folder, settings=BROKER_SETTINGS).start()


def tool(name, *args):
    """Runs one of bench/load to its end; what it printed, read as JSON."""
    path = next(p for p in (BUILD / "bench" / "load" / name, BUILD / name) if p.exists())
    done = subprocess.run([str(path), *map(str, args)], text=True, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


# ---- the engine ----------------------------------------------------------------------------------

LUA = """mqtt.subscribe("%(topic)s", function(msg)
  local value = msg.json
  value.temperature = value.temperature + 0.5
  mqtt.publish("bench/out", value, { qos = %(qos)d })
end, { qos = %(qos)d })
"""
LUA_COUNT = """local count = 0
mqtt.subscribe("%(topic)s", function(msg)
  if msg.json.temperature > 20 then count = count + 1 end
end, { qos = %(qos)d })
"""


def lua(rule, qos):
    return (LUA_COUNT if rule.count_only else LUA) % {"topic": rule.topic, "qos": qos}


def engine_command(folder, broker, *args):
    return [ENGINE, *map(str, args), "--broker", broker.url, "--state", str(folder / "state"),
            "--log-level", "error", "--audio", "null"]


def start_engine(folder, broker, rules, qos=0, scripts=1):
    """The rules in as many scripts; one that has none is an example of a small script."""
    scenes = folder / "scenes"
    scenes.mkdir(parents=True, exist_ok=True)
    for number in range(scripts):
        mine = rules[number::scripts]
        text = "".join(f"do\n{lua(rule, qos)}end\n" for rule in mine)
        (scenes / f"rule{number}.lua").write_text(text)
    return Process(engine_command(folder, broker, "--scenes", scenes))


# ---- Node-RED ------------------------------------------------------------------------------------

SETTINGS = """module.exports = {
  httpAdminRoot: false, httpNodeRoot: false, uiPort: 0, uiHost: "127.0.0.1",
  logging: { console: { level: "error" } }, disableEditor: true,
  telemetry: { enabled: false }, flowFilePretty: false,
};
"""
FUNCTION = """const value = JSON.parse(msg.payload);
value.temperature += 0.5;
msg.payload = JSON.stringify(value);
return msg;
"""
FUNCTION_COUNT = """const value = JSON.parse(msg.payload);
if (value.temperature > 20) context.count = (context.count || 0) + 1;
return null;
"""


def install_node_red():
    if RED.exists():
        return
    NODE_RED.mkdir(parents=True, exist_ok=True)
    print("Installing Node-RED with npm into build/bench/node-red", file=sys.stderr)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix",
                    str(NODE_RED), "node-red"], check=True)


def node_red_version():
    return json.loads((RED.parent / "package.json").read_text())["version"]


def flow_head(broker, birth_topic):
    return [{"id": "flow", "type": "tab", "label": "bench"},
            {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": broker.port,
             "clientid": "bench-node-red", "autoConnect": True, "usetls": False,
             "protocolVersion": "4", "keepalive": "60", "cleansession": True,
             "birthTopic": birth_topic, "birthPayload": "ON", "birthQos": "0"}]


def function_node(name, text, wires):
    return {"id": name, "type": "function", "z": "flow", "name": name, "func": text, "outputs": 1,
            "initialize": "", "finalize": "", "libs": [], "wires": [wires]}


def out_node(topic, qos):
    return {"id": "out", "type": "mqtt out", "z": "flow", "topic": topic, "qos": str(qos),
            "retain": "false", "broker": "broker", "wires": []}


def rule_nodes(rules, qos):
    nodes = [out_node("bench/out", qos)]
    for number, rule in enumerate(rules):
        nodes.append({"id": f"in{number}", "type": "mqtt in", "z": "flow", "topic": rule.topic,
                      "qos": str(qos), "datatype": "utf8", "broker": "broker", "inputs": 0,
                      "wires": [[f"rule{number}"]]})
        nodes.append(function_node(f"rule{number}",
                                   FUNCTION_COUNT if rule.count_only else FUNCTION, ["out"]))
    return nodes


def node_red_command(folder, broker, nodes, birth_topic=""):
    home = folder / "node-red"
    home.mkdir(parents=True, exist_ok=True)
    (home / "settings.js").write_text(SETTINGS)
    # What has no place on the canvas is taken for a configuration.
    placed = [{**node, "x": 100, "y": 100} for node in nodes]
    (home / "flows.json").write_text(json.dumps(flow_head(broker, birth_topic) + placed))
    return ["node", str(RED), "--userDir", str(home), "--settings", str(home / "settings.js"),
            "flows.json"]


def start_node_red(folder, broker, rules, qos=0):
    return Process(node_red_command(folder, broker, rule_nodes(rules, qos)))


# ---- the floor -----------------------------------------------------------------------------------

def start_floor(_folder, broker, rules, qos=0):
    path = next(p for p in (BUILD / "bench" / "load" / "bench_floor", BUILD / "bench_floor")
                if p.exists())
    return Process([str(path), "--port", str(broker.port), "--from", rules[0].topic,
                    "--qos", str(qos)])


# ---- memory --------------------------------------------------------------------------------------

def resident_mb(pid):
    """What it has in memory, with all that it shares."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0
