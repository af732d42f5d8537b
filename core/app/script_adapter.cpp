#include "core/app/script_adapter.h"

#include <fmt/format.h>

#include "bindings/host/eval.h"
#include "core/base/iso_time.h"
#include "core/base/nearest.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

using nlohmann::json;

const char* to_word(ScriptHost::State state) {
  switch (state) {
    case ScriptHost::State::running:
      return "running";
    case ScriptHost::State::failed:
      return "failed";
    case ScriptHost::State::set_aside:
      break;
  }
  return "set_aside";
}

web::Outcome done(const std::string& script, const char* what, const Result<void>& result) {
  if (!result) return web::refuse(409, result.error().message);
  return json{{"script", script}, {"done", what}};
}

}  // namespace

json ScriptAdapter::list() {
  json scripts = json::array();
  for (const ScriptHost::Listed& script : host_.list()) {
    scripts.push_back({{"name", script.name},
                       {"path", script.path},
                       {"state", to_word(script.state)},
                       {"memory", script.memory},
                       {"faults", script.faults},
                       {"last_error", script.last_error},
                       {"verdict", script.verdict}});
  }
  return scripts;
}

tl::expected<ScriptHost::Listed, web::Refusal> ScriptAdapter::find(const std::string& name) const {
  std::vector<ScriptHost::Listed> found;
  std::vector<std::string> names;
  for (const ScriptHost::Listed& script : host_.list()) {
    if (script.path == name) return script;
    if (script.name == name) found.push_back(script);
    names.push_back(script.name);
  }
  if (found.size() == 1) return found.front();
  if (!found.empty()) {
    return web::refuse(409,
                       fmt::format("several scripts are called '{}': give the path, such as {}",
                                   printable(name), found.front().path));
  }
  const auto meant = nearest(name, names);
  return web::refuse(404, fmt::format("there is no script '{}'{}", printable(name),
                                      meant ? fmt::format(", did you mean '{}'?", *meant) : ""));
}

web::Outcome ScriptAdapter::reload(const std::string& name) {
  const auto script = find(name);
  if (!script) return tl::unexpected(script.error());
  return done(script->name, "reload", host_.reload(script->path));
}

web::Outcome ScriptAdapter::resume(const std::string& name) {
  const auto script = find(name);
  if (!script) return tl::unexpected(script.error());
  return done(script->name, "resume", host_.resume(script->path));
}

json ScriptAdapter::faults() {
  json list = json::array();
  for (const FaultLog::Record& record : host_.faults().records()) {
    const Fault& fault = record.last;
    list.push_back({{"script", fault.script},
                    {"callback", fault.callback},
                    {"topic", fault.topic},
                    {"message", fault.message},
                    {"traceback", fault.traceback},
                    {"count", record.count},
                    {"first_at", iso_time(record.first_at)},
                    {"last_at", iso_time(record.last_at)}});
  }
  return list;
}

web::Outcome ScriptAdapter::eval(const std::string& name, const std::string& code) {
  if (!allow_eval_) {
    return web::refuse(403,
                       "eval is not allowed: scripts.allow_eval is false in the configuration");
  }
  const auto listed = find(name);
  if (!listed) return tl::unexpected(listed.error());
  Script* script = host_.find(listed->path);
  if (!script) return web::refuse(409, fmt::format("script '{}' does not run", listed->name));
  const auto result = evaluate(*script, code);
  if (!result) return web::refuse(409, result.error().message);
  return json{{"result", *result}};
}

}  // namespace engine
