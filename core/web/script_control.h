#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/web/reply.h"

namespace engine::web {

// What operators can do with scripts. Implemented where scripts are known (core/app); every answer
// is JSON as docs/ctl.md describes it. Engine thread only.
class ScriptControl {
 public:
  virtual ~ScriptControl() = default;
  // [{name, path, state, ...}]
  virtual nlohmann::json list() = 0;
  // Loads the next version now; 404 for an unknown script, 409 with the reason when it does not
  // load.
  virtual Outcome reload(const std::string& name) = 0;
  // Brings back a script that was set aside.
  virtual Outcome resume(const std::string& name) = 0;
  // [{script, callback, topic, message, traceback, count, first_at, last_at}], the latest last.
  virtual nlohmann::json faults() = 0;
  // Runs code in a script's environment: {result}; 403 where the configuration does not allow it.
  virtual Outcome eval(const std::string& script, const std::string& code) = 0;
};

}  // namespace engine::web
