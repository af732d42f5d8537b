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
constexpr Duration kEvery = 1s;
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
  begun_ = stage_.on_begin.connect([this](const SceneInfo&) { look_soon(); });
  ended_ = stage_.on_end.connect([this](const PerformanceReport& report) {
    known_[report.scene].last = how_it_ended(report, timers_.clock().wall());
    look_soon();
  });
  sent_ = stage_.on_sent.connect([this](const Stage::SentCue&) { look_soon(); });
  remarked_ = stage_.on_remark.connect([this](PerformanceId, const Remark&) { look_soon(); });
  connected_ = bus_.on_connection.connect([this](bool up) {
    if (up) publish_all();
  });
  every_ = timers_.every(kEvery, [this] { look(); });
}

SceneStates::~SceneStates() {
  stage_.on_begin.disconnect(begun_);
  stage_.on_end.disconnect(ended_);
  stage_.on_sent.disconnect(sent_);
  stage_.on_remark.disconnect(remarked_);
  bus_.on_connection.disconnect(connected_);
  timers_.cancel(every_);
  timers_.cancel(soon_);
}

void SceneStates::look_soon() {
  if (timers_.active(soon_)) return;
  soon_ = timers_.after(kSoon, [this] { look(); });
}

void SceneStates::refresh(bool tell) {
  for (auto& [name, scene] : known_) scene.there = false;
  for (const Stage::Listed& scene : stage_.list()) {
    if (look_at(scene) && tell && bus_.connected()) publish(known_[scene.info.name]);
  }
  for (auto at = known_.begin(); at != known_.end();) {
    if (at->second.there) {
      ++at;
      continue;
    }
    take_away(at->second.topic);
    at = known_.erase(at);
  }
}

bool SceneStates::look_at(const Stage::Listed& listed) {
  Known& scene = known_[listed.info.name];
  scene.there = true;
  if (scene.topic.empty()) scene.topic = topic_of(listed.info.name);
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
  refresh(false);
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
