#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bindings/host/script.h"
#include "core/stage/stage.h"
#include "core/store/journal.h"

namespace engine {

// A scene that a script has declared by stage.add: its registration, and how the Stage steers it
// through the table `control` of the script.
class LuaScene final : public Registration {
 public:
  // `control` is the table at `index`.
  LuaScene(Script& script, SceneInfo info, lua_State* L, int index);
  ~LuaScene() override;

  void activate(Registration* former) override;
  bool needed_after_retirement() const override { return finishing_; }

  const std::string& name() const { return info_.name; }
  const std::string& script_path() const { return info_.script; }
  std::optional<PerformanceId> performance() const;
  Result<PerformanceId> begin(std::vector<Cue> safety);

  struct Export {
    enum class Verdict { carried, finishes, refused } verdict = Verdict::refused;
    std::string data;    // The performance as bytes, for `adopt` of the next version.
    std::string reason;  // Why it was refused.
  };
  // Asks the script for its running performance; on `finishes` this scene outlives the retirement
  // of its script.
  Export export_performance();
  // Hands it to this version of the scene.
  Result<void> adopt(PerformanceId performance, const std::string& data);
  Result<void> stop_now();

  // Whether it merely stops an interrupted performance.
  bool stops_after_restart();
  struct Recovery {
    std::string outcome;  // "resumed", "restarted", "stopped"
    std::string detail;
  };
  // Begins a performance that deals with an interrupted one. On failure its safety cues have been
  // sent, unless it could not begin for another that runs.
  Result<Recovery> recover(const Interrupted& interrupted);

 private:
  class Control;

  Script& script_;
  const SceneInfo info_;
  const std::shared_ptr<Control> control_;
  SceneId id_;
  bool finishing_ = false;
};

// The userdata by which a script speaks of a running performance.
int push_performance(lua_State* L, PerformanceId performance);
void open_performance(lua_State* L, Script& script);

// The cues of the array at `index`: {topic, payload, qos=, retain=} each.
std::vector<Cue> check_safety_cues(lua_State* L, int index);

}  // namespace engine
