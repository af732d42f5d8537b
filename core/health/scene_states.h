#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/stage/stage.h"
#include "core/store/key_value.h"

namespace engine {

// Where each scene stands, retained on `<prefix>/scenes/<name>`, QoS 1: published when it changes
// (at most ten times a second) and with each connection. What is left there of a scene that is
// gone, also from an earlier run, is taken away. Of many scenes a few at a time are looked at, so
// that no cue waits for it. The fields are those of docs/topics.md. Engine thread only.
class SceneStates {
 public:
  // `left` keeps the topics on which something of ours is retained.
  SceneStates(Stage& stage, Bus& bus, Timers& timers, KeyValue& left, const std::string& prefix);
  ~SceneStates();
  SceneStates(const SceneStates&) = delete;
  SceneStates& operator=(const SceneStates&) = delete;

  // Publishes what has changed.
  void look();

 private:
  struct Known {
    std::string topic;
    nlohmann::json essence;  // What makes it another state; the position runs on by itself ...
    Duration began{};        // ... from here, unless it jumps.
    nlohmann::json state;
    nlohmann::json last;  // How it ended the last time, or null.
  };
  void mark(const std::string& name);
  void mark(PerformanceId performance);
  void mark_all();
  void look_at_some();
  // Looks at the scene, and takes it away when it is gone; `tell`: publishes what has changed.
  void look_at(const std::string& name, bool tell);
  // True when it has changed.
  bool take_in(const Stage::Listed& scene);
  bool jumped(Known& scene, const SceneStatus& status) const;
  void take_away(const std::string& topic);
  void publish_all();
  void publish(const Known& scene);
  void publish(const std::string& topic, const std::string& payload);
  Known& name_topic(const std::string& name);
  std::string topic_of(const std::string& name) const;

  Stage& stage_;
  Bus& bus_;
  Timers& timers_;
  KeyValue& left_;
  const std::string prefix_;
  std::map<std::string, Known> known_;  // By the scene's name.
  Handle begun_, ended_, sent_, remarked_, connected_;
  std::set<std::string> marked_;      // To be looked at next.
  std::vector<std::string> looking_;  // Being looked at, a few at a time.
  TimerId every_;                     // For what no signal tells.
  TimerId next_;
};

}  // namespace engine
