#include "bindings/host/slow_callbacks.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace engine {
namespace {

constexpr Duration kQuiet = std::chrono::minutes{1};
constexpr size_t kMostKnown = 1000;  // Scripts may make up callbacks without end.

}  // namespace

SlowCallbacks::SlowCallbacks(const Clock& clock, Logs& logs, Duration limit)
    : clock_(clock), log_(logs.get("script")), limit_(limit) {}

SlowCallbacks::Stopwatch::Stopwatch(SlowCallbacks& slow)
    : slow_(slow),
      started_(slow.clock_.now()),
      outer_(std::exchange(slow.nested_, Duration::zero())) {}

Duration SlowCallbacks::Stopwatch::stop() {
  const Duration all = slow_.clock_.now() - started_;
  return all - std::exchange(slow_.nested_, outer_ + all);
}

void SlowCallbacks::report(const std::string& script, const std::string& callback,
                           const std::string& place, Duration took) {
  const SteadyTime now = clock_.now();
  if (known_.size() >= kMostKnown) known_.clear();
  const auto [at, is_new] = known_.try_emplace(script + "\n" + callback + "\n" + place);
  Known& known = at->second;
  if (!is_new && now - known.said < kQuiet) {
    ++known.unsaid;
    return;
  }
  known.said = now;
  const int unsaid = std::exchange(known.unsaid, 0);
  const double limit_ms = 1000 * to_seconds(limit_);
  log_.warn("{}: slow: took {:.0f} ms (in {}); over {:.0f} ms everything else is late{}",
            place.empty() ? script : place, 1000 * to_seconds(took), callback, limit_ms,
            unsaid > 0 ? fmt::format("; {} times more since the last such line", unsaid) : "");
}

}  // namespace engine
