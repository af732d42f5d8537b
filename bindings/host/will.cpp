#include "bindings/host/will.h"

#include <utility>

namespace engine {

Will::Will(Bus& bus, Publication publication) : bus_(bus), publication_(std::move(publication)) {}

Will::~Will() {
  if (wanted_ && ours_) bus_.publish(std::move(publication_));
}

void Will::activate(Registration* former) {
  if (auto* before = dynamic_cast<Will*>(former)) before->ours_ = false;
  ours_ = true;
}

void Will::change(Publication publication) {
  publication_ = std::move(publication);
  wanted_ = true;
}

}  // namespace engine
