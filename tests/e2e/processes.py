"""Child processes whose output is collected line by line, and which never outlive the tests."""

import contextlib
import ctypes
import os
import re
import signal
import socket
import subprocess
import threading
import time

# Every timeout is so many times as long, for engines that something slows down.
_PATIENCE = float(os.environ.get("E2E_PATIENCE", "1"))

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def _die_with_parent():
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    """A loopback port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def patient(timeout):
    """The seconds to wait for what should take `timeout` at most."""
    return timeout * _PATIENCE


def wait_until(condition, timeout, what):
    """The first true value of condition(); fails, naming `what`, after `timeout` seconds."""
    deadline = time.monotonic() + patient(timeout)
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.01)


class Lines:
    """The lines a process has written so far, each with the (monotonic) time it was read."""

    def __init__(self):
        self._changed = threading.Condition()
        self._lines = []
        self._ended = False

    def add(self, line):
        with self._changed:
            self._lines.append((time.monotonic(), line))
            self._changed.notify_all()

    def end(self):
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def matching(self, pattern):
        with self._changed:
            return [line for _, line in self._lines if re.search(pattern, line)]

    def times(self, pattern):
        """When the lines that match were read."""
        with self._changed:
            return [time for time, line in self._lines if re.search(pattern, line)]

    def text(self):
        with self._changed:
            return "\n".join(line for _, line in self._lines)

    def wait_for(self, pattern, timeout, count=1):
        """The match in the `count`th such line, of the past or the next `timeout` seconds."""
        deadline = time.monotonic() + patient(timeout)
        seen = found = 0
        with self._changed:
            while True:
                for _, line in self._lines[seen:]:
                    match = re.search(pattern, line)
                    found += match is not None
                    if match and found == count:
                        return match
                seen = len(self._lines)
                left = deadline - time.monotonic()
                if left <= 0 or self._ended:
                    why = "the process ended" if self._ended else f"not within {timeout} s"
                    raise AssertionError(f"no line matches {pattern!r} ({why})\n{self._tail()}")
                self._changed.wait(left)

    def _tail(self):
        return "\n".join(line for _, line in self._lines[-40:])


class Process:
    """A running program. `on_line` sees each line (bytes) in the reading thread.

    With `terminal`, a file descriptor, the program writes there and nothing is collected.
    """

    def __init__(self, command, on_line=None, stdin=False, env=None, cwd=None, terminal=None):
        self.command = command
        self.lines = Lines()
        self._on_line = on_line
        self._killed = False
        self._popen = subprocess.Popen(
            command, stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=terminal or subprocess.PIPE, stderr=subprocess.STDOUT, env=env, cwd=cwd, start_new_session=True,
            preexec_fn=_die_with_parent)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for raw in self._popen.stdout or []:
            raw = raw.rstrip(b"\r\n")
            if self._on_line:
                self._on_line(raw)
            else:
                self.lines.add(raw.decode("utf-8", "replace"))
        self.lines.end()

    @property
    def pid(self):
        return self._popen.pid

    def alive(self):
        return self._popen.poll() is None

    def write(self, text):
        self._popen.stdin.write(text.encode())
        self._popen.stdin.flush()

    def finish_input(self, timeout=10):
        """Closes standard input and waits until the program has ended of itself."""
        self._popen.stdin.close()
        assert self.wait(timeout) == 0

    def signal(self, number):
        self._popen.send_signal(number)

    def wait(self, timeout):
        """The exit code; fails when the program still runs after `timeout` seconds."""
        try:
            code = self._popen.wait(patient(timeout))
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"still running after {timeout} s\n{self.lines.text()}") from None
        self._reader.join(timeout=5)
        return code

    def kill(self):
        """SIGKILL to this process alone, as a power cut would."""
        self._killed = True
        self._popen.kill()
        self._popen.wait()

    def close(self):
        """Kills whatever is left of it, with its children. With E2E_LET_END set, where it counts what
        a program says in the end, it may end by itself first."""
        crashed = not self.alive() and self._popen.returncode < 0 and not self._killed
        if os.environ.get("E2E_LET_END") and self.alive():
            self._popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(patient(5))
        try:
            os.killpg(self._popen.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._popen.wait()
        self._reader.join(timeout=5)
        if self._popen.stdin:
            self._popen.stdin.close()
        if self._popen.stdout:
            self._popen.stdout.close()
        assert not crashed, f"{self.command[0]} died of signal {-self._popen.returncode}"


def child_pids(parent, name):
    """The processes called `name` that `parent` started and that still run."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat") as file:
                stat = file.read()
        except OSError:
            continue  # It ended meanwhile.
        command = stat[stat.index("(") + 1:stat.rindex(")")]
        state, ppid = stat[stat.rindex(")") + 2:].split()[:2]
        if command == name and int(ppid) == parent and state != "Z":
            found.append(int(entry))
    return found
