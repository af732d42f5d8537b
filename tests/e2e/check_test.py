"""`engine check`: exit codes, the forms of its output, and that shipped scenes are in order."""

import json

SCENE = 'local scene = require "engine.scene"\n'
GOOD = SCENE + 'scene "good" { cues = { { 0, "room1/light", "ON" } } }\n'
UNORDERED = SCENE + ('scene "unordered" {\n  cues = {\n    { 2, "room1/light", "ON" },\n'
                     '    { 1, "room1/light", "OFF" },\n  },\n}\n')
BAD = SCENE + 'scene "bad" {\n  cues = { { 0, "room1/light", "ON", confrm = 1 } },\n}\n'


def test_shipped_scenes_have_not_even_a_warning(run_engine):
    done = run_engine("check", "--strict", "scenes")
    assert done.returncode == 0, done.stdout
    assert "0 errors, 0 warnings" in done.stdout


def test_an_error_is_named_with_its_place_and_ends_with_status_1(run_engine, scene_file):
    path = scene_file(BAD)
    done = run_engine("check", path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{path}:3:38: error: scene 'bad': cue 1: unknown option 'confrm', did you mean 'confirm'?",
        "1 file checked: 1 error, 0 warnings"]
    assert "\x1b" not in done.stdout


def test_warnings_are_errors_only_when_strict(run_engine, scene_file):
    path = scene_file(UNORDERED)
    done = run_engine("check", path)
    assert done.returncode == 0
    assert f"{path}:5:7: warning: " in done.stdout
    assert run_engine("check", "--strict", path).returncode == 1


def test_a_folder_is_searched_with_all_below_it_but_hidden_ones(run_engine, tmp_path):
    for name, text in [("a.lua", GOOD), ("below/b.lua", BAD), (".hidden/c.lua", BAD),
                       ("below/b_test.lua", "describe('x', function() end)"), ("notes.txt", "?")]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = run_engine("check", tmp_path)
    assert done.returncode == 1
    assert "3 files checked: 1 error, 0 warnings" in done.stdout
    assert f"{tmp_path}/below/b.lua:3:38: error: " in done.stdout


def test_json_has_every_finding_with_its_place_and_kind(run_engine, scene_file):
    path = scene_file(BAD + "local x = y\nlog.info(x)\n")
    done = run_engine("check", "--json", path)
    assert done.returncode == 1
    findings = json.loads(done.stdout)
    assert [(f["file"], f["line"], f["col"], f["severity"], f["code"]) for f in findings] == [
        (str(path), 3, 38, "error", "load"), (str(path), 5, 11, "error", "unknown-global")]
    assert "did you mean 'confirm'" in findings[0]["message"]
    assert json.loads(run_engine("check", "--json", scene_file(GOOD)).stdout) == []


def test_the_configuration_is_checked_too_and_what_it_says_holds(run_engine, scene_file, tmp_path):
    config = tmp_path / "site.toml"
    media = tmp_path / "sounds"
    media.mkdir()
    (media / "hit.wav").touch()
    path = scene_file(SCENE + 'scene "x" { room = "r", cues = { { 0, "r/audio", "hit.wav" } } }\n')
    assert run_engine("check", path).returncode == 1
    config.write_text(f'[media]\nfolders = ["{media}"]\n[scripts]\nfiles = ["{path}"]\n')
    done = run_engine("check", "--config", config)
    assert done.returncode == 0, done.stdout
    assert "2 files checked" in done.stdout
    config.write_text("[mqtt]\nkeepalif = 3\n")
    done = run_engine("check", "--config", config)
    assert done.returncode == 1
    assert f"{config}:2:1: error: " in done.stdout and "keepalive" in done.stdout


def test_what_cannot_be_checked_is_refused(run_engine, tmp_path):
    for arguments, reason in [((), "which files"), (("nosuch.lua",), "nosuch.lua: there is no such"),
                              ((tmp_path,), "no Lua file"), (("--jsn", "x"), "--json")]:
        done = run_engine("check", *arguments)
        assert done.returncode == 1
        assert reason in done.stderr


def test_a_script_that_takes_all_memory_does_not_hold_up_the_check_of_others(run_engine, scene_file):
    path = scene_file(BAD, "bad.lua")
    done = run_engine("check", path, scene_file("local t = {} for i = 1, 1e9 do t[i] = {} end\n"))
    assert done.returncode == 1
    assert "not enough memory" in done.stdout and "confrm" in done.stdout
