"""Kills the broker, the engine or both, again and again under load."""

import collections
import random
import time

from account import message_of
from busy_site import DATA, BusySite

# `recovery`: seconds until the first message came through again; `damage` as account.Damage.
Kill = collections.namedtuple("Kill", "recovery damage")

PATIENCE = 120


class Kills:
    """What was killed so far, on a site of `folder`, after `settle` seconds of peace (up to half more).

    The options go to the engine, the keywords to the site.
    """

    def __init__(self, folder, settle, *options, report=lambda text: None, **site):
        self._site = BusySite(folder, *options, **site)
        self._settle, self._report = settle, report
        self._moments, self._recoveries = [], []

    def brokers(self, times):
        """Kills the broker; it is started again at once."""
        def kill(site):
            connection = site.witness.connection
            moment = time.monotonic()
            site.broker.kill()
            site.broker.restart()
            return moment, self._through(moment, moment, lambda a: a.connection > connection)
        return self._all(times, kill)

    def engines(self, times):
        """Kills the engine; it is started again at once."""
        def kill(site):
            moment = time.monotonic()
            site.engine.kill()
            run = site.start_engine().run
            return moment, self._through(moment, moment, lambda a: message_of(a)[0] == run)
        return self._all(times, kill)

    def both(self, times):
        """Kills the broker, then the engine in the outage; recovery is counted from the broker's return."""
        def kill(site):
            connection = site.witness.connection
            site.broker.kill()
            site.engine.lines.wait_for("connecting again", 10)
            time.sleep(random.uniform(0.2, 0.7))
            moment = time.monotonic()
            site.engine.kill()
            site.start_engine().lines.wait_for("wait for the broker", 10)
            back = time.monotonic()
            site.broker.restart()
            return moment, self._through(moment, back, lambda a: a.connection > connection)
        return self._all(times, kill)

    def _through(self, moment, since, accept):
        first = self._site.witness.first_after(moment, DATA, accept, PATIENCE, "messages come through again")
        return first.time - since

    def _all(self, times, kill):
        with self._site as site:
            site.start_engine()
            site.witness.first_after(0, DATA, lambda a: True, 15, "the engine publishes")
            for number in range(1, times + 1):
                time.sleep(self._settle * random.uniform(1, 1.5))
                moment, recovery = kill(site)
                self._moments.append(moment)
                self._recoveries.append(recovery)
                self._report(f"{number}/{times}: through again after {recovery:.2f} s")
            site.finish()
            return [Kill(*one) for one in zip(self._recoveries, site.damage(self._moments))], site.account
