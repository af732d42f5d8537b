#include "core/web/api.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/iso_time.h"
#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/mqtt/link_report.h"
#include "core/web/api_json.h"
#include "core/web/api_streams.h"

namespace engine::web {
namespace {

using nlohmann::json;

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const auto& wanted, const auto& given) {
                      return wanted == "*" ? !given.empty() : wanted == given;
                    });
}

std::optional<std::string> value_of(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return std::nullopt;
  return found->second;
}

std::optional<double> number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool whole = !text.empty() && end == text.c_str() + text.size();
  if (!whole || !(value >= 0 && value < 1e9)) return std::nullopt;
  return value;
}

// A count from the query; refuses what is none.
tl::expected<size_t, Refusal> count_of(const Request& request, const std::string& name,
                                       size_t otherwise, size_t most) {
  const auto text = value_of(request, name);
  if (!text) return otherwise;
  const auto number = number_of(*text);
  if (!number) {
    return refuse(400, fmt::format("{}: '{}' is not a number from 0", name, printable(*text)));
  }
  return static_cast<size_t>(std::min(*number, static_cast<double>(most)));
}

bool is_set(const Request& request, const std::string& name) {
  const auto value = value_of(request, name);
  return value && *value != "0" && *value != "false";
}

Reply to_reply(const Outcome& outcome) {
  if (outcome) return {.body = to_text(*outcome)};
  return error_reply(outcome.error().status, outcome.error().message);
}

}  // namespace

Api::Api(Parts parts) : parts_(std::move(parts)), started_(parts_.timers.clock().now()) {}

const std::vector<Api::Route>& Api::routes() {
  static const std::vector<Route> kRoutes = {
      {"GET", {"api", "status"}, &Api::status},
      {"GET", {"api", "scenes"}, &Api::scenes},
      {"POST", {"api", "scenes", "*", "go"}, &Api::go},
      {"POST", {"api", "scenes", "*", "stop"}, &Api::stop},
      {"POST", {"api", "scenes", "*", "pause"}, &Api::pause},
      {"POST", {"api", "scenes", "*", "resume"}, &Api::resume},
      {"POST", {"api", "scenes", "*", "jump"}, &Api::jump},
      {"POST", {"api", "scenes", "*", "seek"}, &Api::seek},
      {"POST", {"api", "stop_all"}, &Api::stop_all},
      {"GET", {"api", "scripts"}, &Api::scripts},
      {"POST", {"api", "scripts", "*", "reload"}, &Api::reload_script},
      {"POST", {"api", "scripts", "*", "resume"}, &Api::resume_script},
      {"POST", {"api", "eval"}, &Api::eval},
      {"GET", {"api", "devices"}, &Api::devices},
      {"GET", {"api", "topics"}, &Api::topics},
      {"GET", {"api", "faults"}, &Api::faults},
      {"GET", {"api", "broker"}, &Api::broker},
      {"GET", {"api", "health"}, &Api::health},
      {"GET", {"api", "trace"}, &Api::traces},
      {"GET", {"api", "trace", "*"}, nullptr},  // These two answer in pieces.
      {"GET", {"api", "log"}, nullptr},
  };
  return kRoutes;
}

