#pragma once

#include <map>
#include <string>
#include <vector>

#include "bindings/host/script_host.h"
#include "core/store/journal.h"

namespace engine {

// Deals with the performances that the end of the run before has interrupted: each by its scene's
// `on_restart`; where nobody declares the scene any more, its safety cues are sent. What only has
// to be stopped waits for the broker, so that its last commands arrive. Logs to `scene`.
class Recovery {
 public:
  Recovery(Services& services, ScriptHost& host);
  ~Recovery();
  Recovery(const Recovery&) = delete;
  Recovery& operator=(const Recovery&) = delete;

  // Once, when the scripts are loaded and the link is up or will not be soon.
  void run();

 private:
  using Reports = std::map<std::string, ScriptReport>;  // By path.
  bool reachable() const;
  LuaScene* find(const std::string& name);
  void deal_with_waiting();
  void recover(LuaScene& scene, const Interrupted& interrupted, Reports& reports);
  void send_safety(const Interrupted& interrupted);

  Services& services_;
  ScriptHost& host_;
  spdlog::logger& log_;
  std::vector<Interrupted> waiting_;
  Handle connected_;
};

}  // namespace engine
