#pragma once

#include <random>
#include <string>
#include <string_view>

namespace engine {

// Random identifiers such as "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b" (RFC 9562, version 4).
class Uuids {
 public:
  // Unlike those of anybody else.
  Uuids();
  // The same ones for the same seed: for rehearsals.
  explicit Uuids(std::string_view seed);
  std::string next();

 private:
  std::mt19937_64 random_;
};

}  // namespace engine
