#include "tests/fuzz/fuzzer.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  engine::fuzz::one_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
