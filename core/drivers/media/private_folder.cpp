#include "core/drivers/media/private_folder.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <string.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace engine {

namespace {

// A socket's path has at most 107 bytes; ours adds "/engine-media-XXXXXX/mpv-12345".
constexpr size_t kLongestParent = 70;

}  // namespace

Result<PrivateFolder> PrivateFolder::create() {
  std::vector<std::string> parents = {"/tmp"};
  const char* runtime = ::getenv("XDG_RUNTIME_DIR");
  if (runtime && runtime[0] == '/' && ::strlen(runtime) <= kLongestParent) {
    parents.insert(parents.begin(), runtime);
  }
  int error = 0;
  for (const std::string& parent : parents) {
    std::string path = parent + "/engine-media-XXXXXX";
    if (::mkdtemp(path.data())) return PrivateFolder(path);
    error = errno;
  }
  return fail(fmt::format("cannot make a folder in /tmp for mpv's sockets: {}", ::strerror(error)));
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace engine
