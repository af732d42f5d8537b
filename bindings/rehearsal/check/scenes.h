#pragma once

#include <string>
#include <vector>

#include "bindings/rehearsal/check/finding.h"
#include "bindings/rehearsal/check/outline.h"
#include "core/stage/stage.h"

namespace engine::checking {

struct CheckedFile {
  std::string path;
  Outline outline;
  std::vector<SceneInfo> scenes;  // As it has declared them.
};

// Scenes beside each other: names that two files of a folder use, scenes that nothing starts.
std::vector<Finding> check_scenes(const std::vector<CheckedFile>& files);

}  // namespace engine::checking
