#pragma once

#include <mqtt/message.h>
#include <mqtt/properties.h>

#include "core/bus/message.h"

namespace engine {

// Between our messages and those of the library.
Message from_paho(const mqtt::message& message);
mqtt::message_ptr to_paho(const Message& message, int version);

}  // namespace engine
