#include "core/app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "core/base/nearest.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr const char* kFooter = R"(Examples:
  engine --scene room1.lua                     plays on a broker of its own; save the file,
                                               and the running show follows
  engine --scene room1.lua --simulate          with virtual devices that answer
  engine --scene room1.lua room2.lua --broker tcp://192.168.0.127
  engine --scene room1.lua --start ghost --once && echo "all confirmed"
  engine --config /etc/engine/museum.toml --set log.level=debug
  engine ctl scenes                            asks the engine that is running
  engine import intro.json -o intro.lua
  engine check scenes                          finds what is wrong in scripts
  engine record night.jsonl --broker tcp://192.168.0.127
  engine replay night.jsonl --scene rule.lua   what it would publish now
  engine new museum && cd museum && engine

Exit codes:
  0  ended well; with --once: every cue was confirmed
  3  with --once: a cue was not confirmed, not sent, or not played
  1  could not run: bad arguments, configuration or scene

Files:
  --config FILE        see config/engine.toml, or `engine --print-config`; without it
                       ./engine.toml, if there is one
  $XDG_STATE_HOME/engine, else ~/.local/state/engine
                       what must outlive a restart; --state DIR names another folder

Environment:
  ENGINE_MQTT_PASSWORD the broker's password (or mqtt.password_file in the configuration)
  NO_COLOR             no colours on the terminal
)";

// What CLI11 fills in before it becomes a CommandLine.
struct Raw {
  std::vector<std::string> scenes;
  std::vector<std::string> scene_folders;
  std::string start;
  bool once = false;
  std::string config;
  std::string broker;
  bool simulate = false;
  std::vector<std::string> sets;
  std::string state;
  std::string log_level;
  std::string audio;
  bool help = false;
  bool version = false;
  bool print_config = false;
};

void add_run_options(CLI::App& app, Raw& raw) {
  app.add_option("files,--scene", raw.scenes,
                 "Lua files to run; several may follow, and it may be repeated")
      ->type_name("FILE")
      ->group("Show");
  app.add_option("--scenes", raw.scene_folders,
                 "Every *.lua file in this folder, also those that come later; repeatable")
      ->type_name("DIR")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group("Show");
  app.add_option("--start", raw.start, "The scene to start; else the one that has no trigger")
      ->type_name("NAME")
      ->group("Show");
  app.add_flag("--once", raw.once, "Exit when the scene has ended")
      ->disable_flag_override()
      ->group("Show");
  app.add_flag("--simulate", raw.simulate, "Virtual devices answer the scene's commands")
      ->disable_flag_override()
      ->group("Show");
  app.add_option("--audio", raw.audio, "auto, null for silence, or an audio output of mpv's")
      ->type_name("OUTPUT")
      ->group("Show");

  app.add_option("--broker", raw.broker, "MQTT broker, tcp://host:port or ssl://host:port")
      ->type_name("URL")
      ->group("Configuration");
  app.add_option("--config", raw.config, "Configuration in TOML; else ./engine.toml if it exists")
      ->type_name("FILE")
      ->group("Configuration");
  app.add_option("--set", raw.sets,
                 "One key of the configuration, as in --set mqtt.version=5; repeatable")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group("Configuration");
  app.add_option("--state", raw.state, "Folder for what must outlive a restart")
      ->type_name("DIR")
      ->group("Configuration");
  app.add_option("--log-level", raw.log_level,
                 "trace, debug, info, warning, error, critical or off")
      ->type_name("LEVEL")
      ->group("Configuration");
}

void add_information(CLI::App& app, Raw& raw) {
  app.set_help_flag();  // Ours sets a flag instead of throwing.
  app.add_flag("-h,--help", raw.help, "This text")->group("Information");
  app.add_flag("--version", raw.version, "The version")->group("Information");
  app.add_flag("--print-config", raw.print_config,
               "Every key of the configuration, with its default")
      ->group("Information");
}

void add_subcommand(CLI::App& app, Subcommand& subcommand, Raw& raw) {
  CLI::App* added = app.add_subcommand(subcommand.name(), subcommand.summary());
  added->allow_extras();
  added->set_help_flag();
  added->add_flag("-h,--help", raw.help, "This text");
  subcommand.declare(*added);
}

// CLI11's layout, without its doubled empty lines.
std::string help_of(const CLI::App& app) {
  std::string text = app.get_parent() ? app.help(app.get_parent()->get_name()) : app.help();
  for (size_t at = 0; (at = text.find("\n\n\n", at)) != text.npos;) text.erase(at, 1);
  return text;
}

