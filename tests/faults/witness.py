"""Hears what a broker has taken. Speaks MQTT 3.1.1 itself: a broker's death costs it nothing."""

import collections
import contextlib
import socket
import threading
import time

from processes import wait_until

Arrival = collections.namedtuple("Arrival", "time connection topic payload")

_CONNECT, _CONNACK, _PUBLISH, _SUBSCRIBE, _SUBACK = 0x10, 0x20, 0x30, 0x82, 0x90
_RETRY_SECONDS = 0.005


def _text(text):
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _packet(kind, body):
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([kind]) + length + body


def _take_packet(buffer):
    """The first whole packet of `buffer`, which it is taken from, or None."""
    length = shift = 0
    for at in range(1, min(len(buffer), 5)):
        length |= (buffer[at] & 0x7f) << shift
        shift += 7
        if not buffer[at] & 0x80:
            end = at + 1 + length
            if len(buffer) < end:
                return None
            packet = buffer[0], bytes(buffer[at + 1:end])
            del buffer[:end]
            return packet
    return None


class Witness:
    """Subscribed to some filters at QoS 0, in a session that the broker keeps, from a thread of its own.

    Tries to connect without pause; `inside` is entered by that thread and says in which network that is.
    """

    def __init__(self, address, *filters, inside=contextlib.nullcontext):
        self._address, self._filters = address, filters
        self._arrivals = []
        self._connection = 0
        self._subscribed = threading.Event()
        self._ended = False
        self._socket = None
        self._thread = threading.Thread(target=self._run, args=[inside], daemon=True)
        self._thread.start()
        assert self._subscribed.wait(10), f"not subscribed at {address} within 10 s"

    def arrivals(self, topic):
        return [a for a in list(self._arrivals) if a.topic == topic]

    def first_after(self, moment, topic, accept, timeout, what):
        """The first arrival after `moment` that is accepted."""
        seen = 0

        def found():
            nonlocal seen
            while seen < len(self._arrivals):
                arrival = self._arrivals[seen]
                seen += 1
                if arrival.time > moment and arrival.topic == topic and accept(arrival):
                    return arrival
            return None

        return wait_until(found, timeout, what)

    @property
    def connection(self):
        """The number of the connection that is, or was last, there."""
        return self._connection

    def close(self):
        self._ended = True
        if self._socket:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _run(self, inside):
        with inside():
            while not self._ended:
                with contextlib.suppress(OSError), socket.create_connection(self._address, 5) as self._socket:
                    self._listen(self._socket)
                time.sleep(_RETRY_SECONDS)

    def _listen(self, connection):
        # No clean session, and no pings: the broker is on the same machine.
        connection.settimeout(None)
        connection.sendall(_packet(_CONNECT, _text("MQTT") + b"\x04\x00\x00\x00" + _text("witness")))
        asked = b"".join(_text(one) + b"\x00" for one in self._filters)
        connection.sendall(_packet(_SUBSCRIBE, b"\x00\x01" + asked))
        buffer = bytearray()
        while data := connection.recv(1 << 16):
            buffer += data
            now = time.monotonic()
            while packet := _take_packet(buffer):
                self._take(now, *packet)

    def _take(self, now, kind, body):
        if kind == _CONNACK:
            self._connection += 1
        elif kind == _SUBACK:
            self._subscribed.set()
        elif kind & 0xf0 == _PUBLISH:
            end = 2 + int.from_bytes(body[:2], "big")
            self._arrivals.append(Arrival(now, self._connection, body[2:end].decode(), body[end:].decode()))
