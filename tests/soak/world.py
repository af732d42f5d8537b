"""A broker, and an engine with the scripts of `show` in a folder where they can be changed."""

import collections
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import sys
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))

# pylint: disable=wrong-import-position
import mqtt_tools  # noqa: E402
from processes import Process, wait_until  # noqa: E402

ENGINE = os.environ.get("ENGINE_BIN", str(REPOSITORY / "build" / "release" / "engine"))
SHOW = pathlib.Path(__file__).with_name("show")
LOG_LINE = re.compile(r"\[([A-Z]+)\] (\w+) - (.*)")

# Everything is followed that can be; a broker that is away is tried again soon.
CONFIG = """
[scripts]
scenes = ["scenes"]
allow_eval = true
[media]
folders = ["{media}"]
audio = "null"
[mqtt]
address = "{address}"
backoff_min = 0.1
backoff_max = 0.5
[feedback]
timeout = {timeout}
[services]
dependency_timeout = 1
[log]
level = "warning"
levels.script = "info"
"""


class Broker(mqtt_tools.Broker):
    """Holds nothing back, so that it is not what is measured."""

    def __init__(self, folder):
        super().__init__(folder, settings=("allow_anonymous true", "set_tcp_nodelay true",
                                           "max_queued_messages 10000"))

    def restart(self):
        """Kills it. To be called by the main thread: a process that another one starts dies with that."""
        self._process.kill()
        self._process.close()
        self._process = Process(["mosquitto", "-c", str(self._config)])


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=120)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class World:
    """All of it, in one folder; closed by `with`."""

    def __init__(self, folder):
        self._folder = folder
        self._open = contextlib.ExitStack()
        self.scenes = folder / "scenes"
        shutil.copytree(SHOW, self.scenes)
        self.broker = Broker(folder)
        self._open.callback(self.broker.close)
        self.broker.start()
        self.configure(1)
        self.counts = collections.Counter()  # What was done, and what the log says.
        self.troubles = collections.Counter()  # Errors in the log.
        self._counting = threading.Lock()
        self.engine = Process([ENGINE, "--config", str(folder / "engine.toml"), "--state",
                               str(folder / "state")], on_line=self._heard)
        self._open.callback(self.engine.close)
        self.socket = folder / "state" / "site" / "ctl.sock"
        wait_until(lambda: self.socket.exists() and self.status()["connected"], 20, "it runs")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def configure(self, timeout):
        text = CONFIG.format(address=self.broker.url, timeout=timeout,
                             media=REPOSITORY / "scenes" / "museum" / "media")
        self.save(self._folder / "engine.toml", text)

    @staticmethod
    def save(path, text):
        """As editors do it: a new file in the old one's place."""
        fresh = path.with_name(path.name + "~")
        fresh.write_text(text)
        os.replace(fresh, path)

    def count(self, what, times=1):
        with self._counting:
            self.counts[what] += times

    def ask(self, method, path, body=None, connection=None):
        """(status, answer) of the HTTP interface."""
        used = connection or UnixConnection(self.socket)
        used.request(method, path, body)
        reply = used.getresponse()
        data = reply.read()
        if not connection:
            used.close()
        return reply.status, data

    def status(self):
        return json.loads(self.ask("GET", "/api/status")[1])

    def store_megabytes(self):
        return sum(path.stat().st_size for path in (self._folder / "state").rglob("store.sqlite*")) / 1e6

    def _heard(self, raw):
        line = LOG_LINE.search(raw.decode("utf-8", "replace"))
        if not line:
            return
        level, logger, text = line.groups()
        loaded = re.match(r"\S+\.lua (loaded|reloaded)\b", text)
        if loaded and logger == "script":
            self.count(loaded[1])
        elif level in ("ERROR", "CRITICAL"):
            self.troubles[f"{logger}: {re.sub('[0-9]+', 'N', text)[:160]}"] += 1
