#include "core/store/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using nlohmann::json;

constexpr const char* kAlive = "alive";
constexpr size_t kLargestPerformance = 4 * 1024 * 1024;

json binary(const std::string& bytes) { return json::binary({bytes.begin(), bytes.end()}); }

// A damaged file may hold anything: what is not there is null, and what is no number is 0.
const json& part(const json& of, const std::string& name) {
  static const json kNothing;
  const auto at = of.find(name);  // Its end for what is no object.
  return at == of.end() ? kNothing : *at;
}

const json& part(const json& of, size_t index) {
  static const json kNothing;
  return of.is_array() && index < of.size() ? of[index] : kNothing;
}

double number(const json& value) { return value.is_number() ? value.get<double>() : 0; }

// From 0 to `most`; 0 for NaN.
double within(double value, double most) { return value > 0 ? std::min(value, most) : 0; }

std::string text(const json& value) {
  if (!value.is_binary()) return {};
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

std::string pack(const json& value) {
  const auto bytes = json::to_msgpack(value);
  return {bytes.begin(), bytes.end()};
}

// Null when it cannot be read.
json unpack(const std::string& bytes) {
  json value = json::from_msgpack(bytes, true, false);
  return value.is_discarded() ? json() : value;
}

json pack_cues(const std::vector<Cue>& cues) {
  json packed = json::array();
  for (const Cue& cue : cues) {
    packed.push_back({binary(cue.topic), binary(cue.payload), cue.qos, cue.retain});
  }
  return packed;
}

std::vector<Cue> unpack_cues(const json& packed) {
  std::vector<Cue> cues;
  for (const json& cue : packed) {
    if (text(part(cue, 0)).empty()) continue;
    cues.push_back({.topic = text(part(cue, 0)),
                    .payload = text(part(cue, 1)),
                    .qos = static_cast<int>(within(number(part(cue, 2)), 2)),
                    .retain = part(cue, 3) == json(true),
                    .confirmed_by_device = false});
  }
  return cues;
}

// Seconds on the steady clock and since 1970.
struct Moment {
  double steady = 0;
  double wall = 0;
};

Moment now(const Clock& clock) {
  return {to_seconds(clock.now().time_since_epoch()),
          std::chrono::duration<double>(clock.wall().time_since_epoch()).count()};
}

Duration positive(double seconds) { return from_seconds(within(seconds, 1e9)); }

std::string step_key(const std::string& scene, size_t number) {
  return fmt::format("{}{}{:08}", scene, '\0', number);
}

}  // namespace

Journal::Journal(Store& store, Timers& timers)
    : timers_(timers),
      enabled_(store.outlives_us()),
      headers_(store, "journal"),
      data_(store, "journal.data", {.value = kLargestPerformance}),
      steps_(store, "journal.steps", {.value = kLargestPerformance}),
      alive_(store, "journal.alive") {
  read_interrupted();
}

void Journal::read_interrupted() {
  const std::string* last = alive_.get(kAlive);
  const json alive = last ? unpack(*last) : json();
  const Moment here = now(timers_.clock());
  std::vector<std::pair<double, Interrupted>> found;
  for (const std::string& scene : headers_.keys()) {
    const json header = unpack(*headers_.get(scene));
    if (!header.is_object()) continue;
    Interrupted one{.scene = scene,
                    .room = text(part(header, "room")),
                    .script = text(part(header, "script")),
                    .safety = unpack_cues(part(header, "safety")),
                    .data = {},
                    .steps = {}};
    if (alive.is_array()) one.away = positive(here.wall - number(part(alive, 1)));
    if (const std::string* data = data_.get(scene)) {
      const json packed = unpack(*data);
      one.data = text(part(packed, 1));
      if (alive.is_array() && packed.is_array()) {
        one.lived = positive(number(part(alive, 0)) - number(part(packed, 0)));
      }
    }
    for (const std::string& key : steps_.keys(scene + '\0')) one.steps.push_back(*steps_.get(key));
    found.emplace_back(within(number(part(header, "order")), 1e9), std::move(one));
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [order, one] : found) interrupted_.push_back(std::move(one));
}

void Journal::forget(const std::string& scene) {
  const bool runs = std::any_of(running_.begin(), running_.end(),
                                [&](const Running& one) { return one.info.name == scene; });
  if (!runs) end(scene);
}

void Journal::begin(PerformanceId performance, const SceneInfo& info,
                    const std::vector<Cue>& safety) {
  if (!enabled_) return;
  end(info.name);
  add(performance, info, safety);
}

void Journal::carry_on(PerformanceId performance, const SceneInfo& info,
                       const std::vector<Cue>& safety) {
  if (enabled_) add(performance, info, safety);
}

void Journal::add(PerformanceId performance, const SceneInfo& info,
                  const std::vector<Cue>& safety) {
  running_.push_back({performance, info, next_order_++, steps_.keys(info.name + '\0').size()});
  write_header(running_.back(), safety);
  sign_of_life();
  if (!timers_.active(heartbeat_)) {
    heartbeat_ = timers_.every(kHeartbeat, [this] { sign_of_life(); });
  }
}

void Journal::protect(PerformanceId performance, const std::vector<Cue>& safety) {
  if (const Running* running = find(performance)) write_header(*running, safety);
}

void Journal::end(const std::string& scene) {
  if (!enabled_) return;
  std::erase_if(running_, [&](const Running& one) { return one.info.name == scene; });
  headers_.erase(scene);
  data_.erase(scene);
  steps_.erase_all(scene + '\0');
  if (running_.empty()) timers_.cancel(heartbeat_);
}

bool Journal::write(PerformanceId performance, std::string data) {
  const Running* running = find(performance);
  if (!running) return false;
  const Moment here = now(timers_.clock());
  const bool kept = data_.set(running->info.name, pack({here.steady, binary(data)})).has_value();
  sign_of_life();
  return kept;
}

bool Journal::append(PerformanceId performance, std::string step) {
  Running* running = find(performance);
  if (!running) return false;
  const bool kept =
      steps_.set(step_key(running->info.name, ++running->steps), std::move(step)).has_value();
  sign_of_life();
  return kept;
}

void Journal::clear(PerformanceId performance) {
  Running* running = find(performance);
  if (!running) return;
  data_.erase(running->info.name);
  steps_.erase_all(running->info.name + '\0');
  running->steps = 0;
}

Journal::Running* Journal::find(PerformanceId performance) {
  const auto at = std::find_if(running_.begin(), running_.end(),
                               [&](const Running& one) { return one.id == performance; });
  return at == running_.end() ? nullptr : &*at;
}

void Journal::write_header(const Running& running, const std::vector<Cue>& safety) {
  (void)headers_.set(running.info.name, pack({{"room", binary(running.info.room)},
                                              {"script", binary(running.info.script)},
                                              {"order", running.order},
                                              {"safety", pack_cues(safety)}}));
}

void Journal::sign_of_life() {
  const Moment here = now(timers_.clock());
  (void)alive_.set(kAlive, pack(json::array({here.steady, here.wall})));
}

}  // namespace engine
