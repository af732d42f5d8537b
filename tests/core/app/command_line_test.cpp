#include "core/app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "tests/support/catch.h"

using namespace engine;

namespace {

using Mode = CommandLine::Mode;

struct Convert final : Subcommand {
  const char* name() const override { return "convert"; }
  const char* summary() const override { return "Turns one thing into another"; }
  void declare(CLI::App& app) override {
    app.add_option("file", file);
    app.add_option("-o,--output", output);
  }
  int run() override { return 0; }
  std::string file;
  std::string output;
};

// Lives as long as the lines that point to it.
const Subcommands& commands() {
  static Subcommands all;
  all.clear();
  all.push_back(std::make_unique<Convert>());
  return all;
}

CommandLine parse(std::vector<std::string> arguments) {
  auto line = parse_command_line(std::move(arguments), commands());
  if (!line) FAIL(line.error().message);
  return *line;
}

std::string error(std::vector<std::string> arguments) {
  const auto line = parse_command_line(std::move(arguments), commands());
  REQUIRE_FALSE(line);
  CHECK(line.error().message.find('\n') == std::string::npos);
  return line.error().message;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string settings(const CommandLine& line) {
  std::string all;
  for (const Setting& s : line.settings) all += s.option + " " + s.key + "=" + s.value + ";";
  return all;
}

}  // namespace

TEST_CASE("scene files may be given in every usual way, and keep their order") {
  using Files = std::vector<std::filesystem::path>;
  CHECK(parse({"--scene", "a.lua", "b.lua"}).scenes == Files{"a.lua", "b.lua"});
  CHECK(parse({"--scene", "a.lua", "--scene=b.lua"}).scenes == Files{"a.lua", "b.lua"});
  CHECK(parse({"a.lua", "--scene", "b.lua", "--once", "c.lua"}).scenes ==
        Files{"a.lua", "b.lua", "c.lua"});
  CHECK(parse({"--scene", "a.lua", "--set", "site=x", "b.lua"}).scenes == Files{"a.lua", "b.lua"});
  CHECK(parse({}).scenes.empty());
  CHECK(parse({"--scenes", "a", "b.lua", "--scenes=c"}).scene_folders == Files{"a", "c"});
  CHECK(parse({"--scenes", "a", "b.lua", "--scenes=c"}).scenes == Files{"b.lua"});
}

TEST_CASE("options of a run") {
  const CommandLine line = parse({"--scene", "a.lua", "--start", "ghost", "--once", "--config",
                                  "e.toml", "--state", "/tmp/s"});
  CHECK(line.mode == Mode::run);
  CHECK(line.start == "ghost");
  CHECK(line.once);
  CHECK(line.config == std::filesystem::path("e.toml"));
  CHECK(line.state == std::filesystem::path("/tmp/s"));
  const CommandLine bare = parse({"a.lua"});
  CHECK(bare.start.empty());
  CHECK_FALSE(bare.once);
  CHECK_FALSE(bare.config);
  CHECK_FALSE(bare.state);
  CHECK(bare.settings.empty());
}

TEST_CASE("options that stand for keys of the configuration come after --set") {
  const CommandLine line =
      parse({"--log-level", "debug", "--broker", "tcp://h:1", "--simulate", "--audio", "null",
             "--set", "mqtt.version=5", "--set=values.text=a=b"});
  CHECK(settings(line) ==
        "--set mqtt.version=5;--set values.text=a=b;--broker mqtt.address=tcp://h:1;"
        "--simulate simulate.enabled=true;--audio media.audio=null;--log-level log.level=debug;");
  const auto config =
      load_config({std::nullopt, line.settings, [](auto&) { return std::nullopt; }});
  REQUIRE(config);
  CHECK(config->mqtt.addresses == std::vector<std::string>{"tcp://h:1"});
  CHECK(config->simulate.enabled);
  CHECK(config->media.audio == "null");
  CHECK(config->log.level == spdlog::level::debug);
}

TEST_CASE("usage errors are one line that says what is wrong") {
  CHECK(error({"--scen", "a.lua"}) ==
        "unknown option '--scen', did you mean '--scene'? (see engine --help)");
  CHECK(error({"--brokr=tcp://h", "a.lua"}) ==
        "unknown option '--brokr', did you mean '--broker'? (see engine --help)");
  CHECK(error({"--frobnicate"}) == "unknown option '--frobnicate' (see engine --help)");
  CHECK(error({"-x"}) == "unknown option '-x' (see engine --help)");
  CHECK(has(error({"--set", "mqtt"}), "--set: 'mqtt' is not key=value"));
  CHECK(has(error({"--set", "=5"}), "--set: '=5' is not key=value"));
  CHECK(has(error({"--set"}), "--set"));
  CHECK(has(error({"--start"}), "--start"));
  CHECK(has(error({"--config", ""}), "--config: its value is empty"));
  CHECK(has(error({"--scene", ""}), "a file name is empty"));
  CHECK(has(error({"--once=no"}), "once"));
  CHECK(has(error({"--config", "a", "--config", "b"}), "--config"));
}

TEST_CASE("a subcommand has options and arguments of its own") {
  const CommandLine line = parse({"convert", "a.json", "-o", "a.lua"});
  REQUIRE(line.mode == Mode::subcommand);
  const auto& convert = dynamic_cast<const Convert&>(*line.subcommand);
  CHECK(convert.file == "a.json");
  CHECK(convert.output == "a.lua");
  CHECK(has(error({"convert", "a", "b"}), "unexpected argument 'b'"));
  CHECK(has(error({"convert", "a", "--outptu", "b"}), "did you mean '--output'?"));
}

TEST_CASE("help names every option, the exit codes, files and environment") {
  const CommandLine line = parse({"--scene", "a.lua", "--help"});
  CHECK(line.mode == Mode::print_text);
  for (const char* part : {"--scene FILE", "--start", "--once", "--simulate", "--audio", "--broker",
                           "--config", "--set KEY=VALUE", "--state", "--log-level", "--version",
                           "convert", "Examples:", "Exit codes:\n  0 ", "\n  3 ", "\n  1 ",
                           "XDG_STATE_HOME", "ENGINE_MQTT_PASSWORD", "NO_COLOR"}) {
    INFO(part);
    CHECK(has(line.text, part));
  }
  CHECK_FALSE(has(line.text, "\n\n\n"));
  const CommandLine convert = parse({"convert", "--help"});
  CHECK(has(convert.text, "engine convert"));
  CHECK(has(convert.text, "--output"));
  CHECK_FALSE(has(convert.text, "--broker"));
}

TEST_CASE("version and configuration are printed instead of running") {
  CHECK(parse({"--version"}).text.starts_with("engine "));
  CHECK(parse({"--print-config"}).text == config_reference());
}
