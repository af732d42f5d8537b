"""Lua texts that several tests need."""

SCENE = 'local scene = require "engine.scene"\n'

# Answers on test/pong what arrives on test/ping.
ECHO = 'mqtt.subscribe("test/ping", function(msg) mqtt.publish("test/pong", msg.payload) end)\n'


def cue_sheet(cues, name="show", room="room1", trigger=None, on_stop=()):
    """A scene of (seconds, topic, payload) cues; `trigger` = (topic, payload) starts it."""
    def sheet(rows):
        return "\n".join(f"    {row}," for row in rows)

    lines = [f'scene "{name}" {{', f'  room = "{room}",']
    if trigger:
        lines.append(f'  trigger = {{ "{trigger[0]}", "{trigger[1]}" }},')
    lines += ["  cues = {", sheet(f'{{ {at}, "{topic}", "{payload}" }}'
                                 for at, topic, payload in cues), "  },"]
    if on_stop:
        lines += ["  on_stop = {", sheet(f'{{ "{topic}", "{payload}" }}'
                                         for topic, payload in on_stop), "  },"]
    return "\n".join(lines + ["}", ""])
