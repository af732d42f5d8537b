#include <fmt/format.h>

#include <algorithm>

#include "bindings/rehearsal/check/text_checks.h"
#include "core/base/nearest.h"
#include "core/bus/topic.h"
#include "core/drivers/media/media.h"
#include "core/topics/topic_reference.h"

namespace engine::checking {
namespace {

// The filter with the levels of `name` in place of its wildcards.
std::string filled(const std::string& filter, const std::string& name) {
  const auto given = topic::levels(name);
  std::string result;
  size_t place = 0;
  topic::each_level(filter, [&](std::string_view level) {
    const bool wild = level == "+" || level == "#";
    if (place > 0) result += '/';
    result += wild && place < given.size() ? given[place] : level;
    ++place;
    return true;
  });
  return result;
}

class PolicyCheck {
 public:
  PolicyCheck(const std::string& path, const Outline& outline, TopicPolicies& policies)
      : path_(path), outline_(outline), policies_(policies) {}

  void check_call(const CallText& call) {
    const bool method = call.function.find(':') != std::string::npos;
    const bool publishes = call.function == "mqtt.publish";
    if (call.arguments.empty() || !(publishes || (method && call.name == "send"))) return;
    const TableText* options = call.arguments.size() > 2 ? call.arguments[2].table.get() : nullptr;
    check(call.arguments.front(), options, publishes);
  }

  // `place`: where the topic stands in each cue.
  void check_cues(const TableText& table, const char* key, size_t place) {
    const auto* list = table.find(key);
    if (!list || !list->value.table) return;
    for (const TableText::Item& item : list->value.table->items) {
      const TableText* cue = item.value.table.get();
      const auto* topic = cue ? cue->element(place) : nullptr;
      if (topic && cue->element(place + 1)) check(topic->value, cue, false);
    }
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  void check(const Value& topic, const TableText* options, bool published) {
    if (topic.kind != Value::Kind::text || !topic::check_name(topic.text)) return;
    if (!published && (is_audio_topic(topic.text) || is_video_topic(topic.text))) return;
    const TopicPolicy* policy = policies_.find(topic.text);
    if (!policy) return warn(topic.at, "topic-unknown", unknown(topic.text));
    if (!options) return;
    check_option(*options, "qos", std::to_string(policy->qos), *policy);
    check_option(*options, "retain", policy->retain ? "true" : "false", *policy);
    check_option(*options, "offline", to_word(policy->offline), *policy);
  }

  void check_option(const TableText& options, const char* name, const std::string& in_catalogue,
                    const TopicPolicy& policy) {
    const auto* item = options.find(name);
    const std::string written = item ? literal(item->value) : "";
    if (written.empty() || written == in_catalogue) return;
    warn(item->at, "topic-conflict",
         fmt::format("{} = {} here, but the catalogue has {} for '{}' ({})", name, written,
                     in_catalogue, policy.filter, policy.place));
  }

  // A number, text, true or false as it is written; empty for what is worked out.
  std::string literal(const Value& value) const {
    if (value.kind == Value::Kind::text) return value.text;
    if (value.kind == Value::Kind::number) return fmt::format("{}", value.number);
    const auto& tokens = outline_.tokens;
    const auto at = std::find_if(tokens.begin(), tokens.end(),
                                 [&](const Token& token) { return token.at == value.at; });
    if (at == tokens.end() || !(at->is("true") || at->is("false"))) return "";
    const Token& after = *(at + 1);  // The last one is Kind::end.
    return after.is(",") || after.is(";") || after.is("}") ? at->text : "";
  }

  std::string unknown(const std::string& name) const {
    std::vector<std::string> topics;
    for (const auto& listed : policies_.list())
      topics.push_back(filled(listed.policy.filter, name));
    const auto meant = nearest(name, topics);
    return fmt::format("no policy of the catalogue knows the topic '{}'{}", name,
                       meant ? fmt::format(", did you mean '{}'?", *meant) : "");
  }

  void warn(Position at, const char* code, std::string message) {
    findings_.push_back({path_, at, Finding::Severity::warning, code, std::move(message)});
  }

  const std::string& path_;
  const Outline& outline_;
  TopicPolicies& policies_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_policies(const std::string& path, const Outline& outline,
                                    TopicPolicies& policies) {
  if (policies.list().empty()) return {};
  PolicyCheck check(path, outline, policies);
  for (const CallText& call : outline.calls) check.check_call(call);
  for (const auto& table : outline.tables) {
    check.check_cues(*table, "cues", 2);
    check.check_cues(*table, "on_stop", 1);
  }
  return check.take();
}

}  // namespace engine::checking
