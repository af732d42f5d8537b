#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "tests/bindings/support/registered.h"
#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

// "mqtt.subscribe" for each `function mqtt.subscribe(` in a file, "Handle:cancel" for methods.
void add_declared(const std::filesystem::path& file, Names& names) {
  static const std::regex kFunction(R"(^(?:local )?function (\w+(?:[.:]\w+)?)\()");
  std::ifstream stub(file);
  REQUIRE(stub);
  std::smatch match;
  for (std::string line; std::getline(stub, line);) {
    if (std::regex_search(line, match, kFunction)) names.insert(match[1]);
  }
}

std::filesystem::path types() {
  return std::filesystem::path(ENGINE_SOURCE_DIR) / "scripts" / "types";
}

Names declared() {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator(types())) {
    if (entry.is_regular_file()) add_declared(entry.path(), names);
  }
  return names;
}

Names without(const Names& from, const Names& those) {
  Names left;
  for (const std::string& name : from) {
    if (those.count(name) == 0) left.insert(name);
  }
  return left;
}

}  // namespace

TEST_CASE_METHOD(ScriptFixture, "types: the stubs declare what scripts find, and nothing else") {
  load("");
  const Names found = registered(*host.find((folder / "test.lua").string()));
  REQUIRE(found.count("mqtt.subscribe") == 1);
  CHECK(without(found, declared()) == Names{});
  CHECK(without(declared(), found) == Names{});
}

namespace {

// `text`, split at commas.
Names words(const std::string& text) {
  static const std::regex kWord(R"([\w.]+)");
  Names names;
  for (std::sregex_iterator at(text.begin(), text.end(), kWord), end; at != end; ++at) {
    names.insert(at->str());
  }
  return names;
}

// The named fields of each class of all stubs, with those of the class it extends.
std::map<std::string, Names> declared_fields() {
  static const std::regex kClass(R"(^---@class ([\w.]+)(?:: ([\w.]+))?)");
  static const std::regex kField(R"(^---@field (\w+)\??)");
  std::map<std::string, Names> fields;
  std::map<std::string, std::string> parents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(types())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stub(entry.path());
    std::smatch match;
    std::string klass;
    for (std::string line; std::getline(stub, line);) {
      if (std::regex_search(line, match, kClass)) {
        klass = match[1];
        fields[klass];
        if (match[2].matched) parents[klass] = match[2];
      } else if (std::regex_search(line, match, kField)) {
        fields[klass].insert(match[1]);
      }
    }
  }
  for (const auto& [klass, first] : parents) {
    for (std::string parent = first; !parent.empty(); parent = parents[parent]) {
      fields[klass].insert(fields[parent].begin(), fields[parent].end());
      if (parents.count(parent) == 0) break;
    }
  }
  return fields;
}

struct OptionsOf {
  const char* klass;
  const char* call;  // With an option that nothing knows.
};

