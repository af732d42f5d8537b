"""`engine ctl`, `engine trace` and the HTTP interface behind them, against real engines."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import time

import pytest

from conftest import ENGINE, REPOSITORY
from processes import Process, child_pids, free_port, wait_until
from scripts import ECHO, SCENE, cue_sheet

GHOST = SCENE + cue_sheet([(0.0, "room1/light", "ON"), (60.0, "room1/motor", "START")], name="ghost",
                          trigger=("room1/button", "PRESSED"), on_stop=[("room1/light", "OFF")])
FAULTY = 'mqtt.subscribe("test/fault", function() error("oh no") end)\n'


def environment(state):
    return {**os.environ, "XDG_STATE_HOME": str(state), "HOME": str(state)}


@pytest.fixture
def show(engine, scene_file, tmp_path):
    """show(text, ARGS...) starts an engine on a broker of its own; its log says when it is ready."""
    def start(text=GHOST, *args, name="show.lua", site="site", state=tmp_path / "state"):
        run = engine("--scene", scene_file(text, name), "--simulate", "--set", f"site={site}", *args,
                     state=state)
        run.lines.wait_for(r"- ready;|Scene '\w+' started", timeout=15)
        return run
    return start


@pytest.fixture
def ctl(tmp_path):
    """ctl(ARGS...) runs `engine ctl ARGS...` for the engines of this test."""
    def run(*args, command="ctl", state=tmp_path / "state"):
        return subprocess.run([ENGINE, command, *map(str, args), "--state", str(state)], text=True,
                              cwd=REPOSITORY, capture_output=True, timeout=20, check=False)
    return run


def ok(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def as_json(done):
    return json.loads(ok(done))


def curl(path, *args, at):
    done = subprocess.run(["curl", "-s", "--max-time", "10", "--unix-socket", str(at),
                           "-w", "\n%{http_code}", *args, f"http://engine{path}"], text=True,
                          capture_output=True, timeout=20, check=False)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_a_scene_is_started_paused_resumed_and_stopped(show, ctl):
    run = show()
    assert "ghost" in ok(ctl("scenes"))
    ok(ctl("start", "ghost"))
    run.lines.wait_for(r"room1/light = ON", timeout=5)
    assert "room1/motor = START at 60.0" in ok(ctl("scenes"))
    for command, state in [("pause", "paused"), ("resume", "running")]:
        ok(ctl(command, "ghost"))
        assert as_json(ctl("scenes", "--json"))["scenes"][0]["state"] == state
    ok(ctl("stop", "ghost"))
    run.lines.wait_for(r"Scene 'ghost' stopped", timeout=5)
    assert "No scene was running" in ok(ctl("stop-all"))


def test_jump_and_seek(show, ctl):
    run = show(SCENE + '''scene "ghost" { trigger = { "a", "b" }, cues = {
        { 0, "room1/light", "ON" }, { 50, "room1/steam", "ON", name = "fog" },
        { 90, "room1/light", "OFF" } } }''')
    ok(ctl("start", "ghost"))
    ok(ctl("jump", "ghost", "fog"))
    run.lines.wait_for(r"\[50\.0s\] room1/steam = ON", timeout=5)
    ok(ctl("seek", "ghost", "80.5"))
    assert as_json(ctl("scenes", "--json"))["scenes"][0]["position"] >= 80.5
    done = ctl("seek", "ghost", "soon")
    assert done.returncode == 1 and "soon" in done.stderr


def test_a_mistake_is_said_in_one_line_with_the_nearest_name(show, ctl):
    show()
    done = ctl("start", "gost")
    assert done.returncode == 1
    assert done.stderr == "engine: there is no scene 'gost', did you mean 'ghost'?\n"
    assert ctl("pause", "ghost").returncode == 1  # It does not run.
    assert "did you mean 'scenes'" in ctl("scens").stderr
    assert "usage: engine ctl start SCENE" in ctl("start").stderr


def test_stop_all_stops_every_scene(show, ctl):
    run = show(GHOST + cue_sheet([(0.0, "room2/light", "ON"), (60.0, "room2/x", "Y")], name="other",
                                 room="room2", trigger=("room2/button", "PRESSED")))
    ok(ctl("start", "ghost"))
    ok(ctl("start", "other"))
    assert sorted(as_json(ctl("stop-all", "--json"))["stopped"]) == ["ghost", "other"]
    run.lines.wait_for(r"Scene 'ghost' stopped", timeout=5)
    run.lines.wait_for(r"Scene 'other' stopped", timeout=5)


def test_scripts_devices_faults_and_status(show, ctl):
    show(FAULTY + 'timer.after(0, function() error("oh no") end)\n')
    wait_until(lambda: as_json(ctl("faults", "--json"))["faults"], 5, "the fault is listed")
    fault = as_json(ctl("faults", "--json"))["faults"][0]
    assert fault["message"].endswith("show.lua:2: oh no") and fault["count"] == 1
    assert "oh no" in ok(ctl("faults"))
    script = [s for s in as_json(ctl("scripts", "--json"))["scripts"] if s["name"] == "show"][0]
    assert script["faults"] == 1 and script["state"] == "running"
    wait_until(lambda: "esp32_01" in ok(ctl("devices")), 10, "the virtual devices are there")
    status = as_json(ctl("status", "--json"))
    assert status["site"] == "site" and status["running"] == []
    assert "site site" in ok(ctl("status"))


def test_reload_loads_the_script_anew(show, ctl):
    run = show(ECHO)
    ok(ctl("reload", "show"))
    run.lines.wait_for(r"show\.lua reloaded", timeout=5)
    ok(ctl("reload"))
    run.lines.wait_for(r"show\.lua reloaded", timeout=5, count=2)
    done = ctl("reload", "shwo")
    assert done.returncode == 1 and "no script 'shwo'" in done.stderr


def test_a_version_that_does_not_load_is_refused_with_its_line(show, ctl, scene_file):
    show(ECHO)
    scene_file("this is no Lua", "show.lua")
    done = ctl("reload", "show")
    assert done.returncode == 1 and "show.lua:1:" in done.stderr
    assert "show.lua:1:" in ok(ctl("scripts"))


def test_a_script_that_was_set_aside_is_brought_back(show, ctl):
    show(ECHO + 'timer.every(0.02, function() error("oh no") end)\n', "--set", "scripts.fault_limit=3")

    def state():
        scripts = as_json(ctl("scripts", "--json"))["scripts"]
        return [s for s in scripts if s["name"] == "show"][0]

    wait_until(lambda: state()["state"] == "set_aside", 5, "the script is set aside")
    faults = state()["faults"]
    ok(ctl("resume", "show"))
    wait_until(lambda: state()["faults"] > faults, 5, "the script runs, and fails, again")


def test_resume_of_what_is_neither_scene_nor_script_says_so(show, ctl):
    show()
    done = ctl("resume", "nobody")
    assert done.returncode == 1
    assert "no scene 'nobody'" in done.stderr and "no script 'nobody'" in done.stderr


def test_the_log_is_followed(show, ctl, cleanup, tmp_path):
    show()
    assert "ready" in ok(ctl("log"))
    follower = cleanup(Process([ENGINE, "ctl", "log", "-f", "--state", str(tmp_path / "state")]))
    follower.lines.wait_for("ready", timeout=5)
    ok(ctl("start", "ghost"))
    follower.lines.wait_for(r"\[INFO\] scene - \[0\.0s\] room1/light = ON", timeout=5)
    follower.signal(signal.SIGINT)
    follower.wait(5)
    follower._killed = True  # By our signal.


def test_eval_is_refused_unless_the_configuration_allows_it(show, ctl):
    show()
    done = ctl("eval", "show", "1 + 1")
    assert done.returncode == 1 and "scripts.allow_eval" in done.stderr


def test_eval_runs_in_the_scripts_own_environment(show, ctl):
    show("state.count = 41\n" + ECHO, "--set", "scripts.allow_eval=true")
    assert ok(ctl("eval", "show", "state.count + 1")) == "42\n"
    assert ok(ctl("eval", "show", "state.count = 7")) == ""
    assert ok(ctl("eval", "show", "return state, nil, 'x'")) == '{"count":7}\tnil\tx\n'
    for code, message in [("local x = 1; error('oh no')", "eval:1: oh no"), ("1 +", "eval:1:"),
                          ("io.open", "nil")]:
        done = ctl("eval", "show", code)
        assert done.returncode == 1 and message in done.stderr
    assert as_json(ctl("faults", "--json"))["faults"] == []


def test_code_that_does_not_return_is_stopped(show, ctl):
    show(ECHO, "--set", "scripts.allow_eval=true", "--set", "scripts.hard_budget_ms=100")
    begun = time.monotonic()
    done = ctl("eval", "show", "while true do end")
    assert done.returncode == 1 and time.monotonic() - begun < 2
    assert ok(ctl("eval", "show", "1 + 1")) == "2\n"


def test_the_trace_tells_what_fired_when_and_what_came_of_it(show, ctl):
    run = show(SCENE + '''scene("riddle", function(s)
        s:send("room1/light", "ON")
        s:wait_for("room1/lever", "PULLED", 0.3)
        s:log "gave up"
      end)''')
    run.lines.wait_for(r"Scene 'riddle' finished", timeout=10)
    steps = as_json(ctl("riddle", "--json", command="trace"))["performances"][0]["steps"]
    cue, wait, note = steps
    assert (cue["topic"], cue["result"], cue["how"]) == ("room1/light", "confirmed", "sent")
    assert 0 < cue["answered_after"] < 1 and cue["late"] >= 0
    assert (wait["text"], wait["outcome"]) == ("room1/lever = PULLED", "timeout")
    assert 0.3 <= wait["seconds"] < 0.5
    assert note["text"] == "gave up"
    text = ok(ctl("riddle", command="trace"))
    assert "✔ after" in text and "waited for room1/lever = PULLED" in text
    assert "riddle" in ok(ctl(command="trace"))
    assert ctl("ridle", command="trace").returncode == 1


def test_a_failed_performance_stays_in_the_trace(show, ctl):
    run = show(SCENE + '''scene("lottery", { trigger = { "a", "b" }, story = function(s)
        state.n = (state.n or 0) + 1
        s:send("room1/light", "ON", { confirm = state.n == 1 and 0.001 or 2 })
      end })''', "--set", "scene.go_debounce=0")
    for n in range(12):
        ok(ctl("start", "lottery"))
        run.lines.wait_for(r"Scene 'lottery' (finished|failed)", timeout=5, count=n + 1)
    failed = as_json(ctl("lottery", "--failed", "--last", "5", "--json", command="trace"))
    assert [p["number"] for p in failed["performances"]] == [1]
    assert failed["performances"][0]["steps"][0]["result"] == "timeout"
    assert failed["kept"]["performances"] == 11


def test_without_an_engine_it_says_what_to_do(ctl, tmp_path):
    done = ctl("scenes")
    assert done.returncode == 1
    assert f"no engine runs under {tmp_path}/state" in done.stderr
    assert "engine --scene FILE" in done.stderr


def test_of_two_engines_the_site_says_which(show, ctl):
    show(GHOST, site="north")
    show(GHOST.replace("ghost", "witch"), site="south", name="south.lua")
    done = ctl("scenes")
    assert done.returncode == 1
    assert "--site" in done.stderr and "north, south" in done.stderr
    assert "witch" in ok(ctl("scenes", "--site", "south"))
    assert "ghost" in ok(ctl("scenes", "--site", "north"))
    done = ctl("scenes", "--site", "west")
    assert done.returncode == 1 and "north, south" in done.stderr


def test_a_socket_that_a_killed_engine_left_behind_hurts_nobody(show, ctl, tmp_path):
    run = show()
    run.kill()
    at = tmp_path / "state" / "site" / "ctl.sock"
    assert stat.S_ISSOCK(at.stat().st_mode)
    assert "no engine runs" in ctl("scenes").stderr
    done = subprocess.run([ENGINE, "ctl", "scenes", "--socket", str(at)], text=True,
                          capture_output=True, timeout=20, check=False)
    assert done.returncode == 1 and "no engine answers" in done.stderr
    again = show()
    assert "ghost" in ok(ctl("scenes"))
    again.interrupt()
    assert again.wait(10) == 0
    assert not at.exists()


def test_programs_that_the_engine_starts_do_not_keep_its_socket(show, ctl, tmp_path):
    run = show()
    broker, = child_pids(run.pid, "mosquitto")
    sockets = [os.readlink(f"/proc/{broker}/fd/{fd}") for fd in os.listdir(f"/proc/{broker}/fd")]
    ours = [os.readlink(f"/proc/{run.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{run.pid}/fd")]
    shared = {name for name in sockets if name.startswith("socket:")} & set(ours)
    with open("/proc/net/unix") as table:
        inodes = [line.split()[6] for line in table if line.rstrip().endswith("ctl.sock")]
    assert inodes and not shared & {f"socket:[{inode}]" for inode in inodes}


def test_the_state_folder_may_be_deeper_than_a_socket_address_is_long(show, ctl, tmp_path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    show(GHOST, state=deep)
    assert "ghost" in ok(ctl("scenes", state=deep))


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_on_the_socket(show, tmp_path):
    run = show()
    at = tmp_path / "state" / "site" / "ctl.sock"
    assert stat.S_IMODE(at.stat().st_mode) == 0o600
    status, body = curl("/api/scenes", at=at)
    assert status == 200 and json.loads(body)["scenes"][0]["name"] == "ghost"
    assert curl("/api/scenes/ghost/go", "-X", "POST", at=at)[0] == 200
    run.lines.wait_for(r"Scene 'ghost' started", timeout=5)
    assert curl("/api/scenes/gost/go", "-X", "POST", at=at)[0] == 404
    assert curl("/api/scenes/ghost/go", at=at)[0] == 405
    assert curl("/api/eval?script=show", "-d", "x" * 100_000, at=at)[0] == 413


def test_over_tcp_with_a_token(show, ctl, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    port = free_port()
    show(GHOST, "--set", f"web.listen=127.0.0.1:{port}", "--set", f"web.token_file={token}")
    url = f"http://127.0.0.1:{port}"
    done = ctl("scenes", "--url", url)
    assert done.returncode == 1 and "token" in done.stderr
    assert "ghost" in ok(ctl("scenes", "--url", url, "--token-file", token))


def test_another_machines_address_needs_a_token(run_engine, scene_file):
    done = run_engine("--scene", scene_file(SCENE), "--set", "web.listen=0.0.0.0:0")
    assert done.returncode == 1
    assert "web.listen" in done.stderr and "web.token_file" in done.stderr


def test_rude_clients_do_not_delay_the_show(show, ctl, tmp_path):
    cues = [(round(0.05 * n, 2), "room1/light", f"DIM:{n}") for n in range(60)]
    run = show(SCENE + cue_sheet(cues, name="fast", trigger=("a", "b")))
    at = str(tmp_path / "state" / "site" / "ctl.sock")
    clients = []
    try:
        ok(ctl("start", "fast"))
        until = time.monotonic() + 3.2
        rude = [b"", b"GET / HT", b"\x00" * 5000, b"GET /api/trace/fast?last=100 HTTP/1.1\r\n\r\n",
                b"GET /api/log?follow=1&lines=1000 HTTP/1.1\r\n\r\n",
                b"POST /api/eval HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 10_000]
        while time.monotonic() < until:
            for data in rude:
                client = socket.socket(socket.AF_UNIX)
                client.connect(at)
                client.setblocking(False)
                try:
                    client.send(data)
                except OSError:
                    pass
                clients.append(client)
            for client in clients[:-100]:
                client.close()
            del clients[:-100]
            time.sleep(0.005)
    finally:
        for client in clients:
            client.close()
    run.lines.wait_for(r"Scene 'fast' finished", timeout=10)
    steps = as_json(ctl("fast", "--json", command="trace"))["performances"][0]["steps"]
    late = sorted(step["late"] for step in steps if step["kind"] == "cue")
    assert len(late) == 60
    assert late[len(late) // 2] < 0.01 and late[-1] < 0.1, late
