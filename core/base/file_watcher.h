#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/base/timers.h"

struct inotify_event;

namespace engine {

// Tells when files have been saved or deleted (inotify). It watches their folders, so that editors
// which write a new file and rename it over the old one are seen too, and the symbolic links on the
// way, so that a folder swapped by its link counts as a save of what is in it. Engine thread only.
class FileWatcher {
 public:
  using Paths = std::set<std::string>;  // As they were given to `watch`.

  // `on_change` hears what has changed: everything within `settle` together, but no file that is
  // still being written.
  FileWatcher(boost::asio::io_context& io, Timers& timers,
              std::function<void(const Paths&)> on_change,
              Duration settle = std::chrono::milliseconds{10});
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Replaces what is watched. A folder is told of when a file in it is saved, comes or goes. What
  // does not exist yet is told of when it appears.
  void watch(Paths files, Paths folders = {});

 private:
  struct Watched {
    Paths files;    // The name is that of these files themselves ...
    Paths through;  // ... or on the way to these.
  };

  void wait();
  void drain();
  void on_event(const inotify_event& event);
  void on_name(const Watched& watched, const inotify_event& event);
  void find_routes();
  void find_route(const std::string& path, bool is_folder);
  int descriptor_of(const std::string& folder, uint32_t events);
  void everything_changed();
  void changed(const Paths& paths);
  void tell();
  bool is_being_written(const std::string& path) const;

  Timers& timers_;
  const std::function<void(const Paths&)> on_change_;
  const Duration settle_;
  boost::asio::posix::stream_descriptor inotify_;
  alignas(8) std::array<char, 16 * 1024> buffer_{};

  Paths given_files_;
  Paths given_folders_;
  // By watch descriptor: what depends on the names in that folder, and on the folder itself.
  std::map<std::pair<int, std::string>, Watched> names_;
  std::map<int, Paths> contents_;
  std::map<int, Paths> passed_;
  bool routes_changed_ = false;

  Paths pending_;
  TimerId settling_;
  std::map<std::string, SteadyTime> written_to_;  // Files that have not been closed since.
};

}  // namespace engine
