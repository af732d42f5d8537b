#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>

#include "core/base/result.h"

namespace engine::web {

// The address of a socket file. An address holds 107 bytes; a longer path is reached through a
// descriptor of its folder, which stays open as long as this object.
class UnixPath {
 public:
  static Result<UnixPath> of(const std::filesystem::path& path);
  UnixPath(UnixPath&& other) noexcept;
  UnixPath& operator=(UnixPath&&) = delete;
  ~UnixPath();

  boost::asio::local::stream_protocol::endpoint endpoint() const;

 private:
  UnixPath(std::string path, int folder) : path_(std::move(path)), folder_(folder) {}

  std::string path_;
  int folder_;  // -1: not needed.
};

}  // namespace engine::web
