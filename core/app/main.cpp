#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <utility>

#include "core/app/command_line.h"
#include "core/app/commands/commands.h"
#include "core/app/log_setup.h"
#include "core/app/runtime.h"
#include "core/app/state_folder.h"
#include "core/app/terminal.h"
#include "core/config/load.h"

namespace {

using namespace engine;

// A site's folder is run by `engine` alone.
std::optional<std::filesystem::path> config_here() {
  std::error_code error;
  if (std::filesystem::is_regular_file("engine.toml", error)) return "engine.toml";
  return std::nullopt;
}

int run_show(CommandLine line) {
  if (!line.config) line.config = config_here();
  const Environment environment = process_environment();
  const ConfigSources sources{
      .file = line.config, .settings = line.settings, .environment = environment};
  const auto config = load_config(sources);
  if (!config) {
    for (const Error& error : config.error()) refuse(error.message);
    return static_cast<int>(ExitStatus::could_not_run);
  }
  const Config::Scripts& scripts = config->scripts;
  if (line.scenes.empty() && line.scene_folders.empty() && scripts.files.empty() &&
      scripts.scenes.empty()) {
    return refuse(
        "nothing to run: give --scene FILE or --scenes DIR, or scripts.files in the configuration, "
        "or make a site with engine new DIR (see engine --help)");
  }
  const auto state = StateFolder::open(line.state, config->site, environment);
  if (!state) return refuse(state.error().message);
  const auto terminal = open_terminal(1, environment);
  const auto log_ring = std::make_shared<web::LogRing>();
  const auto logs = make_logs(config->log, {terminal, log_ring});
  if (!logs) return refuse(logs.error().message);
  Runtime runtime(line, sources, *config, **logs, *terminal, *log_ring, *state);
  return static_cast<int>(runtime.run());
}

}  // namespace

int engine::refuse(const std::string& message) {
  std::cerr << "engine: " << message << "\n";
  return static_cast<int>(ExitStatus::could_not_run);
}

int main(int argc, char** argv) {
  try {
    const Subcommands commands = all_commands();
    const auto line = parse_command_line({argv + 1, argv + argc}, commands);
    if (!line) return refuse(line.error().message);
    switch (line->mode) {
      case CommandLine::Mode::print_text:
        std::cout << line->text;
        return 0;
      case CommandLine::Mode::subcommand:
        return line->subcommand->run();
      case CommandLine::Mode::run:
        return run_show(*line);
    }
  } catch (const std::exception& e) {
    return refuse(e.what());
  }
  return 0;
}
