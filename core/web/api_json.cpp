#include "core/web/api_json.h"

#include <cmath>

#include "core/base/iso_time.h"

namespace engine::web {
namespace {

using nlohmann::json;

const char* to_word(SceneStatus::State state) {
  static constexpr const char* kWords[] = {"idle", "running", "paused", "stopping"};
  return kWords[static_cast<int>(state)];
}

const char* to_word(Stage::Sent::How how) {
  static constexpr const char* kWords[] = {"sent", "simulated", "played", "failed"};
  return kWords[static_cast<int>(how)];
}

const char* to_word(CueResult result) {
  static constexpr const char* kWords[] = {"confirmed", "error", "timeout", "unanswered"};
  return kWords[static_cast<int>(result)];
}

void add_cue(json& step, const TraceStep& cue) {
  step["topic"] = cue.topic;
  step["payload"] = cue.payload;
  step["late"] = rounded(cue.late);
  step["how"] = to_word(cue.how);
  if (!cue.trouble.empty()) step["trouble"] = cue.trouble;
  if (cue.pending) step["result"] = "pending";
  if (!cue.result) return;
  step["result"] = to_word(*cue.result);
  step["answered_after"] = rounded(cue.answered_after);
  if (!cue.answer.empty()) step["answer"] = cue.answer;
}

json to_json(const TraceStep& step) {
  json result = {{"at", rounded(step.position)}, {"elapsed", rounded(step.elapsed)}};
  switch (step.kind) {
    case TraceStep::Kind::cue:
      result["kind"] = "cue";
      add_cue(result, step);
      break;
    case TraceStep::Kind::note:
      result["kind"] = "note";
      result["text"] = step.text;
      break;
    case TraceStep::Kind::call:
      result["kind"] = "call";
      result["late"] = rounded(step.late);
      break;
    case TraceStep::Kind::wait:
      result["kind"] = "wait";
      result["text"] = step.text;
      result["seconds"] = rounded(step.seconds);
      result["outcome"] = step.outcome;
      break;
  }
  return result;
}

}  // namespace

const char* to_word(EndReason reason) {
  static constexpr const char* kWords[] = {"finished", "stopped", "failed"};
  return kWords[static_cast<int>(reason)];
}

json to_json(const PerformanceReport& report) {
  return {{"sent", report.sent},           {"confirmed", report.confirmed},
          {"failed", report.failed},       {"timed_out", report.timed_out},
          {"simulated", report.simulated}, {"unanswered", report.unanswered}};
}

json to_json(const Stage::Listed& scene) {
  json result = {{"name", scene.info.name},
                 {"room", scene.info.room},
                 {"script", scene.info.script},
                 {"triggered", scene.info.triggered},
                 {"state", to_word(scene.status.state)},
                 {"position", rounded(scene.status.position)}};
  if (scene.status.duration) result["duration"] = rounded(*scene.status.duration);
  if (!scene.status.next.empty()) result["next"] = scene.status.next;
  if (scene.status.next_at) result["next_at"] = rounded(*scene.status.next_at);
  if (scene.running) result["counts"] = to_json(*scene.running);
  return result;
}

json to_json(const Device& device) {
  json result = {{"id", device.id},
                 {"presence", to_string(device.presence)},
                 {"was_online", device.was_online},
                 {"first_seen", iso_time(device.first_seen)},
                 {"last_seen", nullptr},
                 {"changed", nullptr},
                 {"outages", device.outages}};
  if (device.last_seen != WallTime{}) result["last_seen"] = iso_time(device.last_seen);
  if (device.changed != WallTime{}) result["changed"] = iso_time(device.changed);
  return result;
}

json to_json(const PerformanceTrace& trace) {
  json result = {{"number", trace.number},
                 {"scene", trace.scene.name},
                 {"room", trace.scene.room},
                 {"script", trace.scene.script},
                 {"started", iso_time(trace.started)},
                 {"state", "running"},
                 {"good", !trace.failed()},
                 {"left_out", trace.left_out},
                 {"steps", json::array()}};
  if (trace.report) {
    result["state"] = to_word(trace.report->reason);
    result["length"] = rounded(to_seconds(trace.report->length));
    result["counts"] = to_json(*trace.report);
  }
  for (const TraceStep& step : trace.steps) result["steps"].push_back(to_json(step));
  return result;
}

double rounded(double seconds) {
  return std::isfinite(seconds) ? std::round(seconds * 1000) / 1000 : 0;
}

}  // namespace engine::web
