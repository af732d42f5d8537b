"""The peer: a controller as one writes it at home, in Python with paho, that reloads its module.

It looks at the module's time stamp between messages, at least every 10 ms, and imports it again with
importlib: the recipe that is found everywhere. Usage: peer.py PORT FOLDER
"""

import importlib
import os
import sys

import paho.mqtt.client as mqtt


def new_client():
    if hasattr(mqtt, "CallbackAPIVersion"):  # paho-mqtt 2, Debian 13
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    return mqtt.Client()


def main():
    port, folder = int(sys.argv[1]), sys.argv[2]
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    import rules  # pylint: disable=import-error,import-outside-toplevel
    path = os.path.join(folder, "rules.py")
    seen = os.stat(path).st_mtime_ns

    client = new_client()
    client.on_message = lambda c, _, message: rules.on_message(c, message)
    client.on_connect = lambda c, *_: c.subscribe("bench/in", 1)
    client.connect("127.0.0.1", port)
    while True:
        client.loop(timeout=0.01)
        stamp = os.stat(path).st_mtime_ns
        if stamp != seen:
            seen = stamp
            importlib.reload(rules)


main()
