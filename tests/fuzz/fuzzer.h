#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// What every fuzzer is made of: it defines `one_input`, and states what must hold with `expect`.
namespace engine::fuzz {

// Called with each input; fuzzer.cpp hands it on from libFuzzer.
void one_input(std::string_view input);

// Ends the program unless `holds`, which libFuzzer takes as a finding and keeps the input.
inline void expect(bool holds, const char* what, std::string_view detail = {}) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s: %.*s\n", what, static_cast<int>(detail.size()),
               detail.data());
  std::abort();
}

// The parts of an input that has several: what stands between bytes `separator`.
inline std::vector<std::string_view> split(std::string_view input, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = input.find(separator);
    parts.push_back(input.substr(0, end));
    if (end == input.npos) return parts;
    input.remove_prefix(end + 1);
  }
}

}  // namespace engine::fuzz
