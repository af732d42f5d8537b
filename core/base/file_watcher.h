#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/base/timers.h"

namespace engine {

// Tells when files have been saved or deleted (inotify). It watches their folders, so that editors
// which write a new file and rename it over the old one are seen too. Engine thread only.
class FileWatcher {
 public:
  // `on_change` hears the path as it was given to `watch`, once per save: events of one file closer
  // together than `settle` count as one.
  FileWatcher(boost::asio::io_context& io, Timers& timers,
              std::function<void(const std::string& path)> on_change,
              Duration settle = std::chrono::milliseconds{10});
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;

  // Replaces the set of watched files. A folder that does not exist is passed over.
  void watch(const std::set<std::string>& paths);

 private:
  void read();
  void on_event(int folder, const std::string& file);

  Timers& timers_;
  const std::function<void(const std::string&)> on_change_;
  const Duration settle_;
  boost::asio::posix::stream_descriptor inotify_;
  alignas(8) std::array<char, 16 * 1024> buffer_{};
  std::map<std::string, int> folders_;  // Folder to watch descriptor.
  std::map<std::pair<int, std::string>, std::set<std::string>> files_;  // To the paths as given.
  std::map<std::string, TimerId> settling_;
};

}  // namespace engine
