#include "core/config/topic_definitions.h"

#include <filesystem>

#include "core/config/changes.h"
#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

struct Fixture {
  TempFolder folder;
  config::TopicFiles from;
  std::vector<std::string> errors;

  void write(const std::string& name, const std::string& content) {
    from.files.push_back(folder.write(name, content));
  }
  std::vector<TopicPolicy> load() {
    std::vector<Error> found;
    auto policies = config::load_topics(from, found);
    errors.clear();
    for (const Error& error : found) {
      std::string message = error.message;
      for (size_t at; (at = message.find(folder.path().string() + "/")) != message.npos;) {
        message.erase(at, folder.path().string().size() + 1);
      }
      errors.push_back(message);
    }
    return policies;
  }
  std::vector<std::string> filters() {
    std::vector<std::string> names;
    for (const TopicPolicy& policy : load()) names.push_back(policy.filter);
    return names;
  }
};

using Lines = std::vector<std::string>;

const std::string kTopics = "[[topics]]\n";

}  // namespace

TEST_CASE_METHOD(Fixture, "catalogue: every key") {
  write("a.toml", R"([[topics]]
filter = "sensors/+/data"
description = "Readings"
qos = 1
retain = true
rate = { messages = 100, window = 30.5, per = "topic" }
max_size = 10000
max_age = 300
offline = "queue"
priority = "high"
compress_over = 500
)");
  const auto policies = load();
  REQUIRE(errors.empty());
  REQUIRE(policies.size() == 1);
  const TopicPolicy& policy = policies[0];
  CHECK(policy.filter == "sensors/+/data");
  CHECK(policy.description == "Readings");
  CHECK(policy.qos == 1);
  CHECK(policy.retain);
  CHECK(policy.rate == RateLimit{100, 30'500ms, true});
  CHECK(policy.max_size == 10'000);
  CHECK(policy.max_age == 300s);
  CHECK(policy.offline == Offline::queue);
  CHECK(policy.priority == TopicPriority::high);
  CHECK(policy.compress_over == 500);
  CHECK(policy.place == (folder / "a.toml").string() + ":1");
}

TEST_CASE_METHOD(Fixture, "catalogue: what is left out follows from the rest") {
  write("a.toml", kTopics + "filter = \"cue\"\n" + kTopics + "filter = \"reading\"\nqos = 1\n" +
                      kTopics + "filter = \"status\"\nqos = 1\nretain = true\n" + kTopics +
                      "filter = \"bulk\"\ncompress = true\nrate = { messages = 5 }\n" + kTopics +
                      "filter = \"not\"\ncompress = false\ncompress_over = 7\n");
  const auto policies = load();
  REQUIRE(policies.size() == 5);
  CHECK(policies[0].offline == Offline::drop);
  CHECK(policies[1].offline == Offline::queue);
  CHECK(policies[2].offline == Offline::latest);
  CHECK(policies[3].compress_over == 1000);
  CHECK(policies[3].rate == RateLimit{5, 60s, false});
  CHECK_FALSE(policies[4].compress_over);
  CHECK_FALSE(policies[0].rate);
}

TEST_CASE_METHOD(Fixture, "catalogue: filters stand in a namespace, which is never doubled") {
  const std::string own = "namespace = \"lawnberry\"\n";
  const std::string topics = kTopics + "filter = \"sensors/+/data\"\n" + kTopics +
                             "filter = \"lawnberry/power/#\"\n" + kTopics +
                             "filter = \"lawnberry\"\n" + kTopics + "filter = \"lawnberryx\"\n" +
                             kTopics + "filter = \"homeassistant/#\"\nnamespace = \"\"\n";
  write("a.toml", own + topics);
  CHECK(filters() == Lines{"lawnberry/sensors/+/data", "lawnberry/power/#", "lawnberry",
                           "lawnberry/lawnberryx", "homeassistant/#"});
  from.topic_namespace = "site1/mower";  // The site's own wins.
  CHECK(filters() == Lines{"site1/mower/sensors/+/data", "site1/mower/lawnberry/power/#",
                           "site1/mower/lawnberry", "site1/mower/lawnberryx", "homeassistant/#"});
  from = {.files = {}, .folders = {}, .topic_namespace = "lawnberry"};
  write("b.toml", topics);
  CHECK(filters()[0] == "lawnberry/sensors/+/data");
  CHECK(filters()[1] == "lawnberry/power/#");
}

TEST_CASE_METHOD(Fixture, "catalogue: mistakes are told with their place and what was meant") {
  struct Case {
    std::string content;
    std::string error;
  };
  const auto [content, error] = GENERATE(values<Case>({
      {kTopics + "filter = \"a\"\nretian = true",
       "a.toml:3:1: topics[1]: unknown key 'retian', did you mean 'retain'?"},
      {kTopics + "filter = \"a\"\nxyzzy = true",
       "a.toml:3:1: topics[1]: unknown key 'xyzzy'; [[topics]] has compress compress_over "},
      {"topcs = 1", "a.toml:1:1: unknown key 'topcs', did you mean 'topics'?"},
      {"topics = 1", "a.toml:1:10: topics: expected definitions, [[topics]], found the integer 1"},
      {"topics = [1]", "a.toml:1:11: topics[1]: expected a definition, [[topics]], found the"},
      {kTopics + "qos = 1", "a.toml:1:1: topics[1]: has no filter"},
      {kTopics + "filter = \"a/#/b\"", "a.toml:2:10: topics[1].filter: topic filter 'a/#/b': '#'"},
      {kTopics + "filter = 5", "a.toml:2:10: topics[1].filter: expected text in quotes, found the"},
      {kTopics + "filter = \"a\"\nqos = 3", "a.toml:3:7: topics[1].qos: 3 is not a QoS (0-2)"},
      {kTopics + "filter = \"a\"\nqos = \"1\"", "a.toml:3:7: topics[1].qos: expected an integer"},
      {kTopics + "filter = \"a\"\nretain = 1", "a.toml:3:10: topics[1].retain: expected true or"},
      {kTopics + "filter = \"a\"\noffline = \"qeue\"",
       "a.toml:3:11: topics[1].offline: \"qeue\" is not one of \"drop\" \"queue\" \"latest\"; did "
       "you mean \"queue\"?"},
      {kTopics + "filter = \"a\"\npriority = 3",
       "a.toml:3:12: topics[1].priority: expected one of"},
      {kTopics + "filter = \"a\"\nrate = 5", "a.toml:3:8: topics[1].rate: expected { messages ="},
      {kTopics + "filter = \"a\"\nrate = { window = 5 }", "a.toml:3:8: topics[1].rate: expected {"},
      {kTopics + "filter = \"a\"\nrate = { messages = 0 }",
       "a.toml:3:21: topics[1].rate.messages: 0 is not a number of messages"},
      {kTopics + "filter = \"a\"\nrate = { messages = 5, windw = 5 }",
       "a.toml:3:24: topics[1].rate: unknown key 'windw', did you mean 'window'?"},
      {kTopics + "filter = \"a\"\nrate = { messages = 5, window = 0 }",
       "a.toml:3:33: topics[1].rate.window: 0 is not a time in seconds"},
      {kTopics + "filter = \"a\"\nmax_size = -1",
       "a.toml:3:12: topics[1].max_size: -1 is not a si"},
      {kTopics + "filter = \"a\"\nmax_age = nan", "a.toml:3:11: topics[1].max_age: nan is not a t"},
      {kTopics + "filter = \"a\"\nnamespace = \"x/\"",
       "a.toml:3:13: topics[1].namespace: 'x/' must"},
      {"namespace = \"x/+\"", "a.toml:1:13: namespace: topic 'x/+' has a wildcard"},
      {"[[topics]\n", "a.toml:1:"},
  }));
  write("a.toml", content);
  load();
  INFO(content);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].substr(0, error.size()) == error);
}

TEST_CASE_METHOD(Fixture, "catalogue: a definition that is never reached is a mistake") {
  write("a.toml", kTopics + "filter = \"a/+\"\n" + kTopics + "filter = \"b/#\"\n" + kTopics +
                      "filter = \"c\"\n");
  for (const char* reached : {"a/#", "a/+/c", "a", "+/b", "x/b", "c/#", "$SYS/#"}) {
    write("b.toml", kTopics + "filter = \"" + reached + "\"\n");
    INFO(reached);
    CHECK(load().size() == 4);
    CHECK(errors.empty());
    from.files.pop_back();
  }
  for (const char* unreached : {"a/b", "a/+", "b", "b/x/+", "b/#", "c"}) {
    write("b.toml", kTopics + "filter = \"" + unreached + "\"\nqos = 1\n");
    load();
    INFO(unreached);
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].starts_with("b.toml:2:10: topics[1]: '"));
    CHECK(has(errors[0], "is never reached: '"));
    from.files.pop_back();
  }
}

