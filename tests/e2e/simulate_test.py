"""No broker, no devices, no configuration: what a newcomer runs first."""


def test_the_museum_scene_plays_with_virtual_devices_on_the_engines_own_broker(engine):
    run = engine("--scene", "scenes/museum/room1.lua", "--simulate", "--once")
    assert run.wait(timeout=30) == 0
    for topic in ["room1/light", "room1/steam", "room1/motor"]:
        run.lines.wait_for(rf"✅ Feedback OK: {topic} \(\d\.\d\d\ds\)", 0)
    assert run.lines.matching(r"\(simulation\)") == [], "the virtual devices are on a real broker"
