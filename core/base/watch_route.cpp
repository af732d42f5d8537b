#include "core/base/watch_route.h"

#include <deque>
#include <system_error>

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // As the kernel has it.

void put_before(std::deque<fs::path>& rest, const fs::path& path) {
  rest.insert(rest.begin(), path.begin(), path.end());
}

}  // namespace

WatchRoute route_to(const fs::path& path) {
  WatchRoute route;
  std::error_code error;
  std::deque<fs::path> rest;
  put_before(rest, fs::absolute(path, error));
  fs::path at = "/";
  for (int links = 0; !rest.empty() && links <= kMostLinks;) {
    const fs::path name = rest.front();
    rest.pop_front();
    if (name.empty() || name == "." || name == "/") continue;
    if (name == "..") {
      at = at.parent_path();
      continue;
    }
    route.folders.insert(at.string());
    const fs::file_status status = fs::symlink_status(at / name, error);
    const bool missing = !fs::exists(status);
    const bool link = fs::is_symlink(status);
    if (missing || link || rest.empty()) {
      route.points.push_back({at.string(), name.string(), rest.empty() && !link});
    }
    if (missing) return route;
    if (!link) {
      at /= name;
      continue;
    }
    ++links;
    const fs::path target = fs::read_symlink(at / name, error);
    if (target.is_absolute()) at = "/";
    put_before(rest, target);
  }
  if (rest.empty()) route.end = at.string();
  return route;
}

}  // namespace engine
