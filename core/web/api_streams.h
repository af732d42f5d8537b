#pragma once

#include <memory>

#include "core/stage/trace.h"
#include "core/web/log_ring.h"
#include "core/web/reply.h"

namespace engine::web {

// {"scene": NAME, "kept": {...}, "performances": [...]}, one performance at a time.
std::unique_ptr<Source> trace_source(const std::string& scene, nlohmann::json kept,
                                     Tracer::Traces traces);

// Lines of text from number `from` on, and with `follow` those to come. The ring outlives it.
std::unique_ptr<Source> log_source(LogRing& ring, uint64_t from, bool follow);

}  // namespace engine::web
