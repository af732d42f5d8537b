#pragma once

#include <memory>

#include "core/base/clock.h"
#include "core/base/inbox.h"
#include "core/mqtt/link_options.h"
#include "core/mqtt/mqtt_client.h"

namespace engine {

// Clients on paho.mqtt.cpp, whose headers stay behind this one. `inbox` and `clock` must outlive
// what is made. Only one set of clients should be connecting at a time: the library does name
// look-ups under a lock that all its connections share.
std::unique_ptr<MqttClients> paho_clients(LinkOptions options, Inbox& inbox, const Clock& clock);

}  // namespace engine
