#pragma once

#include <string>
#include <vector>

#include "bindings/host/script.h"

namespace engine::checking {

// A cue that plays sound or video.
struct DeclaredMedia {
  std::string scene;
  std::string topic;
  std::string payload;
};

// Those of the cue sheets of a script that has been loaded, as they have come about: also what it
// has worked out.
std::vector<DeclaredMedia> declared_media(Script& script);

}  // namespace engine::checking
