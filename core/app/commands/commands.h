#pragma once

#include "core/app/subcommand.h"

namespace engine {

// Every command, one file each in this folder.
std::unique_ptr<Subcommand> broker_command();
std::unique_ptr<Subcommand> check_command();
std::unique_ptr<Subcommand> ctl_command();
std::unique_ptr<Subcommand> import_command();
std::unique_ptr<Subcommand> export_command();
std::unique_ptr<Subcommand> test_command();
std::unique_ptr<Subcommand> record_command();
std::unique_ptr<Subcommand> replay_command();
std::unique_ptr<Subcommand> new_command();
std::unique_ptr<Subcommand> topics_command();
std::unique_ptr<Subcommand> trace_command();

// In the order in which `engine --help` lists them.
Subcommands all_commands();

}  // namespace engine
