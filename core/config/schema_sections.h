#pragma once

#include "core/config/schema.h"

namespace engine::config {

// The sections of the file, each with its keys.

// schema_broker.cpp: the connection, and the engine's own broker.
void add_mqtt(Schema& schema);
void add_will(Schema& schema);
void add_broker(Schema& schema);

// schema_site.cpp: the installation, and how people look at it.
void add_top(Schema& schema);
void add_health(Schema& schema);
void add_log(Schema& schema);
void add_web(Schema& schema);

// schema_show.cpp: devices, and what is played on them.
void add_feedback(Schema& schema);
void add_devices(Schema& schema);
void add_topics(Schema& schema);
void add_media(Schema& schema);
void add_simulate(Schema& schema);

// schema_scripts.cpp: scripts, and what they read.
void add_scripts(Schema& schema);
void add_scene(Schema& schema);
void add_services(Schema& schema);
void add_values(Schema& schema);

}  // namespace engine::config
