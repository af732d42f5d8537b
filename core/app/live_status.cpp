#include "core/app/live_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace engine {
namespace {

using State = SceneStatus::State;

// `00:05.2`, `1:00:05.2`; cut, not rounded, as clocks do.
std::string as_clock(double seconds) {
  if (!(seconds > 0)) seconds = 0;
  const auto tenths = static_cast<long long>(std::floor(std::min(seconds, 1e9) * 10 + 1e-6));
  const long long minutes = tenths / 600;
  const std::string rest = fmt::format("{:02}.{}", tenths / 10 % 60, tenths % 10);
  if (minutes < 60) return fmt::format("{:02}:{}", minutes, rest);
  return fmt::format("{}:{:02}:{}", minutes / 60, minutes % 60, rest);
}

std::string_view sign_of(State state) {
  switch (state) {
    case State::paused:
      return "⏸";
    case State::stopping:
      return "■";
    default:
      return "▶";
  }
}

std::string next_of(const SceneStatus& status) {
  if (status.state == State::paused) return "  paused";
  if (status.state == State::stopping) return "  stopping";
  if (status.next.empty()) return "";
  if (!status.next_at) return "  next " + status.next;
  const double left = std::max(0.0, *status.next_at - status.position);
  return fmt::format("  next {} in {:.1f}s", status.next, left);
}

std::string counts_of(const PerformanceReport& report, size_t pending) {
  std::string text = fmt::format("   ✅ {}", report.confirmed);
  if (report.failed > 0) text += fmt::format("  ❌ {}", report.failed);
  text += fmt::format("  ⏰ {}  … {}", report.timed_out, pending);
  if (report.simulated > 0) text += fmt::format("  simulated {}", report.simulated);
  return text;
}

bool runs(const Stage::Listed& scene) { return scene.status.state != State::idle; }

}  // namespace

std::string live_status(const std::vector<Stage::Listed>& scenes, const LiveContext& context) {
  const auto first = std::find_if(scenes.begin(), scenes.end(), runs);
  if (first == scenes.end()) return "";
  const SceneStatus& status = first->status;
  std::string line =
      fmt::format("{} {}  {}", sign_of(status.state), first->info.name, as_clock(status.position));
  if (status.duration) line += " / " + as_clock(*status.duration);
  line += next_of(status);
  line += counts_of(first->running.value_or(PerformanceReport{}), context.pending);
  if (!context.connected) line += "  (no broker)";
  if (const auto others = std::count_if(std::next(first), scenes.end(), runs)) {
    line += fmt::format("  (+{} more)", others);
  }
  return line;
}

}  // namespace engine
