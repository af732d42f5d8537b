#include "core/app/script_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "bindings/host/eval.h"
#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/web/api_json.h"

namespace engine {
namespace {

using nlohmann::json;

std::string name_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

}  // namespace

ScriptAdapter::ScriptAdapter(ScriptHost& host, const Clock& clock, bool allow_eval)
    : host_(host), clock_(clock), allow_eval_(allow_eval) {
  on_fault_ = host_.on_fault.connect([this](const Fault& fault) { hear(fault); });
}

ScriptAdapter::~ScriptAdapter() { host_.on_fault.disconnect(on_fault_); }

void ScriptAdapter::hear(const Fault& fault) {
  const auto same = [&](const Record& record) {
    const Fault& other = record.fault;
    return other.script == fault.script && other.callback == fault.callback &&
           other.message == fault.message;
  };
  Record record{.fault = fault, .first = clock_.wall()};
  if (const auto known = std::find_if(records_.begin(), records_.end(), same);
      known != records_.end()) {
    record.first = known->first;
    record.count = known->count;
    records_.erase(known);
  }
  ++record.count;
  record.last = clock_.wall();
  records_.push_back(std::move(record));
  if (records_.size() > kMostFaults) records_.pop_front();
}

json ScriptAdapter::list() {
  json scripts = json::array();
  for (const std::string& path : host_.watched_files()) {
    const Script* script = host_.find(path);
    if (!script) continue;
    uint64_t faults = 0;
    for (const Record& record : records_) faults += record.fault.script == path ? record.count : 0;
    scripts.push_back({{"name", script->name()},
                       {"path", path},
                       {"state", "running"},
                       {"memory", script->memory_used()},
                       {"faults", faults}});
  }
  return scripts;
}

tl::expected<std::string, web::Refusal> ScriptAdapter::path_of(const std::string& name) {
  std::vector<std::string> found;
  std::vector<std::string> names;
  for (const std::string& path : host_.watched_files()) {
    if (!host_.find(path)) continue;
    names.push_back(name_of(path));
    if (path == name || names.back() == name) found.push_back(path);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return web::refuse(409,
                       fmt::format("several scripts are called '{}': give the path, such as {}",
                                   printable(name), found.front()));
  }
  const auto meant = nearest(name, names);
  return web::refuse(404, fmt::format("there is no script '{}'{}", printable(name),
                                      meant ? fmt::format(", did you mean '{}'?", *meant) : ""));
}

web::Outcome ScriptAdapter::reload(const std::string& name) {
  const auto path = path_of(name);
  if (!path) return tl::unexpected(path.error());
  host_.file_changed(*path);
  return json{{"script", name_of(*path)}, {"done", "reload"}};
}

web::Outcome ScriptAdapter::resume(const std::string& name) {
  const auto path = path_of(name);
  if (!path) return tl::unexpected(path.error());
  return web::refuse(409, fmt::format("script '{}' is running", printable(name)));
}

json ScriptAdapter::faults() {
  json list = json::array();
  for (const Record& record : records_) {
    list.push_back({{"script", record.fault.script},
                    {"callback", record.fault.callback},
                    {"topic", record.fault.topic},
                    {"message", record.fault.message},
                    {"traceback", record.fault.traceback},
                    {"count", record.count},
                    {"first_at", web::iso_time(record.first)},
                    {"last_at", web::iso_time(record.last)}});
  }
  return list;
}

web::Outcome ScriptAdapter::eval(const std::string& script, const std::string& code) {
  if (!allow_eval_) {
    return web::refuse(403,
                       "eval is not allowed: scripts.allow_eval is false in the configuration");
  }
  const auto path = path_of(script);
  if (!path) return tl::unexpected(path.error());
  const auto result = evaluate(*host_.find(*path), code);
  if (!result) return web::refuse(409, result.error().message);
  return json{{"result", *result}};
}

}  // namespace engine
