"""The world outside the engine: a stock mosquitto, and clients that are mosquitto_pub and _sub."""

import collections
import os
import socket
import subprocess
import threading

from processes import Process, free_port, patient, wait_until

# A retained message that every broker here holds, so that a subscriber knows it is subscribed.
_READY = "e2e/ready"

Message = collections.namedtuple("Message", "time retained qos topic payload")


class Broker:
    """A mosquitto in its stock configuration, on one loopback port for as long as this lives."""

    def __init__(self, folder, settings=("allow_anonymous true",), client_options=()):
        self.port = free_port()
        self.url = f"tcp://127.0.0.1:{self.port}"
        self.client_options = ["-h", "127.0.0.1", "-p", str(self.port), *client_options]
        self._config = folder / f"mosquitto-{self.port}.conf"
        lines = [f"listener {self.port} 127.0.0.1", *settings]
        if os.geteuid() == 0:
            lines.append("user root")  # Else mosquitto gives up the right to read our folder.
        self._config.write_text("\n".join(lines) + "\n")
        self._process = None

    def start(self):
        self._process = Process(["mosquitto", "-c", str(self._config)])
        wait_until(self._accepts, 10, f"mosquitto listens on port {self.port}")
        publish(self, _READY, "yes", retain=True)
        return self

    def kill(self):
        self._process.kill()

    def close(self):
        if self._process:
            self._process.close()

    def _accepts(self):
        assert self._process.alive(), self._process.lines.text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class BrokerAt:
    """A broker that somebody else runs, such as the engine's own."""

    def __init__(self, port):
        self.client_options = ["-h", "127.0.0.1", "-p", str(port)]
        publish(self, _READY, "yes", retain=True)


def publish(broker, topic, payload, retain=False, qos=0):
    """Sends one message; a payload may be text or bytes."""
    data = payload if isinstance(payload, bytes) else payload.encode()
    command = ["mosquitto_pub", *broker.client_options, "-t", topic, "-q", str(qos)]
    command += ["-s"] if data else ["-n"]
    subprocess.run(command + (["-r"] if retain else []), input=data, check=True, timeout=20)


class Publisher:
    """Sends many messages to one topic over one connection: `send` takes one line."""

    def __init__(self, broker, topic, qos=0):
        self._process = Process(
            ["mosquitto_pub", *broker.client_options, "-t", topic, "-q", str(qos), "-l"],
            stdin=True)

    def send(self, line):
        self._process.write(f"{line}\n")

    def finish(self):
        """Returns when the broker has taken everything."""
        self._process.finish_input(timeout=30)

    def close(self):
        self._process.close()


class Subscriber:
    """What arrives on some topic filters, with the wall-clock time it did. Subscribed when made."""

    def __init__(self, broker, *filters, on_message=None, qos=2):
        self._changed = threading.Condition()
        self._messages = []
        self._ready = False
        self._on_message = on_message
        command = ["mosquitto_sub", *broker.client_options, "-q", str(qos),
                   "-F", r"%U\t%r\t%q\t%t\t%x", "-t", _READY]
        for topic_filter in filters:
            command += ["-t", topic_filter]
        self._process = Process(command, on_line=self._take)
        wait_until(lambda: self._ready, 10, f"subscribed to {filters}")

    def _take(self, line):
        fields = line.split(b"\t")
        if len(fields) != 5:
            return  # mosquitto_sub speaks of its connection.
        time, retained, qos, topic, payload = fields
        message = Message(float(time), retained == b"1", int(qos), topic.decode(),
                          bytes.fromhex(payload.decode()).decode("utf-8", "replace"))
        if message.topic == _READY:
            self._ready = True
            return
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()
        if self._on_message:
            self._on_message(message)

    def messages(self, topic=None):
        with self._changed:
            return [m for m in self._messages if topic is None or m.topic == topic]

    def payloads(self, topic):
        return [m.payload for m in self.messages(topic)]

    def wait_for(self, topic, payload=None, timeout=5):
        """The first such message, of the past or of the next `timeout` seconds."""
        def found():
            return next((m for m in self._messages
                         if m.topic == topic and payload in (None, m.payload)), None)
        with self._changed:
            self._changed.wait_for(found, patient(timeout))
            message = found()
        assert message, (f"no {topic} = {payload} within {timeout} s; there were:\n" +
                         "\n".join(f"{m.topic} = {m.payload[:80]}" for m in self.messages()))
        return message

    def close(self):
        self._process.close()


class VirtualEsp:
    """The ESP32s of a room: each command is answered on <room>/status after `delay` seconds."""

    def __init__(self, broker, room="room1", delay=0.2, silent=(), failing=()):
        self._status = f"{room}/status"
        self._delay = delay
        self._silent = silent
        self._failing = failing
        self._timers = []
        self._answers = Publisher(broker, self._status)
        self._commands = Subscriber(broker, f"{room}/+", on_message=self._obey)

    def _obey(self, message):
        if message.topic == self._status or message.topic in self._silent:
            return
        answer = "ERROR" if message.topic in self._failing else "OK"
        timer = threading.Timer(self._delay, self._answers.send, [answer])
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def close(self):
        self._commands.close()
        for timer in self._timers:
            timer.cancel()
            timer.join()
        self._answers.close()
