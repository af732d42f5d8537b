"""What Home Assistant documents for device-based MQTT discovery, for checking what is announced.

From home-assistant.io, integrations/mqtt ("Device discovery payload") and the pages of the platforms.
"""

import re

DEVICE = set("""configuration_url connections hw_version identifiers manufacturer model model_id name
    serial_number suggested_area sw_version via_device""".split())
ORIGIN = {"name", "sw_version", "support_url"}
AVAILABILITY = {"topic", "payload_available", "payload_not_available", "value_template"}
SHARED = set("""availability availability_mode availability_template availability_topic command_topic
    encoding payload_available payload_not_available qos state_topic""".split())
ENTITY = set("""availability availability_mode availability_template availability_topic
    default_entity_id enabled_by_default encoding entity_category entity_picture icon
    json_attributes_template json_attributes_topic name payload_available payload_not_available
    platform qos unique_id""".split())
PLATFORMS = {
    "sensor": set("""device_class expire_after force_update last_reset_value_template options
        state_class state_topic suggested_display_precision unit_of_measurement
        value_template""".split()),
    "binary_sensor": set("""device_class expire_after force_update off_delay payload_off payload_on
        state_topic value_template""".split()),
}


def check_device(topic, payload):
    """Fails where a device's announcement is not what the documentation has."""
    assert re.fullmatch(r"homeassistant/device/[a-zA-Z0-9_-]+/config", topic)
    assert set(payload) - SHARED == {"device", "origin", "components"}
    assert set(payload["device"]) <= DEVICE
    assert payload["device"].get("identifiers") or payload["device"].get("connections")
    assert set(payload["origin"]) <= ORIGIN and payload["origin"]["name"]
    for entry in payload.get("availability", []):
        assert set(entry) <= AVAILABILITY and entry["topic"]
    ids = [component["unique_id"] for component in payload["components"].values()]
    assert ids and len(set(ids)) == len(ids)
    for component in payload["components"].values():
        assert set(component) <= ENTITY | PLATFORMS[component["platform"]]
        assert "state_topic" in {**payload, **component}
