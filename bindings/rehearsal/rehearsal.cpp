#include "bindings/rehearsal/rehearsal.h"

#include <utility>

namespace engine {

namespace {

ScriptOptions repeatable(ScriptOptions options) {
  options.repeatable = true;
  return options;
}

}  // namespace

Rehearsal::Rehearsal(Logs& logs, Options options)
    : clock(options.wall_start),
      devices(timers, std::move(options.devices), logs),
      feedback(timers, std::move(options.feedback), logs),
      router(bus, devices, feedback, logs),
      media(timers, logs),
      stage(timers, bus, feedback, media, logs),
      services{timers, bus, devices, feedback, media, stage, logs, std::move(options.config)},
      host(services, repeatable(std::move(options.scripts))) {}

}  // namespace engine
