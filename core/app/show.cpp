#include "core/app/show.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>
#include <vector>

#include "core/base/nearest.h"

namespace engine {
namespace {

ExitStatus status_of(const PerformanceReport& report) {
  if (report.reason == EndReason::failed) return ExitStatus::could_not_run;
  return report.all_confirmed() ? ExitStatus::all_confirmed : ExitStatus::not_confirmed;
}

}  // namespace

Show::Show(Stage& stage, Timers& timers, Logs& logs, Options options,
           std::function<void(ExitStatus)> on_over)
    : stage_(stage),
      timers_(timers),
      log_(logs.get("scene")),
      options_(std::move(options)),
      on_over_(std::move(on_over)) {
  ended_ = stage_.on_end.connect([this](const PerformanceReport& report) {
    if (!postponed_.empty() && report.scene == postponed_) {
      postponed_.clear();
      go_timer_ = timers_.after(Duration::zero(), [this] {
        if (const auto scene = choose()) go(*scene);
      });
      return;
    }
    const bool ours = playing_.empty() || report.scene == playing_;
    if (!begun_ || !ours) return;
    if (options_.once) {
      over(status_of(report));
    } else if (!playing_.empty() && !std::exchange(told_, true)) {
      log_.info("Still here: triggers and saved files are followed; Ctrl-C ends");
    }
  });
}

Show::~Show() {
  stage_.on_end.disconnect(ended_);
  timers_.cancel(over_timer_);
  timers_.cancel(go_timer_);
}

void Show::begin() {
  if (std::exchange(begun_, true)) return;
  if (const auto scene = choose()) return go(*scene);
  std::vector<std::string> names;
  for (const Stage::Listed& scene : stage_.list()) names.push_back(scene.info.name);
  if (!options_.start.empty()) {
    const auto guess = nearest(options_.start, names);
    log_.error("there is no scene '{}'{}; scenes: {}", options_.start,
               guess ? fmt::format(", did you mean '{}'?", *guess) : "", fmt::join(names, ", "));
    over(ExitStatus::could_not_run);
  } else if (!names.empty()) {
    log_.info("ready; waiting for the triggers of {}", fmt::join(names, ", "));
  } else if (options_.once) {
    log_.error("there is no scene to play");
    over(ExitStatus::could_not_run);
  } else {
    log_.info("ready; the scripts declare no scene");
  }
}

std::optional<Stage::Listed> Show::choose() const {
  for (Stage::Listed& scene : stage_.list()) {
    const bool wanted =
        options_.start.empty() ? !scene.info.triggered : scene.info.name == options_.start;
    if (wanted) return std::move(scene);
  }
  return std::nullopt;
}

bool Show::postpone(const Stage::Listed& scene) {
  if (scene.status.state != SceneStatus::State::stopping) return false;
  postponed_ = scene.info.name;
  return true;
}

void Show::go(const Stage::Listed& scene) {
  if (postpone(scene)) return;
  playing_ = scene.info.name;
  if (stage_.performance_of(scene.id)) return;  // It was interrupted, and is carried on.
  const auto started = stage_.control(scene.id)->go();
  if (started) return;
  log_.error("scene '{}' cannot start: {}", playing_, started.error().message);
  if (options_.once) over(ExitStatus::could_not_run);
}

void Show::over(ExitStatus status) {
  if (std::exchange(is_over_, true)) return;
  over_timer_ = timers_.after(Duration::zero(), [this, status] { on_over_(status); });
}

}  // namespace engine
