#include "tests/fuzz/script_world.h"

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <array>
#include <functional>
#include <utility>

namespace engine::fuzz {
namespace {

// libFuzzer reads what is in this section as if the compiler had counted there.
__attribute__((section("__libfuzzer_extra_counters"))) std::array<uint8_t, 1U << 15U> lua_lines;

// Counts steps from line to line, as the compiler counts edges.
void count_line(lua_State* L, lua_Debug* at) {
  static size_t before = 0;
  lua_getinfo(L, "S", at);
  const size_t file = std::hash<std::string_view>{}(at->short_src);
  const size_t here = file + 0x9e3779b9U * static_cast<size_t>(at->currentline);
  uint8_t& count = lua_lines[(here ^ before) % lua_lines.size()];
  if (count < UINT8_MAX) ++count;
  before = here >> 1U;
}

void count_lines(Script& script) {
  script.run({"fuzz"}, [](lua_State* L) {
    luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);  // Compiled code has no lines.
    lua_sethook(L, count_line, LUA_MASKLINE, 0);
  });
}

// How Lua words what is wrong with a script, and not with what it was given.
struct Words {
  const char* text;
  bool given = false;  // An input has said it, and scripts may repeat it.
};
std::array<Words, 4> luas_own{Words{"attempt to "}, Words{"bad argument #"},
                              Words{"stack overflow"}, Words{"not enough memory"}};

void note_given(std::string_view text) {
  for (Words& own : luas_own) own.given |= text.find(own.text) != text.npos;
}

void check_text(std::string_view text) {
  for (const Words& own : luas_own) {
    expect(own.given || text.find(own.text) == text.npos, "no error of Lua's own is told", text);
  }
}

struct CheckingSink final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    check_text({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}
};

}  // namespace

ScriptWorld::ScriptWorld(std::vector<TopicPolicy> topics)
    : logs_({std::make_shared<CheckingSink>()}), rehearsal_(logs_, options(std::move(topics))) {
  rehearsal_.host.on_fault.connect([](const Fault& fault) {
    expect(false, "a script has no fault",
           fault.script + ", " + fault.callback + ": " + fault.message + "\n" + fault.traceback);
  });
  rehearsal_.bus.on_outgoing = [](const Message& message) { check_text(message.payload); };
}

Rehearsal::Options ScriptWorld::options(std::vector<TopicPolicy> topics) {
  return {.scripts = {.budget = std::chrono::seconds{20},
                      .library_folders = {ENGINE_SOURCE_DIR "/scripts"}},
          .topics = std::move(topics),
          .most_decompressed = 1'000'000};
}

void ScriptWorld::load(const std::string& path) {
  const auto loaded = rehearsal_.host.add(path);
  expect(loaded.has_value(), "the script loads", loaded ? "" : loaded.error().message);
  count_lines(*rehearsal_.host.find(path));
}

void ScriptWorld::deliver(Message message) {
  note_given(message.topic);
  note_given(message.payload);
  message.received_at = rehearsal_.clock.now();
  rehearsal_.bus.deliver(message);
}

}  // namespace engine::fuzz
