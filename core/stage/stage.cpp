#include "core/stage/stage.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/utf8.h"

namespace engine {
namespace {

std::string quoted(const std::string& name) { return fmt::format("'{}'", printable(name, 80)); }

const char* to_string(EndReason reason) {
  switch (reason) {
    case EndReason::finished:
      return "finished";
    case EndReason::stopped:
      return "stopped";
    case EndReason::failed:
      break;
  }
  return "failed";
}

}  // namespace

Stage::Stage(Timers& timers, Bus& bus, FeedbackTracker& feedback, Media& media, Logs& logs)
    : timers_(timers),
      bus_(bus),
      feedback_(feedback),
      media_(media),
      log_(logs.get("scene")),
      media_log_(logs.get("media")),
      correlation_prefix_(fmt::format("{:x}-", timers.clock().wall().time_since_epoch().count())) {}

Stage::~Stage() {
  for (const PerformanceId id : running_) {
    Performance& performance = *performances_.find(id);
    performance.ending = performance.deaf = true;
    feedback_.end(performance.owner);
  }
}

Result<SceneId> Stage::add(SceneInfo info, std::shared_ptr<SceneControl> control) {
  if (info.name.empty()) return fail(fmt::format("{}: a scene needs a name", info.script));
  std::vector<SceneId>& versions = by_name_[info.name];
  for (const SceneId id : versions) {
    const SceneInfo& other = scenes_.find(id)->info;
    if (other.script != info.script) {
      return fail(fmt::format("{}: scene {} is declared in {} already: names must differ",
                              info.script, quoted(info.name), other.script));
    }
  }
  const SceneId id = scenes_.add({std::move(info), std::move(control), {}});
  scene_order_.push_back(id);
  versions.push_back(id);
  return id;
}

void Stage::remove(SceneId id) {
  const Scene* scene = scenes_.find(id);
  if (!scene) return;
  abandon(scene->performance);
  std::erase(scene_order_, id);
  const auto removed = scenes_.remove(id);
  const auto versions = removed ? by_name_.find(removed->info.name) : by_name_.end();
  if (versions == by_name_.end()) return;
  std::erase(versions->second, id);
  if (versions->second.empty()) by_name_.erase(versions);
}

Result<PerformanceId> Stage::begin(SceneId id, std::vector<Cue> safety) {
  const Scene* scene = scenes_.find(id);
  if (!scene) return fail("the scene is no longer there");
  const SceneInfo info = scene->info;
  if (const auto free = check_free(info, {}); !free) {
    return tl::unexpected(free.error());
  }
  Performance begun;
  begun.scene = id;
  begun.report.scene = info.name;
  begun.report.room = info.room;
  begun.started = timers_.clock().now();
  begun.safety = std::move(safety);
  begun.owner = next_owner_++;
  feedback_.begin(begun.owner);
  const PerformanceId performance = performances_.add(std::move(begun));
  performances_.find(performance)->report.performance = performance;
  running_.push_back(performance);
  scenes_.find(id)->performance = performance;
  log_.info("Scene {} started{}", quoted(info.name),
            info.room.empty() ? "" : fmt::format(" ({})", printable(info.room, 80)));
  on_begin.emit(info);
  return performance;
}

bool Stage::adopt(PerformanceId id, SceneId by, std::vector<Cue> safety) {
  Performance* performance = performances_.find(id);
  Scene* scene = scenes_.find(by);
  if (!performance || performance->ending || !scene) return false;
  if (performance->scene != by) {
    if (scene->performance || !check_free(scene->info, id)) return false;
    if (Scene* former = scenes_.find(performance->scene)) former->performance = {};
    performance->scene = by;
    performance->report.scene = scene->info.name;
    performance->report.room = scene->info.room;
    scene->performance = id;
  }
  if (!safety.empty()) performance->safety = std::move(safety);
  return true;
}

void Stage::protect(PerformanceId id, std::vector<Cue> safety) {
  Performance* performance = performances_.find(id);
  if (performance && !performance->ending) performance->safety = std::move(safety);
}

void Stage::end(PerformanceId id, EndReason reason) {
  Performance* performance = performances_.find(id);
  if (!performance || performance->ending) return;
  performance->ending = true;
  finish(id, reason);
}

void Stage::abandon(PerformanceId id) {
  Performance* performance = performances_.find(id);
  if (!performance || performance->ending) return;
  performance->ending = performance->deaf = true;
  const std::vector<Cue> safety = std::move(performance->safety);
  const double position = to_seconds(so_far(*performance).length);
  for (Cue cue : safety) {
    cue.confirmed_by_device = false;  // Nobody is left to wait for it.
    const Sent sent = deliver(id, 0, position, cue);
    on_sent.emit({id, 0, position, 0, cue, sent});
  }
  finish(id, EndReason::failed);
}

void Stage::stop_all(bool now) {
  const std::vector<PerformanceId> running = running_;
  for (const PerformanceId id : running) {
    const Performance* performance = performances_.find(id);
    if (!performance || performance->ending) continue;
    const std::string name = performance->report.scene;
    const auto control = scenes_.find(performance->scene)->control;
    const auto stopped = control->stop(now);
    if (!stopped) log_.warn("Scene {} cannot stop: {}", quoted(name), stopped.error().message);
    if (now || !stopped) abandon(id);
  }
}

void Stage::finish(PerformanceId id, EndReason reason) {
  feedback_.end(performances_.find(id)->owner);
  const Performance ended = *performances_.remove(id);
  std::erase(running_, id);
  if (Scene* scene = scenes_.find(ended.scene)) scene->performance = {};
  PerformanceReport report = so_far(ended);
  report.reason = reason;
  log_end(report);
  on_end.emit(report);
}

void Stage::log_end(const PerformanceReport& report) {
  std::string line =
      fmt::format("Scene {} {} after {:.1f}s: {} confirmed, {} failed, {} timed out",
                  quoted(report.scene), to_string(report.reason), to_seconds(report.length),
                  report.confirmed, report.failed, report.timed_out);
  if (report.unanswered > 0) line += fmt::format(", {} unanswered", report.unanswered);
  if (report.simulated > 0) line += fmt::format(", {} simulated", report.simulated);
  const bool well = report.reason != EndReason::failed && report.all_confirmed();
  log_.log(well ? spdlog::level::info : spdlog::level::warn, "{}", line);
}

void Stage::note(PerformanceId id, double position, const std::string& text) {
  remark(id, {.position = position, .text = text});
}

void Stage::remark(PerformanceId id, const Remark& remark) {
  if (!performances_.find(id)) return;
  if (remark.kind == Remark::Kind::note) {
    log_.info("[{:.1f}s] {}", remark.position, printable(remark.text, 1000));
  }
  on_remark.emit(id, remark);
}

std::vector<Stage::Listed> Stage::list() const {
  std::vector<Listed> result;
  for (const std::string& name : names()) {
    if (auto listed = look_at(name)) result.push_back(std::move(*listed));
  }
  return result;
}

std::vector<std::string> Stage::names() const {
  std::vector<std::string> result;
  for (const SceneId id : scene_order_) {
    const std::string& name = scenes_.find(id)->info.name;
    if (find(name) == id) result.push_back(name);
  }
  return result;
}

std::optional<Stage::Listed> Stage::look_at(const std::string& name) const {
  const auto id = find(name);
  if (!id) return {};
  const Scene* scene = scenes_.find(*id);
  Listed listed{*id, scene->info, {}, {}};
  if (const Performance* performance = performances_.find(scene->performance)) {
    listed.running = so_far(*performance);
  }
  const auto control = scene->control;  // A scene's status is its own code's to tell.
  listed.status = control->status();
  return listed;
}

std::optional<SceneId> Stage::find(const std::string& name) const {
  const auto versions = by_name_.find(name);
  if (versions == by_name_.end()) return {};
  for (const SceneId id : versions->second) {
    if (scenes_.find(id)->performance) return id;
  }
  return versions->second.back();
}

const SceneInfo* Stage::scene_of(PerformanceId id) const {
  const Performance* performance = performances_.find(id);
  const Scene* scene = performance ? scenes_.find(performance->scene) : nullptr;
  return scene ? &scene->info : nullptr;
}

SceneControl* Stage::control(SceneId id) {
  const Scene* scene = scenes_.find(id);
  return scene ? scene->control.get() : nullptr;
}

std::optional<PerformanceId> Stage::performance_of(SceneId id) const {
  const Scene* scene = scenes_.find(id);
  if (!scene || !scene->performance) return {};
  return scene->performance;
}

bool Stage::any_running() const { return !running_.empty(); }

Result<void> Stage::check_free(const SceneInfo& info, PerformanceId except) const {
  for (const PerformanceId id : running_) {
    if (id == except) continue;
    const PerformanceReport& other = performances_.find(id)->report;
    if (other.scene == info.name)
      return fail(fmt::format("scene {} runs already", quoted(info.name)));
    if (!info.room.empty() && other.room == info.room) {
      return fail(fmt::format("scene {} cannot start: scene {} runs in room {}", quoted(info.name),
                              quoted(other.scene), quoted(info.room)));
    }
  }
  return {};
}

PerformanceReport Stage::so_far(const Performance& performance) const {
  PerformanceReport report = performance.report;
  report.length = timers_.clock().now() - performance.started;
  return report;
}

}  // namespace engine
