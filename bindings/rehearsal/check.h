#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bindings/rehearsal/check/finding.h"
#include "bindings/rehearsal/rehearsal.h"

namespace engine::checking {

struct CheckOptions {
  Rehearsal::Options rehearsal = {};
  // Where media are looked for besides the folder of the script, and `media` in it.
  std::vector<std::filesystem::path> media_folders = {};
};

// Compiles each file and loads it in a rehearsal of its own, with no broker and nothing played.
// Tests (`x_test.lua`) are compiled only. The findings are in order of file, line and column.
std::vector<Finding> check_files(const std::vector<std::string>& files,
                                 const CheckOptions& options);

}  // namespace engine::checking
