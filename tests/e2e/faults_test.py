"""The short version of `./dev faults`: brokers and engines killed under load, and a network that is cut."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))

# pylint: disable=wrong-import-position
import cuts  # noqa: E402
import network  # noqa: E402
from kills import Kills  # noqa: E402

QUICK = ["--set", "mqtt.backoff_min=0.1", "--set", "mqtt.backoff_max=0.5"]
KILLS = 3


def assert_harmless(killed):
    kills, account = killed
    assert len(kills) == KILLS
    assert account.outcomes.keys() == {"sent", "queued"}
    assert all(kill.damage.lost == kill.damage.unordered == 0 for kill in kills), kills


def test_brokers_that_are_killed_under_load_cost_no_message(tmp_path):
    assert_harmless(Kills(tmp_path, 0.5, *QUICK).brokers(KILLS))


def test_engines_that_are_killed_under_load_cost_no_message(tmp_path):
    assert_harmless(Kills(tmp_path, 0.5, *QUICK).engines(KILLS))


def test_engines_that_are_killed_while_the_broker_is_away_cost_no_message(tmp_path):
    assert_harmless(Kills(tmp_path, 0.5, *QUICK, "--set", "mqtt.first_tries=1").both(KILLS))


@pytest.mark.skipif(network.why_not() is not None, reason=f"no network to cut: {network.why_not()}")
def test_a_network_that_is_cut_is_noticed_and_costs_no_message(tmp_path):
    cut = cuts.cut(tmp_path, 8, True, "--set", "mqtt.keepalive=4", *QUICK)
    assert cut.engine_knew < 8, "one and a half times mqtt.keepalive, and what the library needs"
    assert cut.damage.lost == cut.damage.unordered == 0, cut
