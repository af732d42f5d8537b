#include "bindings/rehearsal/rehearsal.h"

#include <utility>

namespace engine {

Rehearsal::Rehearsal(Logs& logs, Options options)
    : devices(timers, std::move(options.devices), logs),
      feedback(timers, std::move(options.feedback), logs),
      router(bus, devices, feedback, logs),
      media(timers, logs),
      stage(timers, bus, feedback, media, logs),
      services{timers, bus, devices, feedback, media, stage, logs, std::move(options.config)},
      host(services, std::move(options.scripts), options.fault_limit) {}

}  // namespace engine
