#include "bindings/host/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bindings/host/lua_scene.h"

namespace engine {
namespace {

LuaScene* scene_named(Script& script, const std::string& name) {
  for (LuaScene* scene : script.registrations().of_type<LuaScene>()) {
    if (scene->name() == name) return scene;
  }
  return nullptr;
}

// What the former version listened to, and the next one does not.
void report_registrations(Script& former, Script& next, ScriptReport& report) {
  const auto keys = next.registrations().keys();
  for (const std::string& key : former.registrations().keys()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
      report.taken_over.push_back(key);
    } else {
      report.dropped.push_back({key, "the new version does not register it"});
    }
  }
}

void export_scene(LuaScene& scene, PerformanceId performance, Handover& handover) {
  using Verdict = LuaScene::Export::Verdict;
  LuaScene::Export exported = scene.export_performance();
  switch (exported.verdict) {
    case Verdict::carried:
      handover.carried.push_back({scene.name(), performance, std::move(exported.data)});
      return;
    case Verdict::finishes:
      handover.former_still_needed = true;
      handover.notes.push_back(
          fmt::format("{} is played to its end by the old code", scene.name()));
      handover.report.taken_over.push_back(
          fmt::format("scene {}, which the old code plays to its end", scene.name()));
      return;
    case Verdict::refused:
      scene.stop_now();
      handover.notes.push_back(fmt::format("{} was stopped ({})", scene.name(), exported.reason));
      handover.report.dropped.push_back({"scene " + scene.name(), exported.reason});
  }
}

void note_what_is_dropped(Script& former, Script& next, Handover& handover) {
  for (const Registration* registration : former.registrations().of_type<Registration>()) {
    const std::string title = registration->title();
    if (title.empty() || !registration->active()) continue;
    if (!next.registrations().find_by_key(registration->key())) {
      handover.notes.push_back(fmt::format("{} is dropped", title));
    }
  }
}

}  // namespace

std::string Handover::verdict() const { return fmt::format("{}", fmt::join(notes, "; ")); }

Handover hand_over(Script& former, Script& next) {
  Handover handover;
  for (LuaScene* scene : former.registrations().of_type<LuaScene>()) {
    const auto performance = scene->performance();
    if (!performance) continue;
    if (scene_named(next, scene->name())) {
      export_scene(*scene, *performance, handover);
    } else {
      scene->stop_now();
      handover.notes.push_back(
          fmt::format("{} was stopped: it is gone from the file", scene->name()));
      handover.report.dropped.push_back({"scene " + scene->name(), "it is gone from the file"});
    }
  }
  for (const Handover::Carried& carried : handover.carried) {
    handover.notes.push_back(fmt::format("{} carries on", carried.scene));
    handover.report.taken_over.push_back("scene " + carried.scene);
  }
  note_what_is_dropped(former, next, handover);
  report_registrations(former, next, handover.report);
  next.commit(&former);
  return handover;
}

void resume_performances(Script& next, const Handover& handover) {
  for (const Handover::Carried& carried : handover.carried) {
    LuaScene* scene = scene_named(next, carried.scene);
    const auto adopted = scene->adopt(carried.performance, carried.data);
    if (adopted) continue;
    Services& services = next.services();
    services.logs.get("scene").error("{} could not be carried on: {}", carried.scene,
                                     adopted.error().message);
    services.stage.abandon(carried.performance);
  }
}

void stop_performances(Script& script) {
  for (LuaScene* scene : script.registrations().of_type<LuaScene>()) {
    if (scene->performance()) scene->stop_now();
  }
}

bool is_performing(Script& script) {
  for (LuaScene* scene : script.registrations().of_type<LuaScene>()) {
    if (scene->performance()) return true;
  }
  return false;
}

}  // namespace engine
