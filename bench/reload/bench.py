"""From the rename of a script to the first message its new code handles, under load.

BENCH_RELOADS sets how often (1000).
"""

import os
import pathlib
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
from peers import Process, mqtt_tools  # noqa: E402  pylint: disable=wrong-import-position
from processes import wait_until  # noqa: E402  pylint: disable=wrong-import-position
from results import Section, each_run  # noqa: E402  pylint: disable=wrong-import-position

RELOADS = int(os.environ.get("BENCH_RELOADS", "1000"))
PER_SECOND = 2000
PAUSE = 0.06  # Between two saves.

LUA = """local version = %d
mqtt.subscribe("bench/in", function(msg)
  mqtt.publish("bench/out", msg.payload .. " " .. version)
end, { qos = 1 })
"""

TEXT = f"""
{RELOADS} renames, one every {1000 * PAUSE:.0f} ms, at {PER_SECOND:,} messages a second; milliseconds from the
rename to the first message that the new code answered. The engine lets 10 ms pass first, for a second save; the
peer, a controller in Python with paho and importlib, looks at the file between messages and does not wait.
"""

PYTHON = """version = %d

def on_message(client, message):
    client.publish("bench/out", b"%%s %%d" %% (message.payload, version))
"""


class Load(threading.Thread):
    """Numbers, at a steady rate until `finish`, which returns the last."""

    def __init__(self, broker):
        super().__init__(daemon=True)
        self._publisher = mqtt_tools.Publisher(broker, "bench/in", qos=1)
        self._enough = threading.Event()
        self._last = 0

    def run(self):
        began = time.monotonic()
        while not self._enough.wait(0.002):
            due = int((time.monotonic() - began) * PER_SECOND)
            if due > self._last:
                self._publisher.send("\n".join(str(n) for n in range(self._last + 1, due + 1)))
                self._last = due

    def finish(self):
        self._enough.set()
        self.join()
        self._publisher.finish()
        return self._last


class Answers:
    """When each version first answered, and what was lost or handled twice."""

    def __init__(self, broker):
        self.first = {}
        self._counts = {}
        self._subscriber = mqtt_tools.Subscriber(broker, "bench/out", on_message=self._take)

    def _take(self, message):
        number, version = (int(word) for word in message.payload.split())
        self.first.setdefault(version, message.time)
        if number == 0:
            return  # Sent until somebody answers.
        self._counts[number] = self._counts.get(number, 0) + 1

    def handled(self):
        return len(self._counts)

    def close(self):
        self._subscriber.close()

    def lost(self, last):
        return sum(n not in self._counts for n in range(1, last + 1))

    def doubled(self):
        return sum(count > 1 for count in self._counts.values())


def save(path, text):
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text)
    os.replace(fresh, path)
    return time.time()


def measure(name, command, path, text, broker):
    path.write_text(text % 0)
    answers = Answers(broker)
    process = Process(command)
    try:
        def answered():
            mqtt_tools.publish(broker, "bench/in", "0")
            return 0 in answers.first
        wait_until(answered, 20, f"{name} answers\n{process.lines.text()}")
        load = Load(broker)
        load.start()
        renamed = {}
        for version in range(1, RELOADS + 1):
            renamed[version] = save(path, text % version)
            time.sleep(PAUSE)
        wait_until(lambda: RELOADS in answers.first, 20, f"{name}: the last version answers")
        last = load.finish()
        time.sleep(1)
        times = sorted(1000 * (answers.first[v] - renamed[v]) for v in renamed if v in answers.first)
        return Figures(times, last, answers)
    finally:
        process.close()
        answers.close()


class Figures:
    def __init__(self, times, last, answers):
        self.followed = len(times)
        self.p50, self.p99, self.max = (self._at(times, share) for share in (0.5, 0.99, 1))
        self.messages = last
        self.lost, self.twice = answers.lost(last), answers.doubled()

    @staticmethod
    def _at(times, share):
        return times[min(len(times) - 1, int(share * len(times)))]

    def row(self, name):
        return [name, self.followed, *(f"{ms:.1f}" for ms in (self.p50, self.p99, self.max)),
                self.messages, self.lost, self.twice]


def measure_engine(folder, broker):
    script = folder / "rules.lua"
    return measure("engine", peers.engine_command(folder, broker, "--scene", script), script, LUA,
                   broker)


def measure_peer(folder, broker):
    return measure("Python, paho, importlib", [
        "/usr/bin/python3", str(peers.REPOSITORY / "bench/reload/peer.py"), str(broker.port),
        str(folder)], folder / "rules.py", PYTHON, broker)


def main():
    for _ in each_run(1):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            broker = peers.start_broker(folder)
            try:
                mine = measure_engine(folder, broker)
                peer = measure_peer(folder, broker)
            finally:
                broker.close()
    section = Section("reload", "Reload under load", TEXT, runs=1)
    section.table(["ms", "followed", "p50", "p99", "max", "messages", "lost", "twice"],
                  [mine.row("engine"), peer.row("Python, paho, importlib")])
    section.aim("save to first message handled by new code, p99", "under 50 ms",
                f"{mine.p99:.0f} ms", mine.p99 < 50)
    section.aim("messages lost in reloads", "0", mine.lost, mine.lost == 0)
    section.save()


main()
