#pragma once

#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace engine {

// What stands after `engine` on the command line: `engine import ...`. The words are declared to
// CLI11; afterwards `run` does it.
class Subcommand {
 public:
  virtual ~Subcommand() = default;
  virtual const char* name() const = 0;
  // One line for the list of commands.
  virtual const char* summary() const = 0;
  // Declares options and positional arguments, bound to members of this object. `--help` and the
  // refusal of unknown options are seen to for all commands alike.
  virtual void declare(CLI::App& app) = 0;
  // Returns the program's exit status. A std::exception becomes `engine: what()` and status 1.
  virtual int run() = 0;
};

using Subcommands = std::vector<std::unique_ptr<Subcommand>>;

// `engine: MESSAGE` on standard error; returns the exit status 1.
int refuse(const std::string& message);

}  // namespace engine