const OptionsOf kOptions[] = {
    {"mqtt.SubscribeOptions", "mqtt.subscribe('a', print, { zzzzzzzzzz = 1 })"},
    {"mqtt.PublishOptions", "mqtt.publish('a', 1, { zzzzzzzzzz = 1 })"},
    {"stage.Declaration", "stage.add { name = 'x', control = {}, zzzzzzzzzz = 1 }"},
    {"stage.Control", "stage.add { name = 'x', control = { zzzzzzzzzz = 1 } }"},
    {"engine.SceneOptions", "scene 'x' { zzzzzzzzzz = 1 }"},
    {"engine.Cue", "scene 'x' { cues = { { 1, 'a', 1, zzzzzzzzzz = 1 } } }"},
    {"engine.StopCue", "scene 'x' { story = print, on_stop = { { 'a', 1, zzzzzzzzzz = 1 } } }"},
    {"engine.Trigger", "scene 'x' { story = print, trigger = { 'a', zzzzzzzzzz = 1 } }"},
    {"engine.StateMachineOptions", "machine 'x' { zzzzzzzzzz = 1 }"},
    {"engine.State", "machine 'x' { initial = 'a', states = { a = { zzzzzzzzzz = 1 } } }"},
    {"engine.Action",
     "machine 'x' { initial = 'a', states = { a = { on_enter = { { 'a', 1, zzzzzzzzzz = 1 } } } } "
     "}"},
    {"engine.TimedAction",
     "machine 'x' { initial = 'a', states = { a = { timeline = { { 1, 'a', 1, zzzzzzzzzz = 1 } } } "
     "} }"},
    {"engine.Transition",
     "machine 'x' { initial = 'a', states = { a = { transitions = { { zzzzzzzzzz = 1 } } } } }"},
    {"engine.HitDetectorOptions", "require 'engine.impact'.detector { zzzzzzzzzz = 1 }"},
    {"engine.OnsetDetectorOptions", "require 'engine.impact'.onset { zzzzzzzzzz = 1 }"},
    {"engine.CalibrationOptions", "require 'engine.impact'.calibration { zzzzzzzzzz = 1 }"},
    {"engine.CorrelateOptions", "require 'engine.correlate' { zzzzzzzzzz = 1 }"},
    {"engine.LearningOptions", "require 'engine.correlate' { learning = { zzzzzzzzzz = 1 } }"},
    {"engine.RangeOptions", "require 'engine.range' { zzzzzzzzzz = 1 }"},
    {"engine.RangeSensor", "require 'engine.range' { sensors = { { zzzzzzzzzz = 1 } } }"},
    {"engine.RangeTimer",
     "require 'engine.range' { sensors = { { id = 'a' } }, timer = { zzzzzzzzzz = 1 } }"},
    {"engine.RangeStage",
     "require 'engine.range' { sensors = { { id = 'a' } }, stage = { zzzzzzzzzz = 1 } }"},
    {"engine.RangeTarget",
     "require 'engine.range' { sensors = { { id = 'a' } }, stage = { targets = { { zzzzzzzzzz = 1 "
     "} "
     "} } }"},
    {"engine.VirtualDeviceOptions", "require 'engine.virtual_device' { zzzzzzzzzz = 1 }"},
    {"engine.RaceOptions", "require 'engine.race' 'x' { zzzzzzzzzz = 1 }"},
    {"engine.RaceSource", "require 'engine.race' 'x' { lanes = 2, source = { zzzzzzzzzz = 1 } }"},
    {"engine.Heat", "require 'engine.race' 'x' { lanes = 2, heats = { { 1, zzzzzzzzzz = 1 } } }"},
    {"engine.HomeAssistantOptions", "require 'engine.home_assistant'.device { zzzzzzzzzz = 1 }"},
    {"engine.GarageOptions", "require 'engine.battery'.garage { zzzzzzzzzz = 1 }"},
    {"engine.BatteryOptions",
     "require 'engine.battery'.garage { batteries = { ['AA:BB:CC:DD:EE:FF'] = { zzzzzzzzzz = 1 } } "
     "}"},
    {"engine.BatteryAlert",
     "require 'engine.battery'.garage { alerts = { mine = { zzzzzzzzzz = 1 } } }"},
    {"engine.BatteryHomeAssistant",
     "require 'engine.battery'.garage { home_assistant = { zzzzzzzzzz = 1 } }"},
    {"engine.BatteryReading",
     "require 'engine.battery'.garage { batteries = { ['AA:BB:CC:DD:EE:FF'] = {} } }\n"
     ":battery('AA:BB:CC:DD:EE:FF'):reading { zzzzzzzzzz = 1 }"},
    {"engine.BatteryStatus",
     "require 'engine.battery'.garage { batteries = { ['AA:BB:CC:DD:EE:FF'] = {} } }\n"
     ":battery('AA:BB:CC:DD:EE:FF'):status { zzzzzzzzzz = 1 }"},
    {"engine.DiscoveredBattery",
     "require 'engine.battery'.garage {}:discovered { zzzzzzzzzz = 1 }"},
    {"engine.CommandOptions", "scene('s', function(s) s:send('a', 1, { zzzzzzzzzz = 1 }) end)"},
    {"engine.PlayOptions", "scene('s', function(s) s:play('a', { zzzzzzzzzz = 1 }) end)"},
    {"engine.VideoOptions", "scene('s', function(s) s:video('a', { zzzzzzzzzz = 1 }) end)"},
    {"engine.WaitAny", "scene('s', function(s) s:wait_any { { 'a' }, zzzzzzzzzz = 1 } end)"},
    {"mqtt.RequestOptions", "mqtt.request('a', 1, { zzzzzzzzzz = 1 })"},
    {"engine.ServiceOptions", "require 'engine.service' 'x' { zzzzzzzzzz = 1 }"},
    {"engine.SensorData", "require('engine.message').sensor_data { zzzzzzzzzz = 1 }"},
    {"engine.CommandMessage", "require('engine.message').command { zzzzzzzzzz = 1 }"},
    {"engine.ResponseMessage", "require('engine.message').response { zzzzzzzzzz = 1 }"},
    {"engine.StatusMessage", "require('engine.message').status { zzzzzzzzzz = 1 }"},
    {"engine.EventMessage", "require('engine.message').event { zzzzzzzzzz = 1 }"},
    {"engine.HeartbeatMessage", "require('engine.message').heartbeat { zzzzzzzzzz = 1 }"},
    {"engine.AlertMessage", "require('engine.message').alert { zzzzzzzzzz = 1 }"},
    {"engine.MessageSubscribeOptions",
     "require('engine.message').subscribe('a', print, { zzzzzzzzzz = 1 })"},
    {"stage.SendOptions",
     "local sc sc = stage.add { name = 's', control = { go = function()\n"
     "local p = sc:begin() p:send(1, 0, 'a', 1, { zzzzzzzzzz = 1 }) end } }"},
};

