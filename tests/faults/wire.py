"""Carries packets between two network namespaces: wire.py NAMESPACE ADDRESS NAMESPACE ADDRESS

Each line on standard input says how from then on: the part that is lost, and the seconds each way.
"""

import fcntl
import heapq
import itertools
import os
import pathlib
import random
import select
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from network import enter  # noqa: E402  pylint: disable=wrong-import-position

_TUNSETIFF = 0x400454ca
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_PACKET_BYTES = 65536


def open_end(namespace, address):
    """A descriptor for the packets that leave and reach the device `wire` in the namespace."""
    enter(namespace)
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", b"wire", _IFF_TUN | _IFF_NO_PI))
    subprocess.run(["ip", "address", "add", f"{address}/24", "dev", "wire"], check=True)
    subprocess.run(["ip", "link", "set", "wire", "up"], check=True)
    return device


class Wire:
    """Packets on their way, each with the time when it is there."""

    def __init__(self, one, other):
        self._opposite = {one: other, other: one}
        self._loss = self._delay = 0.0
        self._under_way = []
        self._numbers = itertools.count()

    def run(self):
        orders = sys.stdin.fileno()
        while True:
            ready, _, _ = select.select([orders, *self._opposite], [], [], self._until_next())
            for descriptor in ready:
                if descriptor != orders:
                    self._take(descriptor)
                elif not self._obey(os.read(orders, 4096).decode()):
                    return
            self._deliver()

    def _obey(self, text):
        if text:
            self._loss, self._delay = map(float, text.splitlines()[-1].split())
        return bool(text)

    def _until_next(self):
        return max(0.0, self._under_way[0][0] - time.monotonic()) if self._under_way else None

    def _take(self, descriptor):
        packet = os.read(descriptor, _PACKET_BYTES)
        if random.random() >= self._loss:
            due = time.monotonic() + self._delay
            heapq.heappush(self._under_way, (due, next(self._numbers), self._opposite[descriptor], packet))

    def _deliver(self):
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            _, _, descriptor, packet = heapq.heappop(self._under_way)
            try:
                os.write(descriptor, packet)
            except OSError:
                pass  # The device is down.


def main():
    ends = [open_end(*sys.argv[at:at + 2]) for at in (1, 3)]
    print("ready", flush=True)
    Wire(*ends).run()


if __name__ == "__main__":
    main()
