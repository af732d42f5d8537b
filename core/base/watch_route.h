#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace engine {

// How a path is found on the disk: what has to be watched so that no change on the way is missed.
struct WatchRoute {
  struct Point {
    std::string folder;
    std::string name;
    bool last = false;  // The file itself; else a link on the way, or the first that is missing.
  };
  std::vector<Point> points;
  std::set<std::string> folders;  // Passed through; moving one away changes what the path means.
  std::string end;                // Where the path leads, links resolved; empty: nowhere.
};

// Never fails: what cannot be looked at counts as missing.
WatchRoute route_to(const std::filesystem::path& path);

}  // namespace engine
