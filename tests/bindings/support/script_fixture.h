#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "bindings/rehearsal/rehearsal.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace engine::test {

// The runtime of a ScriptFixture.
inline Rehearsal::Options script_options(ScriptOptions scripts) {
  scripts.library_folders = {std::string(ENGINE_SOURCE_DIR) + "/scripts"};
  return {.scripts = std::move(scripts),
          .config = {{"site", "test"}, {"simulate", false}, {"values", {{"colour", "red"}}}}};
}

// A whole runtime without broker and in virtual time, and scripts in a folder of their own.
struct ScriptFixture {
  // First, because the end of the rest still writes to them.
  std::vector<std::string> published;
  std::vector<Fault> faults;
  std::vector<PerformanceReport> reports;
  CapturedLogs logs;
  Rehearsal rehearsal;
  VirtualClock& clock = rehearsal.clock;
  Timers& timers = rehearsal.timers;
  Bus& bus = rehearsal.bus;
  DeviceRegistry& devices = rehearsal.devices;
  FeedbackTracker& feedback = rehearsal.feedback;
  VirtualMedia& media = rehearsal.media;
  Stage& stage = rehearsal.stage;
  Services& services = rehearsal.services;
  ScriptHost& host = rehearsal.host;
  TempFolder folder;
  const size_t own_subscriptions = bus.subscriptions();  // The router's.

  // The budget is generous: it counts real time, and the machine may be busy.
  explicit ScriptFixture(ScriptOptions options = {.budget = std::chrono::seconds{20}})
      : rehearsal(logs, script_options(std::move(options))) {
    bus.on_outgoing = [this](const Message& m) { published.push_back(m.topic + "=" + m.payload); };
    stage.on_end.connect([this](const PerformanceReport& report) { reports.push_back(report); });
    host.on_fault.connect([this](const Fault& fault) { faults.push_back(fault); });
  }

  std::string write(const std::string& name, const std::string& text) {
    return folder.write(name, text).string();
  }
  // Loads test.lua with this text; fails the test if it does not load.
  void load(const std::string& text) {
    const auto loaded = host.add(write("test.lua", text));
    INFO((loaded ? std::string{} : loaded.error().message));
    REQUIRE(loaded);
  }
  // The error with which test.lua does not load.
  std::string load_error(const std::string& text) {
    const auto loaded = host.add(write("test.lua", text));
    REQUIRE_FALSE(loaded);
    return loaded.error().message;
  }
  void save(const std::string& text, const std::string& name = "test.lua") {
    host.file_changed(write(name, text));
  }
  void incoming(const std::string& topic, const std::string& payload = "", bool retain = false) {
    bus.deliver({.topic = topic, .payload = payload, .retain = retain, .received_at = clock.now()});
  }
  void tick(Duration by) { advance(clock, timers, by); }
  // Of scripts.
  size_t subscriptions() const { return bus.subscriptions() - own_subscriptions; }
  std::vector<std::string> taken() { return std::exchange(published, {}); }
  using Lines = std::vector<std::string>;
};

}  // namespace engine::test
