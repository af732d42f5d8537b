"""The command line itself."""

import os
import pty
import re
import select

from scripts import SCENE, cue_sheet


def test_help_names_the_options_and_shows_an_example(run_engine):
    done = run_engine("--help")
    assert done.returncode == 0
    for option in ["--scene", "--start", "--once", "--config", "--broker", "--simulate", "--set",
                   "--state", "--log-level", "--version"]:
        assert option in done.stdout
    assert "engine --scene" in done.stdout


def test_version(run_engine):
    done = run_engine("--version")
    assert done.returncode == 0
    assert re.match(r"engine \d+\.\d+\.\d+", done.stdout)


def test_an_unknown_option_is_refused_with_the_nearest_one(run_engine):
    done = run_engine("--simulat")
    assert done.returncode == 1
    assert "--simulat" in done.stderr
    assert re.search(r"did you mean '?--simulate'?", done.stderr)


def test_an_unknown_configuration_key_is_refused_with_the_nearest_one(run_engine, scene_file):
    done = run_engine("--scene", scene_file(SCENE), "--set", "mqtt.verson=5")
    assert done.returncode == 1
    assert re.search(r"mqtt\.verson.*did you mean '?(mqtt\.)?version'?", done.stderr)


def test_a_pipe_gets_log_lines_only(engine, scene_file):
    show = scene_file(SCENE + cue_sheet([(0.0, "room1/light", "ON")]))
    run = engine("--scene", show, "--simulate", "--once")
    run.wait(timeout=20)
    for line in run.lines.text().splitlines():
        assert re.search(r"\[(DEBUG|INFO|WARNING|ERROR)\] \w+ - ", line), line
        assert "\x1b" not in line and "\r" not in line


def test_a_terminal_shows_one_live_line_with_the_next_cue(engine, scene_file):
    show = scene_file(SCENE + cue_sheet(
        [(0.0, "room1/light", "ON"), (60.0, "room1/motor", "START")]))
    ours, theirs = pty.openpty()
    engine("--scene", show, "--simulate", terminal=theirs)
    os.close(theirs)
    seen = b""
    while not re.search(rb"\r[^\n]*room1/motor", seen):
        assert select.select([ours], [], [], 10)[0], f"no live line in {seen!r}"
        seen += os.read(ours, 4096)
    os.close(ours)
