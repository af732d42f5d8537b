#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/config/load.h"

namespace engine {

struct CommandLine {
  enum class Mode {
    run,
    import,      // Turns a scene of the museum's JSON into Lua.
    print_text,  // `text` is what to print: help, version, configuration.
  };
  Mode mode = Mode::run;
  std::string text;

  // For `run`.
  std::vector<std::filesystem::path> scenes;
  std::string start;  // The scene to start; empty: those without a trigger.
  bool once = false;
  std::optional<std::filesystem::path> config;
  std::optional<std::filesystem::path> state;
  std::vector<Setting> settings;  // In the order in which they take effect.

  // For `import`.
  std::filesystem::path import_file;
  std::optional<std::filesystem::path> import_output;  // None: standard output.
};

// `arguments` without the program's name. An error is one line, for exit code 1.
Result<CommandLine> parse_command_line(std::vector<std::string> arguments);

}  // namespace engine
