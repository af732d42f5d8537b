#pragma once

#include <filesystem>
#include <utility>

#include "core/base/result.h"

namespace engine {

// A new folder that nobody but this user can enter, for sockets; removed with all in it at the end.
class PrivateFolder {
 public:
  // Under XDG_RUNTIME_DIR where that is good, else under /tmp.
  static Result<PrivateFolder> create();
  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PrivateFolder& operator=(PrivateFolder&&) = delete;
  ~PrivateFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit PrivateFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;  // Empty when moved from.
};

}  // namespace engine
