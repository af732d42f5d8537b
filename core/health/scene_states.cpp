#include "core/health/scene_states.h"

#include <algorithm>
#include <utility>

#include "core/base/iso_time.h"
#include "core/bus/topic.h"
#include "core/web/api_json.h"

namespace engine {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr Duration kSoon = 100ms;
constexpr Duration kEvery = 900ms;  // And soon, after that.
constexpr size_t kAtOnce = 10;
constexpr Duration kPause = 2ms;
constexpr Duration kJump = 250ms;

json how_it_ended(const PerformanceReport& report, WallTime now) {
  json last = web::to_json(report);
  last["result"] = web::to_word(report.reason);
  last["length"] = web::rounded(to_seconds(report.length));
  last["time"] = iso_time(now);
  return last;
}

}  // namespace

SceneStates::SceneStates(Stage& stage, Bus& bus, Timers& timers, KeyValue& left,
                         const std::string& prefix)
    : stage_(stage), bus_(bus), timers_(timers), left_(left), prefix_(prefix + "/scenes/") {
  begun_ = stage_.on_begin.connect([this](const SceneInfo& scene) { mark(scene.name); });
  ended_ = stage_.on_end.connect([this](const PerformanceReport& report) {
    known_[report.scene].last = how_it_ended(report, timers_.clock().wall());
    mark(report.scene);
  });
  sent_ = stage_.on_sent.connect([this](const Stage::SentCue& cue) { mark(cue.performance); });
  remarked_ = stage_.on_remark.connect([this](PerformanceId id, const Remark&) { mark(id); });
  connected_ = bus_.on_connection.connect([this](bool up) {
    if (up) publish_all();
  });
  every_ = timers_.every(kEvery, [this] { mark_all(); });
}

SceneStates::~SceneStates() {
  stage_.on_begin.disconnect(begun_);
  stage_.on_end.disconnect(ended_);
  stage_.on_sent.disconnect(sent_);
  stage_.on_remark.disconnect(remarked_);
  bus_.on_connection.disconnect(connected_);
  timers_.cancel(every_);
  timers_.cancel(next_);
}

void SceneStates::mark(const std::string& name) {
  if (stage_.find(name)) name_topic(name);
  marked_.insert(name);
  if (!timers_.active(next_)) next_ = timers_.after(kSoon, [this] { look_at_some(); });
}

void SceneStates::mark(PerformanceId performance) {
  if (const SceneInfo* scene = stage_.scene_of(performance)) mark(scene->name);
}

void SceneStates::mark_all() {
  for (const std::string& name : stage_.names()) mark(name);
  for (const auto& [name, scene] : known_) mark(name);
}

void SceneStates::look_at_some() {
  if (looking_.empty()) looking_.assign(marked_.begin(), marked_.end()), marked_.clear();
  for (size_t n = 0; n < kAtOnce && !looking_.empty(); ++n) {
    const std::string name = std::move(looking_.back());
    looking_.pop_back();
    look_at(name, true);
  }
  if (looking_.empty() && marked_.empty()) return;
  next_ = timers_.after(looking_.empty() ? kSoon : kPause, [this] { look_at_some(); });
}

void SceneStates::look() {
  mark_all();
  for (const std::string& name : std::exchange(marked_, {})) look_at(name, true);
}

void SceneStates::look_at(const std::string& name, bool tell) {
  if (const auto scene = stage_.look_at(name)) {
    if (take_in(*scene) && tell && bus_.connected()) publish(known_[name]);
  } else if (const auto gone = known_.extract(name)) {
    take_away(gone.mapped().topic);
  }
}

bool SceneStates::take_in(const Stage::Listed& listed) {
  Known& scene = name_topic(listed.info.name);
  json state = web::to_json(listed);
  state["last"] = scene.last;
  json essence = state;
  essence.erase("position");
  essence.erase("counts");
  const bool jump = jumped(scene, listed.status);
  if (essence == scene.essence && !jump) return false;
  scene.essence = std::move(essence);
  state["time"] = iso_time(timers_.clock().wall());
  scene.state = std::move(state);
  return true;
}

bool SceneStates::jumped(Known& scene, const SceneStatus& status) const {
  if (status.state != SceneStatus::State::running) return false;
  const Duration began = timers_.clock().now().time_since_epoch() - from_seconds(status.position);
  const Duration by = std::exchange(scene.began, began) - began;
  return by > kJump || by < -kJump;
}

SceneStates::Known& SceneStates::name_topic(const std::string& name) {
  Known& scene = known_[name];
  if (scene.topic.empty()) scene.topic = topic_of(name);
  return scene;
}

// Of two scenes whose names look the same as a level of a topic, the second gets a number.
std::string SceneStates::topic_of(const std::string& name) const {
  const std::string plain = prefix_ + topic::as_level(name);
  const auto taken = [this](const std::string& topic) {
    return std::any_of(known_.begin(), known_.end(),
                       [&](const auto& each) { return each.second.topic == topic; });
  };
  std::string topic = plain;
  for (int number = 2; taken(topic); ++number) topic = plain + "." + std::to_string(number);
  return topic;
}

void SceneStates::take_away(const std::string& topic) {
  if (topic.empty() || !bus_.connected()) return;  // Then publish_all does it.
  publish(topic, "");
  left_.erase(topic);
}

void SceneStates::publish_all() {
  mark_all();
  for (const std::string& name : std::exchange(marked_, {})) look_at(name, false);
  std::vector<std::string> gone = left_.keys();
  for (const auto& [name, scene] : known_) {
    publish(scene);
    std::erase(gone, scene.topic);
  }
  for (const std::string& topic : gone) take_away(topic);
}

void SceneStates::publish(const Known& scene) {
  (void)left_.set(scene.topic, "1");
  publish(scene.topic, scene.state.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void SceneStates::publish(const std::string& topic, const std::string& payload) {
  bus_.publish({.message = {.topic = topic, .payload = payload, .qos = 1, .retain = true}});
}

}  // namespace engine
