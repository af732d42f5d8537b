#include "bindings/host/recovery.h"

#include <utility>

#include "bindings/host/lua_scene.h"

namespace engine {

Recovery::Recovery(Services& services, ScriptHost& host)
    : services_(services), host_(host), log_(services.logs.get("scene")) {}

Recovery::~Recovery() { services_.bus.on_connection.disconnect(connected_); }

void Recovery::run() {
  waiting_ = services_.kept.journal.take_interrupted();
  deal_with_waiting();
  if (waiting_.empty()) return;
  log_.warn("{} interrupted scene{} will be stopped when the broker is there", waiting_.size(),
            waiting_.size() == 1 ? "" : "s");
  connected_ = services_.bus.on_connection.connect([this](bool up) {
    if (up) deal_with_waiting();
  });
}

bool Recovery::reachable() const { return services_.bus.connected() || services_.bus.standalone(); }

LuaScene* Recovery::find(const std::string& name) {
  for (const Stage::Listed& listed : services_.stage.list()) {
    Script* script = listed.info.name == name ? host_.find(listed.info.script) : nullptr;
    if (!script) continue;
    for (LuaScene* scene : script->registrations().of_type<LuaScene>()) {
      if (scene->name() == name) return scene;
    }
  }
  return nullptr;
}

void Recovery::deal_with_waiting() {
  Reports reports;
  for (Interrupted& interrupted : std::exchange(waiting_, {})) {
    LuaScene* scene = find(interrupted.scene);
    if (!reachable() && (!scene || scene->stops_after_restart())) {
      waiting_.push_back(std::move(interrupted));
    } else if (scene) {
      recover(*scene, interrupted, reports);
    } else {
      send_safety(interrupted);
    }
  }
  for (const auto& [path, report] : reports) host_.on_report.emit(report);
}

void Recovery::recover(LuaScene& scene, const Interrupted& interrupted, Reports& reports) {
  const std::string path = scene.script_path();
  ScriptReport& report = reports[path];
  report.path = path;
  report.event = "restarted";
  report.running = true;
  const auto recovered = scene.recover(interrupted);
  if (!recovered) {
    log_.warn("Scene '{}' was interrupted {:.1f} s ago, and is not carried on: {}",
              interrupted.scene, to_seconds(interrupted.away), recovered.error().message);
    report.dropped.push_back({"scene " + interrupted.scene, recovered.error().message});
    services_.kept.journal.forget(interrupted.scene);
    return;
  }
  log_.info("Scene '{}' was interrupted {:.1f} s ago: {} ({})", interrupted.scene,
            to_seconds(interrupted.away), recovered->outcome, recovered->detail);
  if (recovered->outcome == "resumed") {
    report.taken_over.push_back("scene " + interrupted.scene + " " + recovered->detail);
  } else {
    report.dropped.push_back({"scene " + interrupted.scene, recovered->detail});
  }
}

void Recovery::send_safety(const Interrupted& interrupted) {
  log_.warn(
      "Scene '{}' was interrupted {:.1f} s ago, and no script declares it now: its on_stop "
      "is sent",
      interrupted.scene, to_seconds(interrupted.away));
  for (const Cue& cue : interrupted.safety) {
    if (is_audio_topic(cue.topic) || is_video_topic(cue.topic) || !check(cue)) continue;
    log_.info("{} = {}", cue.topic, cue.payload);
    services_.bus.publish(
        {.message = {
             .topic = cue.topic, .payload = cue.payload, .qos = cue.qos, .retain = cue.retain}});
  }
  services_.kept.journal.forget(interrupted.scene);
}

}  // namespace engine
