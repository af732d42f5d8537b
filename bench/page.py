"""Writes docs/benchmarks.md from what the benchmarks have found so far."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

import peers  # noqa: E402  pylint: disable=wrong-import-position
import results  # noqa: E402  pylint: disable=wrong-import-position

results.write_page(peers.node_red_version() if peers.RED.exists() else "")
