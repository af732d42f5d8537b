// A catalogue of topics: whatever the file holds, its definitions can be used, or errors say where.
#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/config/topic_definitions.h"
#include "core/topics/topic_policies.h"
#include "core/topics/topic_reference.h"
#include "tests/fuzz/input_file.h"

namespace engine::fuzz {
namespace {

// A name that the filter matches.
std::string example(const std::string& filter) {
  std::string name;
  for (const std::string_view level : split(filter, '/')) {
    name += level == "+" || level == "#" ? "x" : level;
    name += '/';
  }
  name.pop_back();
  return name;
}

void check_definition(const TopicPolicy& policy, TopicPolicies& policies) {
  expect(topic::check_filter(policy.filter).has_value(), "a filter is valid", policy.filter);
  expect(policy.qos >= 0 && policy.qos <= 2, "a QoS is 0, 1 or 2", policy.filter);
  expect(policy.max_age >= Duration::zero(), "an age is not negative", policy.filter);
  expect(!policy.rate || (policy.rate->messages > 0 && policy.rate->window > Duration::zero()),
         "a rate allows something", policy.filter);
  const std::string name = example(policy.filter);
  if (name.empty()) return;
  expect(policies.find(name) != nullptr, "a topic of a definition is found", name);
  Publication publication{.message = {.topic = name, .payload = "payload"}};
  for (int i = 0; i < 3; ++i) (void)policies.admit(publication);
}

}  // namespace

void one_input(std::string_view input) {
  static Logs logs({});
  static VirtualClock clock;
  const InputFile file(input);
  std::vector<Error> errors;
  const auto definitions =
      config::load_topics({.files = {file.path()}, .folders = {}, .topic_namespace = {}}, errors);
  for (const Error& error : errors) {
    expect(error.message.size() > 3 && is_utf8(error.message), "an error is text", error.message);
  }
  TopicPolicies policies(clock, logs);
  policies.set(definitions, 1'000'000);
  for (const TopicPolicy& policy : definitions) check_definition(policy, policies);
  expect(is_utf8(topics_markdown(definitions)), "the documentation is text");
  expect(topics_json(definitions).size() == definitions.size(), "each definition is listed");
}

}  // namespace engine::fuzz
