#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/app/subcommand.h"
#include "core/base/result.h"
#include "core/config/load.h"

namespace engine {

struct CommandLine {
  enum class Mode {
    run,
    subcommand,
    print_text,  // `text` is what to print: help, version, configuration.
  };
  Mode mode = Mode::run;
  std::string text;

  // For `run`.
  std::vector<std::filesystem::path> scenes;
  std::vector<std::filesystem::path> scene_folders;
  std::string start;  // The scene to start; empty: those without a trigger.
  bool once = false;
  std::optional<std::filesystem::path> config;
  std::optional<std::filesystem::path> state;
  std::vector<Setting> settings;  // In the order in which they take effect.

  // For `subcommand`: which one; its arguments have been filled in.
  Subcommand* subcommand = nullptr;
};

// `arguments` without the program's name. An error is one line, for exit code 1.
Result<CommandLine> parse_command_line(std::vector<std::string> arguments,
                                       const Subcommands& subcommands);

}  // namespace engine
