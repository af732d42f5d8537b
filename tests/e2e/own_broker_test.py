"""The Mosquitto that the engine runs: who gets in, what they may do, and what it tells of itself."""

import base64
import json
import os
import socket
import subprocess

import pytest

from conftest import ENGINE, REPOSITORY
from mqtt_tools import BrokerAt, Subscriber
from processes import free_port, wait_until
from scripts import ECHO


class Users(BrokerAt):
    """Its clients have a user of the engine's broker."""

    def __init__(self, port, user=None, password=None, options=()):
        self.client_options = ["-h", "127.0.0.1", "-p", str(port), *options]
        if user:
            self.client_options += ["-u", user, "-P", password]


def pub(broker, topic, payload, *options):
    """mosquitto_pub, whose failure is an outcome."""
    return subprocess.run(["mosquitto_pub", *broker.client_options, "-t", topic, "-m", payload, "-q",
                           "1", *options], text=True, capture_output=True, timeout=20, check=False)


@pytest.fixture
def own(engine, scene_file, tmp_path):
    """own(TOML, text) starts an engine whose broker is configured so, and returns (run, port)."""
    def start(toml="", text=ECHO, port=None):
        port = port or free_port()
        config = tmp_path / "engine.toml"
        config.write_text(f"[broker]\nport = {port}\n{toml}")
        run = engine("--config", config, "--scene", scene_file(text))
        run.lines.wait_for(r"\[INFO\] mqtt - Connected to ", 20)
        return run, port
    return start


@pytest.fixture
def password(tmp_path):
    """password(user): the one that the engine has generated."""
    folder = tmp_path / "state" / "site" / "broker" / "passwords"
    return lambda user: (folder / user).read_text().strip()


def test_with_users_only_they_get_in_and_only_to_their_topics(own, password, cleanup):
    _, port = own('[[broker.users]]\nname = "boss"\n'
                  '[[broker.users]]\nname = "lamp"\n'
                  'read = ["lamp/set", "e2e/ready"]\nwrite = ["lamp/is", "e2e/ready"]\n')
    boss = Users(port, "boss", password("boss"))
    lamp = Users(port, "lamp", password("lamp"))
    nobody = pub(Users(port), "lamp/is", "x")
    assert nobody.returncode != 0 and "not authorised" in nobody.stderr
    wrong = pub(Users(port, "lamp", "guess"), "lamp/is", "x")
    assert wrong.returncode != 0 and "not authorised" in wrong.stderr

    assert pub(boss, "e2e/ready", "yes", "-r").returncode == 0
    all_of_it = cleanup(Subscriber(boss, "#"))
    its_own = cleanup(Subscriber(lamp, "#"))
    for who, topic in [(lamp, "door/open"), (lamp, "lamp/set"), (lamp, "lamp/is"),
                       (boss, "door/open"), (boss, "lamp/set")]:
        pub(who, topic, "by lamp" if who is lamp else "by boss")
    all_of_it.wait_for("lamp/set", "by boss")
    assert "by lamp" not in all_of_it.payloads("door/open") + all_of_it.payloads("lamp/set")
    assert all_of_it.payloads("lamp/is") == ["by lamp"]
    its_own.wait_for("lamp/set", "by boss")
    assert [m.topic for m in its_own.messages()] == ["lamp/set"]
    answers = cleanup(Subscriber(boss, "test/pong"))
    pub(boss, "test/ping", "the engine is in")
    answers.wait_for("test/pong", "the engine is in")


def test_tls_with_the_generated_certificate(own, tmp_path):
    _, port = own("[broker.tls]\ngenerate = true\n")
    authority = tmp_path / "state" / "site" / "broker" / "tls" / "ca.crt"
    trusting = Users(port, options=["--cafile", str(authority)])
    assert pub(trusting, "a", "x").returncode == 0
    by_name = Users(port, options=["--cafile", str(authority), "-h", "localhost"])
    assert pub(by_name, "a", "x").returncode == 0
    assert pub(Users(port), "a", "x").returncode != 0, "without TLS"
    system = Users(port, options=["--capath", "/etc/ssl/certs"])
    assert pub(system, "a", "x").returncode != 0, "by nobody's word"


def test_websockets(own):
    websockets = free_port()
    own(f"websockets_port = {websockets}\n")
    with socket.create_connection(("127.0.0.1", websockets), timeout=10) as client:
        key = base64.b64encode(os.urandom(16)).decode()
        client.sendall((f"GET /mqtt HTTP/1.1\r\nHost: 127.0.0.1:{websockets}\r\nUpgrade: websocket\r\n"
                        f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += client.recv(4096)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        # CONNECT of MQTT 3.1.1 without anything, masked by zeros; the answer is CONNACK.
        connect = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
        client.sendall(bytes([0x82, 0x80 | len(connect)]) + bytes(4) + connect)
        frame = answer.split(b"\r\n\r\n", 1)[1]
        while len(frame) < 6:
            frame += client.recv(4096)
        assert frame[:6] == b"\x82\x04\x20\x02\x00\x00"


def test_a_full_broker_refuses_the_next_client(own, cleanup):
    _, port = own("max_connections = 1\n")
    broker = BrokerAt(port)
    first = Subscriber(broker, "a")
    cleanup(first)
    assert pub(broker, "a", "x").returncode != 0
    first.close()
    wait_until(lambda: pub(broker, "a", "x").returncode == 0, 10, "there is room again")


def test_retained_messages_survive_a_restart_of_the_engine(own, cleanup):
    run, port = own()
    assert pub(BrokerAt(port), "kept", "still here", "-r").returncode == 0
    run.interrupt()
    run.wait(timeout=10)
    own(port=port)
    message = cleanup(Subscriber(BrokerAt(port), "kept")).wait_for("kept")
    assert message.payload == "still here" and message.retained


def test_an_open_broker_on_the_network_is_refused(run_engine, scene_file):
    done = run_engine("--scene", scene_file(ECHO), "--set", "broker.listen=0.0.0.0")
    assert done.returncode == 1
    assert "broker.allow_anonymous = true" in done.stderr


def status(tmp_path, *args):
    return subprocess.run([ENGINE, "broker", *args, "--state", str(tmp_path / "state")], text=True,
                          cwd=REPOSITORY, capture_output=True, timeout=20, check=False)


def test_broker_status(own, tmp_path):
    run, port = own("max_connections = 50\nusers = [{ name = 'lamp', read = ['a'] }]\n")

    def told():
        done = status(tmp_path, "status", "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    # $SYS is published every ten seconds.
    wait_until(lambda: told()["counters"].get("clients", 0) >= 1, 30, "Mosquitto tells of itself")
    answer = told()
    assert answer["own"] and answer["running"] and answer["connected"]
    assert answer["url"] == f"tcp://127.0.0.1:{port}"
    assert answer["users"] == [{"name": "lamp", "confined": True}]
    assert answer["counters"]["memory"] > 1000
    assert answer["counters"]["version"].startswith("mosquitto version")
    assert answer["link"]["received"] > 0
    text = status(tmp_path, "status").stdout
    assert f"tcp://127.0.0.1:{port}: our own, pid" in text
    assert "users: lamp (confined)" in text
    assert status(tmp_path, "restart").returncode == 1
    run.interrupt()
    run.wait(timeout=10)
    gone = status(tmp_path, "status")
    assert gone.returncode == 1 and "no engine runs" in gone.stderr
