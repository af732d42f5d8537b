"""No broker, no devices, no configuration: what a newcomer runs first."""


def test_the_museum_scene_plays_with_virtual_devices_on_the_engines_own_broker(engine):
    run = engine("--scene", "scenes/museum/room1.lua", "--simulate", "--once")
    assert run.wait(timeout=30) == 0
    for topic in ["room1/light", "room1/steam", "room1/motor"]:
        run.lines.wait_for(rf"✅ Feedback OK: {topic} \(\d\.\d\d\ds\)", 0)
    assert run.lines.matching(r"\(simulation\)") == [], "the virtual devices are on a real broker"


def test_a_simulation_that_lies_beside_the_scenes_plays_their_devices(engine, tmp_path):
    (tmp_path / "timer.lua").write_text(
        'mqtt.subscribe("pad", function(msg) log.info("pad says %s", msg.payload) end)\n'
    )
    (tmp_path / "simulate.lua").write_text('timer.after(0.1, function() mqtt.publish("pad", "UP") end)\n')
    run = engine("--scenes", str(tmp_path), "--simulate")
    run.lines.wait_for("pad says UP", 10)
    assert run.lines.matching("esp32_01") == [], "those are the engine's own virtual devices"
    assert len(run.lines.matching("simulate.lua loaded")) == 1
