"""A broker that can be killed and keeps its sessions, an engine that publishes all the time, and a witness."""

import contextlib
import os
import pathlib
import re
import signal
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "e2e"))

# pylint: disable=wrong-import-position
import mqtt_tools  # noqa: E402
from account import Account  # noqa: E402
from processes import Process, wait_until  # noqa: E402
from witness import Witness  # noqa: E402

ENGINE = os.environ.get("ENGINE_BIN", str(REPOSITORY / "build" / "release" / "engine"))
DATA, STATUS = "faults/data", "engine/site/status"

SCRIPT = """-- Numbers its messages, and says of each what mqtt.publish answered.
local number = 0
local ticking = timer.every(%(period)g, function()
  for _ = 1, %(burst)d do
    number = number + 1
    local outcome, why = mqtt.publish("faults/data", "%(run)d:" .. number,
      { qos = 1, offline = "queue" })
    log.info("answered %(run)d:%%d %%s", number, outcome or why)
  end
end)
mqtt.subscribe("faults/stop", function()
  ticking:cancel()
  log.info("stopped")
end)
"""
ANSWERED = re.compile(rb"answered (\d+):(\d+) (.*)$")


class Broker(mqtt_tools.Broker):
    """A mosquitto that, once `save` was called, knows its clients' subscriptions after its death."""

    def __init__(self, folder, *addresses):
        """`addresses` at which it listens besides."""
        self._database = folder / "mosquitto.db"
        super().__init__(folder, settings=(
            "allow_anonymous true", "persistence true", f"persistence_location {folder}/",
            "queue_qos0_messages true", "max_queued_messages 0"))
        with open(self._config, "a", encoding="utf-8") as file:
            file.writelines(f"listener {self.port} {address}\n" for address in addresses)

    def save(self):
        os.kill(self._process.pid, signal.SIGUSR1)
        wait_until(self._database.exists, 10, "mosquitto saves its sessions")

    def restart(self):
        """After `kill`; does not wait until it listens."""
        self._process.close()
        self._process = Process(["mosquitto", "-c", str(self._config)])


class Engine(Process):
    """Publishes `burst` messages each `period`, and enters into the account what was answered."""

    def __init__(self, folder, account, run, address, *options, burst, period):
        self._account, self.run = account, run
        show = folder / "show.lua"
        show.write_text(SCRIPT % {"run": run, "burst": burst, "period": period})
        super().__init__([ENGINE, "--scene", str(show), "--broker", address, "--audio", "null",
                          "--state", str(folder / "state"), *options],
                         on_line=self._take, cwd=REPOSITORY)

    def _take(self, line):
        answer = ANSWERED.search(line)
        if answer:
            self._account.add(time.monotonic(), int(answer[1]), int(answer[2]), answer[3].decode())
        else:
            self.lines.add(line.decode("utf-8", "replace"))


class BusySite:
    """All three, in a folder of their own, closed by `with`. `network`: where broker and engine are."""

    def __init__(self, folder, *options, network=None, burst=20, period=0.05):
        self._folder, self._options = folder, options
        self._load = {"burst": burst, "period": period}
        self._network = network
        self._open = contextlib.ExitStack()
        self.account = Account()
        self.engine = None
        with self.beside_broker():
            self.broker = Broker(folder, *([network.BROKER] if network else []))
            self._open.callback(self.broker.close)
            self.broker.start()
            self.witness = Witness(("127.0.0.1", self.broker.port), DATA, STATUS,
                                   inside=self.beside_broker)
            self._open.callback(self.witness.close)
            self.broker.save()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._open.close()

    def beside_broker(self):
        return self._network.broker_side.inside() if self._network else contextlib.nullcontext()

    def start_engine(self):
        """Starts it as the next run; what the one before has said is heard to its end."""
        run = 1
        if self.engine:
            self.engine.close()
            run = self.engine.run + 1
        host = self._network.BROKER if self._network else "127.0.0.1"
        side = self._network.engine_side.inside() if self._network else contextlib.nullcontext()
        with side:
            self.engine = Engine(self._folder, self.account, run, f"tcp://{host}:{self.broker.port}",
                                 *self._options, **self._load)
        self._open.callback(self.engine.close)
        return self.engine

    def finish(self, timeout=120):
        """Returns when nothing more is published, and all that the last run has published is heard."""
        def stopped():
            with self.beside_broker():
                mqtt_tools.publish(self.broker, "faults/stop", "")
            return self.engine.lines.matching("stopped$")

        wait_until(stopped, timeout, "the script has heard that it is to stop")
        run, number = self.account.last()
        self.witness.first_after(0, DATA, lambda a: a.payload == f"{run}:{number}", timeout,
                                 "the last message arrives")

    def damage(self, faults):
        return self.account.damage(self.witness.arrivals(DATA), faults)
