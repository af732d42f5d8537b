"""The outside world of a busy site: each actor is a thread that goes on until all are told to end."""

import http.client
import itertools
import json
import random
import subprocess
import threading
import time
import traceback

from processes import Process
from world import UnixConnection

SHEETS = [f"sheet{room}" for room in range(1, 5)]
QUESTIONS = ["status", "scenes", "scripts", "devices", "topics", "faults", "broker", "health",
             "log?lines=50", "trace", "trace/sheet1", "trace/story?last=5"]


class Actor(threading.Thread):
    """Acts every `period` seconds (0: without pause). What goes wrong in it ends the soak."""

    period = 0.0

    def __init__(self, world, end):
        super().__init__(daemon=True, name=type(self).__name__)
        self.world, self.end = world, end
        self.failure = None
        self.turns = itertools.count()

    def act(self, turn):
        raise NotImplementedError

    def run(self):
        try:
            for turn in self.turns:
                if self.end.wait(self.period):
                    return
                self.act(turn)
        except Exception:  # pylint: disable=broad-except
            self.failure = f"{self.name}: {traceback.format_exc()}"
            self.end.set()


class Sensors(Actor):
    """Readings at a steady rate, over one connection for each sensor and QoS."""

    period = 0.02

    def __init__(self, world, end, rate):
        super().__init__(world, end)
        self._per_turn = max(1, int(rate * self.period / 4))
        self._clients = {}

    def act(self, turn):
        reading = json.dumps({"value": 20 + turn % 100 / 10, "unit": "°C", "note": "x" * 60})
        for sensor, qos in (("a", 0), ("b", 1), ("c", 0), ("d", 1)):
            try:
                self._client(sensor, qos).write(f"{reading}\n" * self._per_turn)
                self.world.count("readings", self._per_turn)
            except OSError:
                self._clients.pop(sensor).close()  # The broker has been killed.

    def _client(self, sensor, qos):
        if sensor not in self._clients:
            self._clients[sensor] = Process(
                ["mosquitto_pub", *self.world.broker.client_options, "-t",
                 f"soak/sensors/{sensor}/data", "-q", str(qos), "-l"], stdin=True, on_line=lambda line: None)
        return self._clients[sensor]


class Operator(Actor):
    """Starts, steers and stops scenes, and asks about everything, over the HTTP interface."""

    period = 0.005

    def __init__(self, world, end):
        super().__init__(world, end)
        self._connection = None

    def act(self, turn):
        if turn % 50 == 0:  # Also a connection comes and goes.
            if self._connection:
                self._connection.close()
            self._connection = UnixConnection(self.world.socket)
        sheet = random.choice(SHEETS)
        action = random.choices(["go", "stop", "pause", "resume", "jump?cue=dark", "seek?seconds=0.05"],
                                [8, 1, 1, 2, 1, 1])[0]
        self._do("POST", f"/api/scenes/{sheet}/{action}", action.partition("?")[0], (200, 409))
        if turn % 5 == 0:
            self._do("GET", f"/api/{random.choice(QUESTIONS)}", "questions", (200, 404))
        if turn % 40 == 0:
            self._do("POST", "/api/stop_all", "stop_all")
        if turn % 20 == 0:
            self._do("POST", "/api/eval?script=rooms", "evals", body="state.played")

    def _do(self, method, path, what, good=(200,), body=None):
        try:
            status, answer = self.world.ask(method, path, body, self._connection)
        except http.client.RemoteDisconnected:  # We, or this machine, had slept for 15 s.
            self._connection.close()
            return self.world.count("connections given up")
        assert status in good, f"{method} {path}: {status} {answer[:200]}"
        return self.world.count(what) if status == 200 else None


class Visitors(Actor):
    """Press buttons, pull levers; devices come and go."""

    period = 0.2

    def act(self, turn):
        room = random.randint(1, 6)
        messages = [(f"room{room}/button", "PRESSED"), ("room6/lever", "PULLED"),
                    (f"devices/visitor_{turn % 10}/status", random.choice(["online", "offline"]))]
        for topic, payload in messages:
            self._send(topic, payload)
        if turn % 50 == 0:  # Under the limit that sets a script aside.
            self._send("soak/fault", f"{turn % 7}")

    def _send(self, topic, payload):
        sent = subprocess.run(["mosquitto_pub", *self.world.broker.client_options, "-t", topic, "-m", payload],
                              stderr=subprocess.DEVNULL, timeout=120, check=False)
        if sent.returncode == 0:  # Else the broker has been killed.
            self.world.count("visits")


class Author(Actor):
    """Saves scripts, also broken ones, and the configuration."""

    period = 0.1

    def __init__(self, world, end):
        super().__init__(world, end)
        self._texts = {path: path.read_text() for path in world.scenes.glob("*.lua")
                       if path.name != "passing.lua"}

    def act(self, turn):
        path = random.choice(list(self._texts))
        self.world.save(path, f"{self._texts[path]}-- Saved {turn} times.\n")
        self.world.count("saves")
        if turn % 20 == 0:
            self.world.save(path, f"{self._texts[path]} this is not Lua {turn}\n")
            self.world.count("broken saves")
        if turn % 30 == 0:
            self.world.configure(1 + turn % 7 / 10)
            self.world.count("configurations")


class Mover(Actor):
    """Deletes a script and puts it back."""

    period = 0.3

    def act(self, turn):
        path = self.world.scenes / "passing.lua"
        if turn % 2 == 0:
            self._text = path.read_text()
            path.unlink()
        else:
            self.world.save(path, self._text)
            self.world.count("scripts removed and added")


def all_actors(world, end, rate):
    return [Sensors(world, end, rate),
            *(kind(world, end) for kind in (Operator, Visitors, Author, Mover))]
