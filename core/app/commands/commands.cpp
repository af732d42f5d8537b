#include "core/app/commands/commands.h"

namespace engine {

Subcommands all_commands() {
  Subcommands commands;
  commands.push_back(ctl_command());
  commands.push_back(trace_command());
  commands.push_back(broker_command());
  commands.push_back(import_command());
  commands.push_back(export_command());
  commands.push_back(new_command());
  commands.push_back(check_command());
  commands.push_back(topics_command());
  commands.push_back(test_command());
  commands.push_back(record_command());
  commands.push_back(replay_command());
  return commands;
}

}  // namespace engine
