#include "core/web/unix_path.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace engine::web {
namespace {

constexpr size_t kLongestAddress = 107;

}  // namespace

Result<UnixPath> UnixPath::of(const std::filesystem::path& path) {
  if (path.native().size() <= kLongestAddress) return UnixPath(path.native(), -1);
  const int folder = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return fail(fmt::format("{}: {}", path.string(), std::strerror(errno)));
  return UnixPath(fmt::format("/proc/self/fd/{}/{}", folder, path.filename().string()), folder);
}

UnixPath::UnixPath(UnixPath&& other) noexcept
    : path_(std::move(other.path_)), folder_(std::exchange(other.folder_, -1)) {}

UnixPath::~UnixPath() {
  if (folder_ >= 0) ::close(folder_);
}

boost::asio::local::stream_protocol::endpoint UnixPath::endpoint() const { return {path_}; }

}  // namespace engine::web
