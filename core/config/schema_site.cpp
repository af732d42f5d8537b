#include <utility>

#include "core/config/checks.h"
#include "core/config/schema_sections.h"
#include "core/config/section.h"

namespace engine::config {

void add_top(Schema& schema) {
  Section<Config> top(
      schema, "", [](Config& c) -> Config& { return c; },
      "The configuration of engine, with every key and its default. Remove the # in front of a\n"
      "key to change it. Times are seconds, with or without a fraction; relative paths are\n"
      "relative to this file. `engine --set mqtt.version=5` sets a key for one run.\n"
      "An engine that runs follows this file when it is saved, where not said otherwise.");
  top.key("site", &Config::site, text(check_site),
          "The name of this installation: part of the client id, and one engine per site and\n"
          "state folder. Letters, digits, _ - .");
  top.key("prefix", &Config::prefix, text(check_topic),
          "Where the engine speaks of itself: <prefix>/status, /health, /alerts, /scenes/<name>,\n"
          "/scripts/<name>. With none: engine/<site>.");
}

void add_health(Schema& schema) {
  using Health = Config::Health;
  Section<Health> s(
      schema, "health", [](Config& c) -> Health& { return c.health; },
      "What the engine says of itself and its machine, see docs/topics.md.");
  s.key("interval", &Health::interval, seconds(0, kDay),
        "How often <prefix>/health is published. 0: never.");
}

namespace {

Kind<spdlog::level::level_enum> level() {
  namespace level = spdlog::level;
  return choice<level::level_enum>({{"trace", level::trace},
                                    {"debug", level::debug},
                                    {"info", level::info},
                                    {"warning", level::warn},
                                    {"warn", level::warn},
                                    {"error", level::err},
                                    {"critical", level::critical},
                                    {"off", level::off}});
}

}  // namespace

void add_log(Schema& schema) {
  using Log = Config::Log;
  Section<Log> s(
      schema, "log", [](Config& c) -> Log& { return c.log; }, "What is logged, and where.");
  s.live();
  s.key("level", &Log::level, level(), "trace, debug, info, warning, error, critical or off.");
  s.live(false);
  s.key("file", &Log::file, path(), "A file besides the terminal. With none: the terminal only.");
  s.key("max_size_mb", &Log::max_size_mb, integer(1, 100'000, "a size in megabytes"),
        "A full file is renamed (engine.1.log) and a new one is begun ...");
  s.key("files", &Log::files, integer(1, 1'000, "a number of files"),
        "... and so many are kept, the one in use included.");

  Section<Log> levels(
      schema, "log.levels", [](Config& c) -> Log& { return c.log; },
      "Levels of single loggers. Those not given here have log.level.");
  levels.live();
  for (const std::string& name : logger_names()) {
    levels.computed<spdlog::level::level_enum>(
        name, level(),
        [name](Config& c) {
          const auto at = c.log.levels.find(name);
          return at == c.log.levels.end() ? c.log.level : at->second;
        },
        [name](Config& c, spdlog::level::level_enum value) { c.log.levels[name] = value; }, "");
  }
}

void add_web(Schema& schema) {
  using Web = Config::Web;
  Section<Web> s(
      schema, "web", [](Config& c) -> Web& { return c.web; },
      "The HTTP interface, see docs/ctl.md. `engine ctl` needs none of this: it uses a socket "
      "file\n"
      "in the state folder, which only its owner can open.");
  s.key(
      "listen", &Web::listen, text(check_listen),
      "An address besides, such as \"127.0.0.1:8080\". One that other machines can reach needs a\n"
      "token_file. With none: the socket file only.");
  s.key("token_file", &Web::token_file, path(),
        "A file whose first line, of at least 16 characters, every request over TCP has to carry:\n"
        "Authorization: Bearer ...");
}

}  // namespace engine::config
