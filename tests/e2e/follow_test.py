"""What a running engine follows besides saved scripts: its folders, and its configuration."""

import os
import signal

from mqtt_tools import publish
from processes import wait_until
from scripts import ECHO, SCENE, cue_sheet


def says(word):
    """A script that publishes `word` when it is loaded."""
    return f'mqtt.publish("test/loaded", "{word}")\n'


def test_a_watched_folder_is_followed(broker, engine, subscribe, tmp_path, wait_for_echo):
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    (scenes / "echo.lua").write_text(ECHO)
    (scenes / "echo_test.lua").write_text("this is not for the engine\n")
    loaded = subscribe(broker, "test/loaded", "lamps/#")
    run = engine("--scenes", scenes, "--broker", broker.url)
    wait_for_echo(broker)

    (scenes / "late.lua").write_text(
        says("late") + SCENE + cue_sheet([(0, "lamps/a", "ON"), (60, "lamps/b", "ON")],
                                         name="late", trigger=("test/go", "GO"),
                                         on_stop=[("lamps/a", "OFF")]))
    loaded.wait_for("test/loaded", "late")
    publish(broker, "test/go", "GO")
    loaded.wait_for("lamps/a", "ON")
    (scenes / "late.lua").unlink()
    loaded.wait_for("lamps/a", "OFF")
    run.lines.wait_for(r"late\.lua was deleted", 5)
    wait_for_echo(broker)
    assert not run.lines.matching("echo_test")


def test_a_folder_swapped_by_its_link_is_followed(
        broker, engine, subscribe, tmp_path, wait_for_echo):
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "word.lua").write_text(f'return "{version}"\n')
        (tmp_path / version / "show.lua").write_text(
            ECHO + 'mqtt.publish("test/loaded", require "word")\n')
    current = tmp_path / "current"
    current.symlink_to("v1")
    loaded = subscribe(broker, "test/loaded")
    engine("--scenes", current, "--broker", broker.url)
    wait_for_echo(broker)
    (tmp_path / "next").symlink_to("v2")
    os.replace(tmp_path / "next", current)
    loaded.wait_for("test/loaded", "v2")
    wait_for_echo(broker)


def test_a_folder_that_comes_later_is_picked_up(broker, engine, tmp_path, wait_for_echo):
    run = engine("--scenes", tmp_path / "later", "--broker", broker.url)
    run.lines.wait_for(r"later: there is no such folder", 5)
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "show.lua").write_text(ECHO)
    wait_for_echo(broker)


def test_the_configuration_is_followed(broker, engine, subscribe, tmp_path, wait_for_echo):
    config = tmp_path / "engine.toml"
    (tmp_path / "show.lua").write_text(ECHO + says("show") + """
mqtt.publish("test/fog", tostring(config.values.fog))
mqtt.subscribe("test/bad", function() error "no" end)
""")
    (tmp_path / "more.lua").write_text(says("more"))
    base = f'[mqtt]\naddress = "{broker.url}"\n'
    config.write_text(base + '[scripts]\nfiles = ["show.lua"]\n')
    seen = subscribe(broker, "test/loaded", "test/fog")
    run = engine("--config", config)
    wait_for_echo(broker)

    config.write_text(base + '[scripts]\nfiles = ["show.lua", "more.lua"]\nfault_limit = 1\n'
                      "[values]\nfog = 4.5\n[media]\nfullscreen = false\n")
    seen.wait_for("test/loaded", "more")
    seen.wait_for("test/fog", "4.5")
    run.lines.wait_for(r"engine\.toml: media\.fullscreen changes at the next start", 3)

    config.write_text(base + "[scripts]\nfiles = 7\n")
    run.lines.wait_for(r"\[ERROR\] engine - .*engine\.toml:4:9: scripts\.files: expected", 3)
    run.lines.wait_for(r"not taken over", 3)
    wait_for_echo(broker)

    config.write_text(base + '[scripts]\nfiles = ["show.lua"]\nfault_limit = 1\n[values]\nfog = 5\n')
    run.lines.wait_for(r"more\.lua released", 3)
    seen.wait_for("test/fog", "5")
    publish(broker, "test/bad", "x")
    run.lines.wait_for(r"show\.lua: set aside after 1 fault", 3)
    assert seen.payloads("test/loaded").count("more") == 1


def test_sighup_reads_everything_again(broker, engine, subscribe, tmp_path, wait_for_echo):
    (tmp_path / "show.lua").write_text(ECHO + says("show"))
    seen = subscribe(broker, "test/loaded")
    run = engine("--scenes", tmp_path, "--broker", broker.url)
    wait_for_echo(broker)
    before = len(seen.messages())
    run.signal(signal.SIGHUP)
    wait_until(lambda: len(seen.messages()) == before + 1, 5, "the script is loaded again")
