"""Fixtures: a broker, clients and engines of one test, all gone when it ends."""

import os
import pathlib
import signal
import subprocess

import pytest

import mqtt_tools
from processes import Process, patient, wait_until

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ENGINE = os.environ.get("ENGINE_BIN", str(REPOSITORY / "build" / "release" / "engine"))


class Engine(Process):
    """A running engine; `lines` is its log."""

    def interrupt(self):
        self.signal(signal.SIGINT)


@pytest.fixture
def cleanup():
    """Keeps what a test made; closed in reverse order, whatever the test did."""
    kept = []

    def keep(thing):
        kept.append(thing)
        return thing

    yield keep
    problems = []
    for thing in reversed(kept):
        try:
            thing.close()
        except AssertionError as problem:
            problems.append(str(problem))
    assert not problems, "\n".join(problems)


@pytest.fixture
def broker(tmp_path, cleanup):
    return cleanup(mqtt_tools.Broker(tmp_path)).start()


@pytest.fixture
def subscribe(cleanup):
    """subscribe(broker, filter...) -> Subscriber"""
    return lambda *args, **options: cleanup(mqtt_tools.Subscriber(*args, **options))


@pytest.fixture
def publisher(cleanup):
    """publisher(broker, topic, qos=0) -> Publisher"""
    return lambda *args, **options: cleanup(mqtt_tools.Publisher(*args, **options))


@pytest.fixture
def virtual_esp(cleanup):
    """virtual_esp(broker, room=, delay=, silent=, failing=) -> VirtualEsp"""
    return lambda *args, **options: cleanup(mqtt_tools.VirtualEsp(*args, **options))


def remove_crash_copies(store):
    """What a killed engine leaves in shared memory for the next run on the same store."""
    about = store.stat()
    born = subprocess.run(["stat", "-c", "%W", store], check=True, capture_output=True, text=True)
    name = f"engine-queue-*-{about.st_ino:x}-{int(born.stdout):x}-?"
    for copy in pathlib.Path("/dev/shm").glob(name):
        copy.unlink(missing_ok=True)


@pytest.fixture
def engine(tmp_path, cleanup):
    """engine(ARGS...) starts one, with a state folder of the test's own and no sound."""
    started = []

    def start(*args, state=tmp_path / "state", env=None, terminal=None):
        command = [ENGINE, *map(str, args), "--state", str(state), "--audio", "null"]
        started.append(cleanup(Engine(command, cwd=REPOSITORY, terminal=terminal,
                                      env={**os.environ, **(env or {})})))
        return started[-1]

    yield start
    for one in started:  # Shown by pytest when the test fails.
        print(f"---- {' '.join(one.command)}\n{one.lines.text()}")
    for store in tmp_path.rglob("store.sqlite"):
        remove_crash_copies(store)


@pytest.fixture
def run_engine(tmp_path):
    """run_engine(ARGS...) runs it to its end: for commands that need no broker and no state."""
    def run(*args, timeout=20, env=None):
        return subprocess.run([ENGINE, *map(str, args)], cwd=REPOSITORY, text=True, timeout=patient(timeout),
                              capture_output=True, env={**os.environ, **(env or {})}, check=False)
    return run


@pytest.fixture
def scene_file(tmp_path):
    """scene_file(text) writes a scene file and returns its path."""
    def write(text, name="show.lua"):
        path = tmp_path / name
        path.write_text(text)
        return path
    return write


@pytest.fixture
def wait_for_echo(subscribe):
    """wait_for_echo(broker) returns when a script with scripts.ECHO hears and is heard."""
    count = 0

    def wait(broker, timeout=15):
        nonlocal count
        count += 1
        pongs = subscribe(broker, "test/pong")
        word = f"ping {count}"

        def answered():
            mqtt_tools.publish(broker, "test/ping", word)
            return word in pongs.payloads("test/pong")

        wait_until(answered, timeout, "a script answers test/ping")

    return wait
