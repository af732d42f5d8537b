#include "core/app/state_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

namespace engine {
namespace {

namespace fs = std::filesystem;

Result<fs::path> default_root(const Environment& environment) {
  // A relative XDG_STATE_HOME is to be ignored (XDG Base Directory Specification).
  const fs::path xdg = environment("XDG_STATE_HOME").value_or("");
  if (xdg.is_absolute()) return xdg / "engine";
  if (const auto home = environment("HOME")) return fs::path(*home) / ".local/state/engine";
  return fail("no state folder: neither XDG_STATE_HOME nor HOME is set; name one with --state DIR");
}

tl::unexpected<Error> unusable(const fs::path& path, const std::string& why) {
  return fail(fmt::format("state folder {}: {}; --state DIR names another", path.string(), why));
}

Result<void> make_folder(const fs::path& folder) {
  const fs::path parent = folder.parent_path();
  std::error_code ignored;
  if (!parent.empty() && parent != folder && !fs::exists(parent, ignored)) {
    if (auto made = make_folder(parent); !made) return made;
  }
  if (::mkdir(folder.c_str(), 0700) == 0) return {};
  const int error = errno;
  if (error == EEXIST && fs::is_directory(folder, ignored)) return {};
  return unusable(folder, error == EEXIST
                              ? "it is not a folder"
                              : fmt::format("cannot be made: {}", std::strerror(error)));
}

// The pid that the holder of the lock has written into it.
std::string holder(int lock) {
  char text[32] = {};
  const ssize_t length = ::pread(lock, text, sizeof text - 1, 0);
  std::string pid;
  for (ssize_t i = 0; i < length && std::isdigit(static_cast<unsigned char>(text[i])); ++i) {
    pid += text[i];
  }
  return pid.empty() ? "unknown" : pid;
}

}  // namespace

Result<fs::path> state_root(const std::optional<fs::path>& named, const Environment& environment) {
  if (named) return fs::absolute(*named).lexically_normal();
  return default_root(environment);
}

Result<StateFolder> StateFolder::open(const std::optional<fs::path>& root, const std::string& site,
                                      const Environment& environment) {
  const auto base = state_root(root, environment);
  if (!base) return tl::unexpected(base.error());
  const fs::path path = *base / site;
  if (auto made = make_folder(path); !made) return tl::unexpected(made.error());

  const fs::path file = path / "lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return unusable(path, fmt::format("cannot be written: {}", std::strerror(errno)));
  StateFolder folder(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return unusable(path, fmt::format("cannot be locked: {}", std::strerror(errno)));
    }
    return fail(fmt::format("an engine (pid {}) already runs site '{}' in {}", holder(lock), site,
                            path.string()));
  }
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0) {
    return unusable(path, fmt::format("cannot be written: {}", std::strerror(errno)));
  }
  return folder;
}

StateFolder::StateFolder(StateFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

StateFolder::~StateFolder() {
  if (lock_ >= 0) ::close(lock_);
}

Result<fs::path> StateFolder::subfolder(const std::string& name) const {
  const fs::path folder = path_ / name;
  if (auto made = make_folder(folder); !made) return tl::unexpected(made.error());
  return folder;
}

}  // namespace engine