TEST_CASE_METHOD(Fixture, "catalogue: two that agree on a filter may both have it") {
  const std::string same = kTopics + "filter = \"shared/#\"\nqos = 1\n";
  write("a.toml", same + "description = \"one\"\n");
  write("b.toml", same + "description = \"two\"\n");
  const auto policies = load();
  CHECK(errors.empty());
  REQUIRE(policies.size() == 1);
  CHECK(policies[0].description == "one");
  from.files.pop_back();
  write("a.toml", same + same);  // In one file it is a mistake.
  load();
  CHECK(errors.size() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "catalogue: the files of a folder are read in order of name, none twice") {
  from.folders.push_back(folder.path());
  folder.write("b.toml", kTopics + "filter = \"b\"\n");
  from.files.push_back(folder.write("c.toml", kTopics + "filter = \"c\"\n"));
  folder.write("a.toml", kTopics + "filter = \"a\"\n");
  folder.write("d.txt", "no catalogue");
  folder.write(".e.toml", "none either");
  CHECK(filters() == Lines{"c", "a", "b"});
  from.folders.push_back(folder / "missing");
  load();
  REQUIRE(errors.size() == 1);
  CHECK(errors[0] == "topics.folders: missing: No such file or directory");
}

TEST_CASE("catalogue: its mistakes are mistakes of the configuration") {
  ConfigFixture config;
  config.folder().write("topics.toml", "[[topics]]\nfilter = \"a\"\nqs = 1\n");
  config.file("[topics]\nfiles = [\"topics.toml\", \"missing.toml\"]\n");
  const auto errors = config.errors();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0] == (config.folder() / "topics.toml").string() +
                         ":3:1: topics[1]: unknown key 'qs', did you mean 'qos'?");
  CHECK(has(errors[1], "missing.toml"));
}

TEST_CASE("catalogue: a change of it is a change of the configuration, and live") {
  ConfigFixture before, now;
  before.folder().write("topics.toml", "[[topics]]\nfilter = \"a\"\n");
  before.file("[topics]\nfiles = [\"topics.toml\"]\n");
  const Config was = before.load();
  before.folder().write("topics.toml", "[[topics]]\nfilter = \"a\"\nqos = 1\n");
  const auto changes = config_changes(was, before.load());
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].key == "the catalogue of topics");
  CHECK(changes[0].value == "1 definition");
  CHECK(changes[0].live);
}
