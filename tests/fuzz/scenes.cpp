// The five systems' scenes, all at once, as strangers talk to them: on any topic that they listen
// to, with any payload, in any order. No script has a fault.
#include <memory>

#include "core/bus/topic.h"
#include "core/config/topic_definitions.h"
#include "tests/fuzz/script_world.h"
#include "tests/support/fake_link.h"

namespace engine::fuzz {
namespace {

constexpr int kInputs = 500;  // Then it begins anew, so that what was kept does not pile up.
constexpr const char* kScenes[] = {
    "derby/race.lua",   "garage/garage.lua", "mower/hardware.lua", "mower/navigation.lua",
    "mower/power.lua",  "mower/safety.lua",  "mower/monitor.lua",  "mower/home_assistant.lua",
    "museum/ghost.lua", "museum/intro.lua",  "museum/riddle.lua",  "museum/room1.lua",
    "range/bridge.lua",
};

std::vector<TopicPolicy> catalogue() {
  std::vector<Error> errors;
  auto policies = config::load_topics(
      {.files = {}, .folders = {ENGINE_SOURCE_DIR "/config/topics"}, .topic_namespace = {}},
      errors);
  expect(errors.empty(), "the catalogues are good", errors.empty() ? "" : errors[0].message);
  return policies;
}

class Site {
 public:
  Site() : world_(catalogue()) {
    for (const char* scene : kScenes) {
      world_.load(std::string(ENGINE_SOURCE_DIR "/scenes/") + scene);
    }
    test::FakeLink link;
    world_.rehearsal().bus.attach(&link);
    for (const auto& [filter, id] : link.ids) filters_.push_back(filter);
    world_.rehearsal().bus.attach(nullptr);
  }

  // The first line is a topic, after a `!` for a retained message. Or a byte from 80 says which
  // filter, and what its wildcards stand for follows between blanks. The rest is the payload.
  void deliver(std::string_view text) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    const bool retained = line.starts_with('!');
    if (retained) line.remove_prefix(1);
    if (line.empty()) return;
    const auto first = static_cast<unsigned char>(line[0]);
    const std::string topic = first < 0x80
                                  ? std::string(line)
                                  : filled_in(filters_[first % filters_.size()], line.substr(1));
    if (!topic::check_name(topic)) return;
    world_.deliver({.topic = topic,
                    .payload = std::string(text.substr(std::min(end + 1, text.size()))),
                    .qos = 1,
                    .retain = retained});
    world_.rehearsal().advance(std::chrono::milliseconds{100});
  }

  void pass_time() { world_.rehearsal().advance(std::chrono::seconds{3}); }

 private:
  static std::string filled_in(std::string_view filter, std::string_view words) {
    const auto given = split(words, ' ');
    size_t next = 0;
    std::string topic;
    for (const std::string_view level : split(filter, '/')) {
      const bool wild = level == "+" || level == "#";
      topic += topic.empty() ? "" : "/";
      topic += !wild ? level : next < given.size() ? given[next++] : "x";
    }
    return topic;
  }

  ScriptWorld world_;
  std::vector<std::string> filters_;
};

}  // namespace

// Messages, with a byte 1e (record separator) between them.
void one_input(std::string_view input) {
  static std::unique_ptr<Site> site;
  static int inputs = 0;
  if (inputs++ % kInputs == 0) site = std::make_unique<Site>();
  for (const std::string_view message : split(input, '\x1e')) site->deliver(message);
  site->pass_time();
}

}  // namespace engine::fuzz