tl::unexpected<Error> usage(std::string text) {
  return fail(std::move(text) + " (see engine --help)");
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

tl::unexpected<Error> unknown_argument(const CLI::App& app, const std::string& argument) {
  if (argument.empty() || argument[0] != '-') {
    return usage(fmt::format("unexpected argument '{}'", printable(argument)));
  }
  const std::string name = argument.substr(0, argument.find('='));
  const auto meant = nearest(name, option_names(app));
  return usage(fmt::format("unknown option '{}'{}", printable(name),
                           meant ? fmt::format(", did you mean '{}'?", *meant) : ""));
}

// `--set key=value`; a secret in it is not repeated in a message.
Result<Setting> to_setting(const std::string& argument) {
  const size_t equals = argument.find('=');
  if (equals == argument.npos || equals == 0) {
    return usage(fmt::format("--set: '{}' is not key=value", printable(argument)));
  }
  return Setting{"--set", argument.substr(0, equals), argument.substr(equals + 1)};
}

// Options that stand for a key win over --set.
Result<std::vector<Setting>> to_settings(const CLI::App& app, const Raw& raw) {
  std::vector<Setting> settings;
  for (const std::string& argument : raw.sets) {
    auto setting = to_setting(argument);
    if (!setting) return tl::unexpected(setting.error());
    settings.push_back(std::move(*setting));
  }
  if (app.count("--broker")) settings.push_back({"--broker", "mqtt.address", raw.broker});
  if (raw.simulate) settings.push_back({"--simulate", "simulate.enabled", "true"});
  if (app.count("--audio")) settings.push_back({"--audio", "media.audio", raw.audio});
  if (app.count("--log-level")) settings.push_back({"--log-level", "log.level", raw.log_level});
  return settings;
}

std::optional<std::filesystem::path> to_path(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

Result<CommandLine> to_run(const CLI::App& app, const Raw& raw) {
  CommandLine line;
  line.scenes.assign(raw.scenes.begin(), raw.scenes.end());
  for (const auto& scene : line.scenes) {
    if (scene.empty()) return usage("--scene: a file name is empty");
  }
  for (const char* name : {"--config", "--state", "--broker", "--start", "--audio"}) {
    if (app.count(name) && app.get_option(name)->as<std::string>().empty()) {
      return usage(fmt::format("{}: its value is empty", name));
    }
  }
  line.scene_folders.assign(raw.scene_folders.begin(), raw.scene_folders.end());
  for (const auto& folder : line.scene_folders) {
    if (folder.empty()) return usage("--scenes: a folder name is empty");
  }
  auto settings = to_settings(app, raw);
  if (!settings) return tl::unexpected(settings.error());
  line.settings = std::move(*settings);
  line.start = raw.start;
  line.once = raw.once;
  line.config = to_path(raw.config);
  line.state = to_path(raw.state);
  return line;
}

CommandLine to_subcommand(Subcommand& subcommand) {
  CommandLine line;
  line.mode = CommandLine::Mode::subcommand;
  line.subcommand = &subcommand;
  return line;
}

CommandLine to_print(std::string text) {
  CommandLine line;
  line.mode = CommandLine::Mode::print_text;
  line.text = std::move(text);
  return line;
}

}  // namespace

Result<CommandLine> parse_command_line(std::vector<std::string> arguments,
                                       const Subcommands& subcommands) {
  Raw raw;
  CLI::App app("Runs shows and rules written in Lua, over MQTT.", "engine");
  app.get_formatter()->column_width(26);
  add_run_options(app, raw);
  add_information(app, raw);
  for (const auto& subcommand : subcommands) add_subcommand(app, *subcommand, raw);
  app.footer(kFooter);  // Not before: subcommands would inherit it.
  app.allow_extras();
  app.require_subcommand(0, 1);

  std::reverse(arguments.begin(), arguments.end());  // As CLI11 wants them.
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& e) {
    return usage(e.what());
  }
  const auto parsed = std::find_if(subcommands.begin(), subcommands.end(), [&](const auto& each) {
    return app.get_subcommand(each->name())->parsed();
  });
  const bool none = parsed == subcommands.end();
  const CLI::App& chosen = none ? app : *app.get_subcommand((*parsed)->name());
  if (raw.help) return to_print(help_of(chosen));
  if (raw.version) return to_print("engine " ENGINE_VERSION "\n");
  if (raw.print_config) return to_print(config_reference());
  for (const std::string& argument : app.remaining(true)) {
    if (argument != "--") return unknown_argument(chosen, argument);
  }
  return none ? to_run(app, raw) : to_subcommand(**parsed);
}

}  // namespace engine
