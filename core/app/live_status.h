#pragma once

#include <string>
#include <vector>

#include "core/stage/stage.h"

namespace engine {

// What the live line tells besides the scenes themselves.
struct LiveContext {
  bool connected = true;  // If not, cues are simulated.
  size_t pending = 0;     // Confirmations that are awaited.
};

// `▶ ghost  00:05.2 / 00:10.0  next room1/motor = START in 4.8s   ✅ 2  ⏰ 0  … 1`, or empty when no
// scene runs. Of several scenes the first that runs is told in full, the others are counted.
std::string live_status(const std::vector<Stage::Listed>& scenes, const LiveContext& context);

}  // namespace engine
