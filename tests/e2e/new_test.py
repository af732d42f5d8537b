"""`engine new`: a site folder that runs, as it is."""

import json
import pathlib
import re
import shlex
import subprocess

import pytest

from conftest import ENGINE


def make(run_engine, folder):
    done = run_engine("new", folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files_of(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def site(run_engine, tmp_path):
    """A new site, in a folder whose name needs care."""
    folder = tmp_path / "my new museum"
    make(run_engine, folder)
    return folder


def test_a_new_site_plays_to_its_end_with_virtual_devices(site, engine):
    run = engine("--config", site / "engine.toml", "--once")
    assert run.wait(timeout=40) == 0
    for topic in ["room1/light", "room1/steam", "room1/motor"]:
        run.lines.wait_for(rf"✅ Feedback OK: {topic} ", 0)
    assert run.lines.matching(r"\[(WARNING|ERROR)\] (?!media)") == []


def test_engine_alone_runs_the_site_of_the_current_folder(site, tmp_path):
    done = subprocess.run([ENGINE, "--once", "--audio", "null", "--state", tmp_path / "state"],
                          cwd=site, text=True, capture_output=True, timeout=40, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Scene 'first' finished" in done.stdout


def test_it_has_all_that_an_author_needs(site):
    assert files_of(site) == [
        ".gitignore", ".luarc.json", "README.md", "engine.toml", "media/README.md",
        "scenes/first.lua", "scenes/first_test.lua"]
    for name in files_of(site):
        assert not re.search(r"@[A-Z]+@", (site / name).read_text()), name
    assert 'site = "my_new_museum"' in (site / "engine.toml").read_text()


def test_the_language_server_finds_the_stubs(site):
    settings = json.loads((site / ".luarc.json").read_text())
    assert settings["runtime.version"] == "LuaJIT"
    stubs = pathlib.Path(settings["workspace.library"][0])
    assert (stubs / "mqtt.lua").read_text().startswith("---@meta")
    assert (stubs / "engine" / "scene.lua").is_file()


def test_it_says_what_it_made_and_what_comes_next(run_engine, tmp_path):
    folder = tmp_path / "a b"
    said = make(run_engine, folder)
    for name in files_of(folder):
        assert name in said
    made, following = said.split("Next:\n")
    assert "'a_b'" in made
    lines = following.splitlines()
    assert len(lines) == 3
    assert [shlex.split(line, comments=True)[1:] for line in lines] == [
        [str(folder)], [], ["test", "scenes"]]


def test_an_empty_folder_is_taken_and_any_other_is_left_alone(run_engine, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    make(run_engine, folder)
    (folder / "scenes" / "first.lua").write_text("-- mine")
    again = run_engine("new", folder)
    assert again.returncode == 1
    assert "is not empty" in again.stderr
    assert (folder / "scenes" / "first.lua").read_text() == "-- mine"
    (tmp_path / "file").write_text("")
    assert run_engine("new", tmp_path / "file").returncode == 1
    assert run_engine("new").returncode == 1


def test_its_test_passes(site, run_engine):
    if "Usage: engine test" not in run_engine("test", "--help").stdout:
        pytest.skip("this engine has no command test")
    done = run_engine("test", site / "scenes")
    assert done.returncode == 0, done.stdout + done.stderr
