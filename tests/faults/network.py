"""Two network namespaces with a wire between them that can be cut, slow and lossy.

They have no names, so nothing of them is left when this process is gone, however it ends.
"""

import contextlib
import ctypes
import os
import pathlib
import subprocess
import sys

from processes import Process

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_OWN = "/proc/thread-self/ns/net"


def _checked(result):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def enter(path):
    """Takes this thread, and the processes that it starts from now on, into a namespace."""
    with open(path, "rb") as namespace:
        _checked(_LIBC.setns(namespace.fileno(), _CLONE_NEWNET))


class Namespace:
    """A network of its own, with loopback."""

    def __init__(self):
        with self._and_back():
            _checked(_LIBC.unshare(_CLONE_NEWNET))
            self._descriptor = os.open(_OWN, os.O_RDONLY)
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.path = f"/proc/{os.getpid()}/fd/{self._descriptor}"

    @contextlib.contextmanager
    def inside(self):
        """What this thread does and starts meanwhile happens in there."""
        with self._and_back():
            enter(self.path)
            yield

    def close(self):
        os.close(self._descriptor)

    @staticmethod
    @contextlib.contextmanager
    def _and_back():
        home = os.open(_OWN, os.O_RDONLY)
        try:
            yield
        finally:
            _checked(_LIBC.setns(home, _CLONE_NEWNET))
            os.close(home)


class Network:
    """`broker_side` and `engine_side`, with one address each."""

    BROKER, ENGINE = "10.99.0.1", "10.99.0.2"

    def __init__(self):
        self.broker_side, self.engine_side = Namespace(), Namespace()
        carrier = pathlib.Path(__file__).with_name("wire.py")
        self._wire = Process([sys.executable, str(carrier), self.broker_side.path, self.BROKER,
                              self.engine_side.path, self.ENGINE], stdin=True)
        self._wire.lines.wait_for("^ready", 10)

    def condition(self, loss=0.0, delay=0.0):
        """From now on so large a part of the packets is lost, and each takes so many seconds, each way."""
        self._wire.write(f"{loss} {delay}\n")

    def plug(self, into):
        """The engine's end of the wire: True is in, False is out."""
        with self.engine_side.inside():
            subprocess.run(["ip", "link", "set", "wire", "up" if into else "down"], check=True)

    def close(self):
        self._wire.close()
        self.broker_side.close()
        self.engine_side.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def why_not():
    """Why there can be no networks here; nothing if there can."""
    if os.geteuid() != 0:
        return "needs root"
    try:
        Network().close()
    except (OSError, AssertionError, subprocess.CalledProcessError) as problem:
        return f"no network namespaces or tun devices here ({str(problem).splitlines()[0]})"
    return None
