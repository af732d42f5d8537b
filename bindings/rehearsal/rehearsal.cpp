#include "bindings/rehearsal/rehearsal.h"

#include <memory>
#include <stdexcept>
#include <utility>

namespace engine {
namespace {

std::unique_ptr<Store> open_store(const std::filesystem::path& file, Timers& timers, Logs& logs) {
  if (file.empty()) return Store::in_memory(timers, logs);
  auto store = Store::open_inline(file, timers, logs);
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

ScriptOptions repeatable(ScriptOptions options) {
  options.repeatable = true;
  return options;
}

}  // namespace

Rehearsal::Rehearsal(Logs& logs, Options options)
    : clock(options.start),
      topics(clock, logs),
      devices(timers, std::move(options.devices), logs),
      feedback(timers, std::move(options.feedback), logs),
      router(bus, devices, feedback, logs),
      media(timers, logs),
      stage(timers, bus, feedback, media, logs),
      kept(open_store(options.store, timers, logs), timers),
      services{timers, bus,   devices, feedback, media, stage, logs, std::move(options.config),
               kept,   health},
      host(services, repeatable(std::move(options.scripts)), options.fault_limit),
      recovery(services, host) {
  topics.set(std::move(options.topics), options.most_decompressed);
  bus.use(topics);
}

}  // namespace engine
