#include "core/base/uuid.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace engine {
namespace {

void seed_from_device(std::mt19937_64& random) {
  std::random_device device;
  std::array<uint32_t, 8> words{};
  for (uint32_t& word : words) word = device();
  std::seed_seq seed(words.begin(), words.end());
  random.seed(seed);
}

}  // namespace

Uuids::Uuids() { seed_from_device(random_); }

Uuids::Uuids(std::string_view seed) {
  std::seed_seq sequence(seed.begin(), seed.end());
  random_.seed(sequence);
}

std::string Uuids::next() {
  const uint64_t high = (random_() & ~0xf000ULL) | 0x4000;          // The version.
  const uint64_t low = (random_() & ~(3ULL << 62)) | (2ULL << 62);  // The variant.
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffffffffffffULL);
}

}  // namespace engine
