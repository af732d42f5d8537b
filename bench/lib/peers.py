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
MODULES = REPOSITORY / "build" / "bench" / "node-red" / "node_modules"
RED = MODULES / "node-red" / "red.js"
NODE = MODULES / "node" / "bin" / "node"

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

# The library has no option for TCP_NODELAY; without it, an answer with QoS 1 waits 40 ms for the
# acknowledgement of the PUBACK before it. The engine and the floor set it as well.
SETTINGS = """const net = require("net");
const connect = net.createConnection;
net.createConnection = (options, ...rest) => connect({ noDelay: true, ...options }, ...rest);
module.exports = {
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
    """The current Node-RED, and a Node.js that is new enough for it, which Debian's is not."""
    if RED.exists() and NODE.exists():
        return
    home = MODULES.parent
    home.mkdir(parents=True, exist_ok=True)
    print(f"Installing Node-RED with npm into {home.relative_to(REPOSITORY)}", file=sys.stderr)
    # One after the other: npm takes a Node-RED that suits the Node.js it runs on, unless told.
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix",
                    str(home), "node@22", "node-red@latest"], check=True)


def node_red_version():
    version = json.loads((RED.parent / "package.json").read_text())["version"]
    node = json.loads((NODE.parents[1] / "package.json").read_text())["version"]
    return f"{version} on Node.js {node}"


def flow_head(broker, birth_topic):
    return [{"id": "flow", "type": "tab", "label": "bench"},
            {"id": "broker", "type": "mqtt-broker", "broker": "127.0.0.1", "port": broker.port,
             "clientid": "bench-node-red", "autoConnect": True, "usetls": False,
             "protocolVersion": "4", "keepalive": "60", "cleansession": True,
             "birthTopic": birth_topic, "birthPayload": "ON", "birthQos": "0"}]


def in_node(name, topic, wires, qos=0):
    return {"id": name, "type": "mqtt in", "z": "flow", "topic": topic, "qos": str(qos),
            "datatype": "utf8", "broker": "broker", "inputs": 0, "wires": [wires]}


def function_node(name, text, wires):
    return {"id": name, "type": "function", "z": "flow", "name": name, "func": text, "outputs": 1,
            "initialize": "", "finalize": "", "libs": [], "wires": [wires]}


def out_node(topic, qos):
    return {"id": "out", "type": "mqtt out", "z": "flow", "topic": topic, "qos": str(qos),
            "retain": "false", "broker": "broker", "wires": []}


def rule_nodes(rules, qos):
    """Rules on one topic share its input node: that is faster than one for each."""
    nodes = [out_node("bench/out", qos)]
    inputs = {}
    for number, rule in enumerate(rules):
        if rule.topic not in inputs:
            inputs[rule.topic] = in_node(f"in{number}", rule.topic, [], qos)
        inputs[rule.topic]["wires"][0].append(f"rule{number}")
        nodes.append(function_node(f"rule{number}",
                                   FUNCTION_COUNT if rule.count_only else FUNCTION, ["out"]))
    return nodes + list(inputs.values())


def node_red_command(folder, broker, nodes, birth_topic=""):
    home = folder / "node-red"
    home.mkdir(parents=True, exist_ok=True)
    (home / "settings.js").write_text(SETTINGS)
    # What has no place on the canvas is taken for a configuration.
    placed = [{**node, "x": 100, "y": 100} for node in nodes]
    (home / "flows.json").write_text(json.dumps(flow_head(broker, birth_topic) + placed))
    return [str(NODE), str(RED), "--userDir", str(home), "--settings", str(home / "settings.js"),
            "flows.json"]


def start_node_red(folder, broker, rules, qos=0):
    return Process(node_red_command(folder, broker, rule_nodes(rules, qos)))


# ---- the floor -----------------------------------------------------------------------------------

def start_floor(_folder, broker, rules, qos=0, options=()):
    path = next(p for p in (BUILD / "bench" / "load" / "bench_floor", BUILD / "bench_floor")
                if p.exists())
    return Process([str(path), "--port", str(broker.port), "--from", rules[0].topic,
                    "--qos", str(qos), *options])


def start_untraced_floor(folder, broker, rules, qos=0):
    return start_floor(folder, broker, rules, qos, ["--untraced"])


# ---- what they use -------------------------------------------------------------------------------

def resident_mb(pid, field="VmRSS"):
    """What it has in memory, with all that it shares; `RssAnon`: what is its own, not of a file."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1000
    return 0


def processor_seconds(pid):
    """User and system time, all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
