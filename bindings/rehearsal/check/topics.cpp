#include "bindings/rehearsal/check/text_checks.h"
#include "core/bus/topic.h"

namespace engine::checking {
namespace {

enum class Names { topic, filter, neither };

// What the first argument of a call is. `s:` is what a story is told by.
Names first_argument(const CallText& call) {
  const bool method = call.function.find(':') != std::string::npos;
  if (call.function == "mqtt.publish" || call.function == "media.command") return Names::topic;
  if (method && (call.name == "send" || call.name == "confirm")) return Names::topic;
  if (call.function == "mqtt.subscribe") return Names::filter;
  if (method && call.name == "wait_for") return Names::filter;
  return Names::neither;
}

}  // namespace

std::vector<Finding> check_topics(const std::string& path, const Outline& outline) {
  std::vector<Finding> findings;
  for (const CallText& call : outline.calls) {
    const Names names = first_argument(call);
    if (names == Names::neither || call.arguments.empty()) continue;
    const Value& first = call.arguments.front();
    if (first.kind != Value::Kind::text) continue;
    const auto valid =
        names == Names::topic ? topic::check_name(first.text) : topic::check_filter(first.text);
    if (valid) continue;
    findings.push_back({path, first.at, Finding::Severity::error, "topic", valid.error().message});
  }
  return findings;
}

}  // namespace engine::checking