Reply Api::handle(const Request& request) {
  std::string allow;
  for (const Route& route : routes()) {
    if (!matches(route.path, request.path)) continue;
    if (route.method == request.method) {
      if (route.handler) return to_reply((this->*route.handler)(request));
      return request.path[1] == "log" ? log(request) : trace(request);
    }
    allow += (allow.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allow.empty()) return error_reply(404, "there is no such path; see docs/ctl.md");
  Reply reply = error_reply(
      405, fmt::format("{} is not possible here, but {}", printable(request.method, 20), allow));
  reply.allow = allow;
  return reply;
}

Outcome Api::status(const Request&) {
  json running = json::array();
  size_t scenes = 0;
  for (const Stage::Listed& scene : parts_.stage.list()) {
    ++scenes;
    if (scene.running) running.push_back(scene.info.name);
  }
  size_t online = 0;
  for (const Device& device : parts_.devices.all()) online += device.presence == Presence::online;
  return json{{"site", parts_.site},
              {"version", parts_.version},
              {"pid", ::getpid()},
              {"uptime", rounded(to_seconds(parts_.timers.clock().now() - started_))},
              {"connected", parts_.bus.connected()},
              {"mqtt", to_json(parts_.link())},
              {"handles",
               {{"timers", parts_.timers.size()},
                {"subscriptions", parts_.bus.subscriptions()},
                {"filters", parts_.bus.filters()}}},
              {"scenes", scenes},
              {"running", running},
              {"scripts", parts_.scripts.list().size()},
              {"faults", parts_.scripts.faults().size()},
              {"devices_online", online},
              {"pending_confirmations", parts_.feedback.pending().size()}};
}

Outcome Api::scenes(const Request&) {
  json list = json::array();
  for (const Stage::Listed& scene : parts_.stage.list()) list.push_back(to_json(scene));
  return json{{"scenes", list}};
}

std::string Api::no_scene(const std::string& name) const {
  std::vector<std::string> names;
  for (const Stage::Listed& scene : parts_.stage.list()) names.push_back(scene.info.name);
  const auto meant = nearest(name, names);
  return fmt::format("there is no scene '{}'{}", printable(name),
                     meant ? fmt::format(", did you mean '{}'?", *meant) : "");
}

Outcome Api::steer(const Request& request, const std::function<Result<void>(SceneControl&)>& act) {
  const std::string& name = request.path[2];
  const auto id = parts_.stage.find(name);
  if (!id) return refuse(404, no_scene(name));
  if (const auto done = act(*parts_.stage.control(*id)); !done) {
    return refuse(409, done.error().message);
  }
  return json{{"scene", name}, {"done", request.path[3]}};
}

Outcome Api::go(const Request& request) {
  return steer(request, [](SceneControl& scene) { return scene.go(); });
}

Outcome Api::stop(const Request& request) {
  return steer(request, [&](SceneControl& scene) {
    auto stopped = scene.stop(false);
    if (stopped) return stopped;
    // Its own code no longer can: the cues of its on_stop are sent all the same.
    const auto id = parts_.stage.find(request.path[2]);
    const auto performance = id ? parts_.stage.performance_of(*id) : std::nullopt;
    if (performance) parts_.stage.abandon(*performance);
    return stopped;
  });
}

Outcome Api::pause(const Request& request) {
  return steer(request, [](SceneControl& scene) { return scene.pause(); });
}

Outcome Api::resume(const Request& request) {
  return steer(request, [](SceneControl& scene) { return scene.resume(); });
}

Outcome Api::jump(const Request& request) {
  const auto cue = value_of(request, "cue");
  if (!cue || cue->empty()) return refuse(400, "jump: ?cue=NAME is missing");
  return steer(request, [&](SceneControl& scene) { return scene.jump(*cue); });
}

Outcome Api::seek(const Request& request) {
  const std::string text = value_of(request, "seconds").value_or("");
  const auto seconds = number_of(text);
  if (!seconds) {
    return refuse(400, fmt::format("seek: ?seconds='{}' is not a time from 0", printable(text)));
  }
  return steer(request, [&](SceneControl& scene) { return scene.seek(*seconds); });
}

Outcome Api::stop_all(const Request&) {
  json stopped = json::array();
  for (const Stage::Listed& scene : parts_.stage.list()) {
    if (scene.running) stopped.push_back(scene.info.name);
  }
  parts_.stage.stop_all(false);
  return json{{"stopped", stopped}};
}

Outcome Api::scripts(const Request&) { return json{{"scripts", parts_.scripts.list()}}; }

Outcome Api::reload_script(const Request& request) {
  return parts_.scripts.reload(request.path[2]);
}

Outcome Api::resume_script(const Request& request) {
  return parts_.scripts.resume(request.path[2]);
}

Outcome Api::eval(const Request& request) {
  const auto script = value_of(request, "script");
  if (!script || script->empty()) return refuse(400, "eval: ?script=NAME is missing");
  return parts_.scripts.eval(*script, request.body);
}

Outcome Api::devices(const Request&) {
  json list = json::array();
  for (const Device& device : parts_.devices.all()) list.push_back(to_json(device));
  return json{{"devices", list}};
}

Outcome Api::topics(const Request&) {
  json list = json::array();
  for (const auto& [policy, counters] : parts_.topics.list()) {
    list.push_back({{"filter", policy.filter},
                    {"published", counters.published},
                    {"rate_limited", counters.rate_limited},
                    {"over_rate", counters.over_rate},
                    {"too_large", counters.too_large},
                    {"compressed", counters.compressed},
                    {"bytes_saved", counters.bytes_saved},
                    {"decompressed", counters.decompressed},
                    {"not_decompressed", counters.not_decompressed}});
  }
  return json{{"topics", list}};
}

Outcome Api::faults(const Request&) { return json{{"faults", parts_.scripts.faults()}}; }

Outcome Api::broker(const Request&) { return parts_.broker ? parts_.broker() : json::object(); }

Outcome Api::health(const Request&) { return parts_.health ? parts_.health() : json::object(); }

Outcome Api::traces(const Request&) {
  json list = json::array();
  for (const std::string& scene : parts_.tracer.scenes()) {
    const Tracer::Traces traces = parts_.tracer.of(scene);
    const auto failed = std::count_if(traces.begin(), traces.end(),
                                      [](const auto& each) { return each->failed(); });
    const PerformanceTrace& last = *traces.back();
    list.push_back({{"scene", scene},
                    {"kept", traces.size()},
                    {"failed", failed},
                    {"last_started", iso_time(last.started)},
                    {"last_good", !last.failed()},
                    {"running", !last.report}});
  }
  return json{{"traces", list}};
}

Reply Api::trace(const Request& request) {
  const std::string& name = request.path[2];
  const auto last = count_of(request, "last", 1, 1000);
  if (!last) return error_reply(last.error().status, last.error().message);
  Tracer::Traces traces = parts_.tracer.of(name);
  if (traces.empty() && !parts_.stage.find(name)) return error_reply(404, no_scene(name));
  const auto failed = [](const auto& each) { return each->failed(); };
  const json kept = {
      {"performances", traces.size()},
      {"failed", std::count_if(traces.begin(), traces.end(), failed)},
  };
  if (is_set(request, "failed")) std::erase_if(traces, std::not_fn(failed));
  if (traces.size() > *last) traces.erase(traces.begin(), traces.end() - static_cast<long>(*last));
  Reply reply;
  reply.source = trace_source(name, kept, std::move(traces));
  return reply;
}

Reply Api::log(const Request& request) {
  const auto lines = count_of(request, "lines", 100, 100'000);
  if (!lines) return error_reply(lines.error().status, lines.error().message);
  Reply reply;
  reply.type = "text/plain; charset=utf-8";
  reply.source = log_source(parts_.log, parts_.log.back(*lines), is_set(request, "follow"));
  return reply;
}

}  // namespace engine::web
