#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/bindings/support/script_fixture.h"
#include "tests/support/fake_link.h"

namespace engine::test {

// One run of the engine on a store that outlives it.
struct Run {
  std::vector<std::string> published;
  std::vector<std::string> ended;
  std::vector<ScriptReport> reports;
  CapturedLogs logs;
  Rehearsal rehearsal;

  Run(const std::filesystem::path& store, WallTime start) : rehearsal(logs, options(store, start)) {
    rehearsal.bus.on_outgoing = [this](const Message& m) {
      published.push_back(m.topic + "=" + m.payload);
    };
    rehearsal.stage.on_end.connect([this](const PerformanceReport& report) {
      static constexpr const char* kReasons[] = {" finished", " stopped", " failed"};
      ended.push_back(report.scene + kReasons[static_cast<int>(report.reason)]);
    });
    rehearsal.host.on_report.connect(
        [this](const ScriptReport& report) { reports.push_back(report); });
  }
  static Rehearsal::Options options(const std::filesystem::path& store, WallTime start) {
    Rehearsal::Options options = script_options({.budget = std::chrono::seconds{20}});
    options.store = store;
    options.start = start;
    return options;
  }
};

// An engine whose power is cut, and which is started again.
struct RestartFixture {
  using Lines = std::vector<std::string>;

  TempFolder folder;
  std::string script;  // What show.lua says; empty: there is none.
  std::string other;   // other.lua
  int runs = 0;
  FakeLink link;
  bool linked = false;  // Else the engine's bus stands alone.
  std::unique_ptr<Run> run;

  void start() { begin(VirtualClock().wall()); }
  // Nothing is written any more, not even what the end of the program would write.
  void cut_power_and_start(Duration away) {
    const int former = runs;
    for (const char* part : {"", "-wal"}) {
      const auto from = folder / (name(former) + part);
      if (std::filesystem::exists(from)) {
        std::filesystem::copy(from, folder / (name(former + 1) + part));
      }
    }
    begin(run->rehearsal.clock.wall() + std::chrono::duration_cast<WallTime::duration>(away));
  }
  // An orderly end and a start.
  void stop_and_start() {
    run->rehearsal.stage.stop_all(true);
    const WallTime now = run->rehearsal.clock.wall();
    run.reset();
    --runs;
    begin(now);
  }

  bool go(const std::string& scene) {
    Stage& stage = run->rehearsal.stage;
    return stage.control(*stage.find(scene))->go().has_value();
  }
  SceneStatus status(const std::string& scene) {
    Stage& stage = run->rehearsal.stage;
    return stage.control(*stage.find(scene))->status();
  }
  void tick(Duration by) { run->rehearsal.advance(by); }
  void incoming(const std::string& topic, const std::string& payload = "") {
    run->rehearsal.bus.deliver(
        {.topic = topic, .payload = payload, .received_at = run->rehearsal.clock.now()});
  }
  Lines taken() { return std::exchange(run->published, {}); }
  bool logged(const std::string& text) const { return run->logs.has(text); }

 private:
  static std::string name(int number) { return "store" + std::to_string(number) + ".sqlite"; }
  void begin(WallTime now) {
    run = std::make_unique<Run>(folder / name(++runs), now);
    if (linked) run->rehearsal.bus.attach(&link);
    load("show.lua", script);
    load("other.lua", other);
    run->rehearsal.recovery.run();
  }
  void load(const char* file, const std::string& text) {
    if (text.empty()) return;
    const auto loaded = run->rehearsal.host.add(folder.write(file, text).string());
    INFO((loaded ? std::string{} : loaded.error().message));
    REQUIRE(loaded);
  }
};

}  // namespace engine::test
