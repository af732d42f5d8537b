#include "bindings/rehearsal/test_file.h"

#include <fmt/format.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <deque>
#include <filesystem>
#include <memory>

#include "bindings/host/sandbox.h"
#include "bindings/host/source_file.h"
#include "bindings/rehearsal/test_world.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// A whole test, of the machine's time.
constexpr std::chrono::seconds kBudget{5};
constexpr size_t kLogLines = 20;

class LogTail final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  LogTail() { set_formatter(log_formatter(LogTime::none)); }
  std::vector<std::string> lines() const { return {lines_.begin(), lines_.end()}; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t buffer;
    formatter_->format(message, buffer);
    lines_.emplace_back(buffer.data(), buffer.size() > 0 ? buffer.size() - 1 : 0);
    if (lines_.size() > kLogLines) lines_.pop_front();
  }
  void flush_() override {}

  std::deque<std::string> lines_;
};

// scripts/engine/test.lua, loaded into the test script; leaves it on the stack.
void push_suite(lua_State* L) {
  push_environment(L);
  lua_getfield(L, -1, "require");
  lua_pushliteral(L, "engine.test");
  lua_call(L, 1, 1);
  lua_remove(L, -2);
}

// The test script in its world.
struct Stand {
  explicit Stand(const std::string& path, const Rehearsal::Options& options)
      : world(logs, options, fs::path(path).parent_path().string()),
        script(world.rehearsal.services, options.scripts, path,
               {watchdog, slow, [this](const Fault& fault) { own_faults.push_back(fault); }}) {}

  Result<void> load() {
    const auto source = SourceFile::read(script.path());
    if (!source) return tl::unexpected(source.error());
    const auto prepare = [this](lua_State* L) {
      open_test_world(L, world);
      push_suite(L);
    };
    auto loaded = script.load(source->text(), "", prepare);
    if (!loaded && !own_faults.empty()) return fail(own_faults.front().message);
    return loaded;
  }

  std::shared_ptr<LogTail> tail = std::make_shared<LogTail>();
  Logs logs{{tail}};
  std::vector<Fault> own_faults;
  TestWorld world;
  Watchdog watchdog{kBudget};
  SlowCallbacks slow{world.rehearsal.clock, logs, Duration::max()};
  Script script;
};

std::string name_of(Script& script, size_t number) {
  std::string name;
  script.run({"test"}, [&](lua_State* L) {
    push_suite(L);
    lua_getfield(L, -1, "name");
    lua_pushnumber(L, static_cast<double>(number) + 1);
    lua_call(L, 1, 1);
    if (lua_isstring(L, -1)) name = lua_tostring(L, -1);
  });
  return name;
}

std::string neighbour_of(const std::string& path) {
  constexpr std::string_view kEnding = "_test.lua";
  if (!path.ends_with(kEnding)) return {};
  const fs::path neighbour = path.substr(0, path.size() - kEnding.size()) + ".lua";
  return fs::exists(neighbour) ? neighbour.filename().string() : std::string{};
}

void run_test(Stand& stand, size_t number) {
  stand.script.commit(nullptr);
  stand.script.perform_staged();
  stand.script.run({"test"}, [&](lua_State* L) {
    push_suite(L);
    lua_getfield(L, -1, "run");
    lua_pushnumber(L, static_cast<double>(number) + 1);
    lua::call(L, 1, 0);
  });
}

}  // namespace

Result<std::vector<std::string>> TestFile::tests() const {
  Stand stand(path_, options_);
  if (const auto loaded = stand.load(); !loaded) return tl::unexpected(loaded.error());
  std::vector<std::string> names;
  for (std::string name; !(name = name_of(stand.script, names.size())).empty();) {
    names.push_back(name);
  }
  return names;
}

TestResult TestFile::run(size_t number) const {
  Stand stand(path_, options_);
  TestResult result{.file = path_, .name = {}, .failures = {}, .log = {}};
  Result<void> ready = stand.load();
  result.name = name_of(stand.script, number);
  const std::string neighbour = neighbour_of(path_);
  if (ready && !neighbour.empty()) ready = stand.world.load(neighbour);
  if (ready) {
    run_test(stand, number);
  } else {
    result.failures.push_back(ready.error().message);
  }
  for (const Fault& fault : stand.own_faults) result.failures.push_back(fault.message);
  for (const Fault& fault : stand.world.faults) {
    result.failures.push_back(
        fmt::format("a fault in {}: {}\n{}", fault.callback, fault.message, fault.traceback));
  }
  result.log = stand.tail->lines();
  result.seconds = stand.world.now();
  return result;
}

}  // namespace engine