// A library's functions by the names that its stub gives them: itself, and those in its table.
const char* kListLibrary =
    "local function list(name, module)\n"
    "  if type(module) == 'function' then mqtt.publish('f', name) end\n"
    "  for key, value in pairs(type(module) == 'table' and module or {}) do\n"
    "    if type(value) == 'function' then mqtt.publish('f', name .. '.' .. key) end\n"
    "  end\n"
    "end\n";

}  // namespace

TEST_CASE("types: the stubs of the library declare what it offers") {
  for (const auto& entry : std::filesystem::directory_iterator(types() / ".." / "engine")) {
    const std::string name = entry.path().stem().string();
    // The one is a script, the other the prelude of tests.
    if (entry.is_directory() || name == "simulate" || name == "test") continue;
    INFO(name);
    ScriptFixture show;
    show.load(kListLibrary + ("list('" + name + "', require 'engine." + name + "')"));
    Names found;
    for (const std::string& line : show.taken()) found.insert(line.substr(2));
    Names stub;
    add_declared(types() / "engine" / (name + ".lua"), stub);
    for (auto at = stub.begin(); at != stub.end();) {  // Methods: see below.
      at = at->find(':') == at->npos ? std::next(at) : stub.erase(at);
    }
    CHECK(found == stub);
  }
}

TEST_CASE_METHOD(ScriptFixture, "types: the stub of scenes and stories declares their methods") {
  load(
      "local function list(class, methods)\n"
      "  for name, value in pairs(methods) do\n"
      "    if type(value) == 'function' then mqtt.publish('s', class .. name) end\n"
      "  end\n"
      "end\n"
      "list('Story:', require('engine.scene.waits').Teller)\n"
      "list('Scene:', getmetatable(require 'engine.scene'('x', print)))");
  // What other parts of the library call.
  Names found{"scene.find"}, inner{"Scene:perform", "Scene:ended"};
  for (const std::string& line : taken()) {
    if (inner.count(line.substr(2)) == 0) found.insert(line.substr(2));
  }
  Names stub;
  add_declared(types() / "engine" / "scene.lua", stub);
  CHECK(found == stub);
}

TEST_CASE_METHOD(ScriptFixture, "types: the stub of races declares their methods") {
  load(
      "for name, value in pairs(getmetatable(require 'engine.race' 'x' { lanes = 1 })) do\n"
      "  if type(value) == 'function' then mqtt.publish('s', 'Race:' .. name) end\n"
      "end\n");
  // What other parts of the library call.
  Names found{"race.rotation", "race.display"};
  const Names inner{"Race:stage_drawn", "Race:stage_named",    "Race:tell",   "Race:tell_pending",
                    "Race:show",        "Race:show_standings", "Race:unready"};
  for (const std::string& line : taken()) {
    if (line.starts_with("s=") && inner.count(line.substr(2)) == 0) found.insert(line.substr(2));
  }
  Names stub;
  add_declared(types() / "engine" / "race.lua", stub);
  CHECK(found == stub);
}

TEST_CASE("types: the stubs declare the options that are known, and no others") {
  const auto fields = declared_fields();
  static const std::regex kKnown(R"(zzzzzzzzzz'; known are ([\w, ]+))");
  for (const OptionsOf& row : kOptions) {
    INFO(row.klass);
    ScriptFixture show;
    const auto loaded = show.host.add(
        show.write("test.lua", std::string("local scene, machine = require 'engine.scene', require "
                                           "'engine.state_machine'\n") +
                                   row.call + "\nprint(scene, machine)"));
    if (loaded) show.stage.control(*show.stage.find("s"))->go();
    const std::string text = loaded ? show.faults.at(0).message : loaded.error().message;
    INFO(text);
    std::smatch match;
    REQUIRE(std::regex_search(text, match, kKnown));
    CHECK(words(match[1]) == fields.at(row.klass));
  }
}

TEST_CASE("types: every stub names itself as one") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(types())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stub(entry.path());
    std::string line;
    std::getline(stub, line);
    INFO(entry.path());
    CHECK(line.starts_with("---@meta"));
  }
}
