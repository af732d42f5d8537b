"""Cuts, slows and thins the network between an engine and its broker."""

import collections
import time

from busy_site import DATA, STATUS, BusySite
from network import Network

# Seconds: from the cut until the engine's log and the broker's will say so (None: they do not), and from
# the line's return to the first message. `damage` as account.Damage.
Cut = collections.namedtuple("Cut", "engine_knew others_knew recovery messages damage")
# `delays`: of each message, from its answer to its arrival. `losses`: of the connection.
BadLine = collections.namedtuple("BadLine", "delays losses damage")

PATIENCE = 300


def cut(folder, seconds, silently, *options):
    """One cut, of so many seconds: packets vanish silently, or the engine's end is unplugged."""
    with Network() as network, BusySite(folder, *options, network=network, period=0.2) as site:
        engine = site.start_engine()
        site.witness.first_after(0, STATUS, lambda a: a.payload == "online", 15, "the engine is online")
        time.sleep(2)
        moment = time.monotonic()
        if silently:
            network.condition(loss=1)
        else:
            network.plug(False)
        time.sleep(seconds)
        if silently:
            network.condition()
        else:
            network.plug(True)
        back = time.monotonic()
        first = site.witness.first_after(back, DATA, lambda a: True, PATIENCE, "messages come through again")
        site.finish(PATIENCE)
        offline = [a.time - moment for a in site.witness.arrivals(STATUS)
                   if a.time > moment and a.payload == "offline"]
        lost = engine.lines.times(r"Connection to .* lost")
        return Cut(lost[0] - moment if lost else None, offline[0] if offline else None,
                   first.time - back, len(site.account.answered), site.damage([moment])[0])


def bad_line(folder, seconds, loss, delay, *options):
    """A line that loses that part of the packets, and delays each, for so many seconds."""
    with Network() as network, BusySite(folder, *options, network=network, burst=1, period=0.1) as site:
        engine = site.start_engine()
        site.witness.first_after(0, DATA, lambda a: True, 15, "the engine publishes")
        moment = time.monotonic()
        network.condition(loss, delay)
        time.sleep(seconds)
        end = time.monotonic()
        network.condition()
        site.finish(PATIENCE)
        arrived = {}
        for arrival in site.witness.arrivals(DATA):
            arrived.setdefault(arrival.payload, arrival.time)
        delays = [arrived[f"{run}:{number}"] - published
                  for (run, number), published in site.account.answered.items()
                  if moment < published < end and f"{run}:{number}" in arrived]
        return BadLine(sorted(delays), len(engine.lines.times(r"Connection to .* lost")),
                       site.damage([moment])[0])
