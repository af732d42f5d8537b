#pragma once

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

#include "tests/fuzz/fuzzer.h"

namespace engine::fuzz {

// An input as a file that is only in memory, for what reads files.
class InputFile {
 public:
  explicit InputFile(std::string_view content) : descriptor_(::memfd_create("input", MFD_CLOEXEC)) {
    const ssize_t size = ::write(descriptor_, content.data(), content.size());
    expect(size == static_cast<ssize_t>(content.size()), "the input can be written");
  }
  ~InputFile() { ::close(descriptor_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::filesystem::path path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  const int descriptor_;
};

}  // namespace engine::fuzz
