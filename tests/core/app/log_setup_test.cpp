#include "core/app/log_setup.h"

#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using engine::test::read_file;
using engine::test::TempFolder;

namespace {

struct Sink {
  std::ostringstream text;
  spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text);
  Sink() { sink->set_formatter(log_formatter(LogTime::none)); }
};

}  // namespace

TEST_CASE("each logger has its level, the others the common one") {
  Sink terminal;
  Config::Log config;
  config.level = spdlog::level::warn;
  config.levels["mqtt_feedback"] = spdlog::level::debug;
  config.levels["scene"] = spdlog::level::off;
  {
    const auto logs = make_logs(config, {terminal.sink});
    REQUIRE(logs);
    (*logs)->get("mqtt").info("no");
    (*logs)->get("mqtt").warn("yes");
    (*logs)->get("mqtt_feedback").debug("yes");
    (*logs)->get("scene").critical("no");
  }
  CHECK(terminal.text.str() == "[WARNING] mqtt - yes\n[DEBUG] mqtt_feedback - yes\n");
}

TEST_CASE("levels can change while the program runs") {
  Sink terminal;
  Logs logs({terminal.sink});
  Config::Log config;
  set_levels(logs, config);
  logs.get("mqtt").debug("no");
  config.level = spdlog::level::debug;
  set_levels(logs, config);
  logs.get("mqtt").debug("yes");
  CHECK(terminal.text.str() == "[DEBUG] mqtt - yes\n");
}

TEST_CASE("a log file is made with its folder, and its lines have the date and nothing harmful") {
  TempFolder temp;
  Sink terminal;
  Config::Log config;
  config.file = temp / "logs/engine.log";
  {
    const auto logs = make_logs(config, {terminal.sink});
    REQUIRE(logs);
    (*logs)->get("mqtt").info("✅ \x1b[2J\u009b");
  }
  const std::string line = read_file(config.file);
  CHECK(line.substr(0, 2) == "20");
  CHECK(line.ends_with(" [INFO] mqtt - ✅ \\x1b[2J\\xc2\\x9b\n"));
  CHECK(terminal.text.str() == "[INFO] mqtt - ✅ \\x1b[2J\\xc2\\x9b\n");
}

TEST_CASE("a full log file gives way to a new one, and so many are kept") {
  TempFolder temp;
  Sink terminal;
  Config::Log config;
  config.file = temp / "engine.log";
  config.max_size_mb = 1;
  config.files = 2;
  for (int i = 0; i < 4; ++i) {
    const auto logs = make_logs(config, {terminal.sink});
    REQUIRE(logs);
    (*logs)->get("mqtt").info("{}{}", i, std::string(700'000, 'x'));
  }
  CHECK(read_file(temp / "engine.log").find(" - 3x") != std::string::npos);
  CHECK(read_file(temp / "engine.1.log").find(" - 2x") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(temp / "engine.2.log"));
}

TEST_CASE("a log file that cannot be written is named") {
  TempFolder temp;
  temp.write("file", "x");
  Sink terminal;
  Config::Log config;
  config.file = temp / "file/engine.log";
  const auto under_file = make_logs(config, {terminal.sink});
  REQUIRE_FALSE(under_file);
  CHECK(under_file.error().message.starts_with("log.file: " + config.file.string()));
  config.file = temp.path();
  const auto folder = make_logs(config, {terminal.sink});
  REQUIRE_FALSE(folder);
  CHECK(folder.error().message.find(temp.path().string()) != std::string::npos);
}
