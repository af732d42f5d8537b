#pragma once

#include <string>
#include <vector>

#include "bindings/host/script.h"
#include "bindings/host/script_report.h"
#include "core/stage/stage.h"

namespace engine {

// What becomes of the performances of a script that is replaced.
struct Handover {
  struct Carried {
    std::string scene;
    PerformanceId performance;
    std::string data;  // For LuaScene::adopt.
  };
  std::vector<Carried> carried;
  std::vector<std::string> notes;  // What happened, for the log.
  ScriptReport report;             // The same, for machines.
  bool former_still_needed = false;

  // `ghost carries on; ...`, or empty.
  std::string verdict() const;
};

// Exports the running performances of `former`, stops those that `next` has no scene for, and
// commits `next` (which must have been loaded) in its place. `former` may go afterwards unless it
// is still needed to play one to its end.
Handover hand_over(Script& former, Script& next);

// Carries on in `next` what was exported.
void resume_performances(Script& next, const Handover& handover);

void stop_performances(Script& script);
bool is_performing(Script& script);

}  // namespace engine
