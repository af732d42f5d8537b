#include <exception>
#include <iostream>

#include "core/app/command_line.h"
#include "core/app/commands/commands.h"
#include "core/app/log_setup.h"
#include "core/app/runtime.h"
#include "core/app/state_folder.h"
#include "core/app/terminal.h"
#include "core/config/load.h"

namespace {

using namespace engine;

int run_show(const CommandLine& line) {
  const Environment environment = process_environment();
  const auto config =
      load_config({.file = line.config, .settings = line.settings, .environment = environment});
  if (!config) {
    for (const Error& error : config.error()) refuse(error.message);
    return static_cast<int>(ExitStatus::could_not_run);
  }
  if (line.scenes.empty() && config->scripts.files.empty()) {
    return refuse(
        "nothing to run: give --scene FILE, or scripts.files in the configuration "
        "(see engine --help)");
  }
  const auto state = StateFolder::open(line.state, config->site, environment);
  if (!state) return refuse(state.error().message);
  const auto terminal = open_terminal(1, environment);
  const auto log_ring = std::make_shared<web::LogRing>();
  const auto logs = make_logs(config->log, {terminal, log_ring});
  if (!logs) return refuse(logs.error().message);
  Runtime runtime(line, *config, **logs, *terminal, *log_ring, *state);
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
