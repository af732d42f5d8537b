#include "core/base/file_watcher.h"

#include <sys/inotify.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace engine {
namespace {

// A save shows as the end of writing or as a rename; IN_MODIFY would show half-written files.
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;

int open_inotify() {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "inotify");
  return descriptor;
}

}  // namespace

FileWatcher::FileWatcher(boost::asio::io_context& io, Timers& timers,
                         std::function<void(const std::string&)> on_change, Duration settle)
    : timers_(timers),
      on_change_(std::move(on_change)),
      settle_(settle),
      inotify_(io, open_inotify()) {
  read();
}

FileWatcher::~FileWatcher() {
  for (const auto& [path, timer] : settling_) timers_.cancel(timer);
}

void FileWatcher::watch(const std::set<std::string>& paths) {
  std::map<std::string, int> unused = std::exchange(folders_, {});
  files_.clear();
  for (const std::string& given : paths) {
    const std::filesystem::path path = std::filesystem::absolute(given).lexically_normal();
    const std::string folder = path.parent_path().string();
    // The same folder again gives the same descriptor.
    const int descriptor = ::inotify_add_watch(inotify_.native_handle(), folder.c_str(), kEvents);
    if (descriptor < 0) continue;
    folders_[folder] = descriptor;
    files_[{descriptor, path.filename().string()}].insert(given);
  }
  for (const auto& [folder, descriptor] : unused) {
    if (!folders_.count(folder)) ::inotify_rm_watch(inotify_.native_handle(), descriptor);
  }
}

void FileWatcher::read() {
  inotify_.async_read_some(
      boost::asio::buffer(buffer_), [this](const boost::system::error_code& error, size_t size) {
        if (error) return;
        for (size_t at = 0; at < size;) {
          const auto* event = reinterpret_cast<const inotify_event*>(buffer_.data() + at);
          if (event->len > 0) on_event(event->wd, event->name);
          at += sizeof(inotify_event) + event->len;
        }
        read();
      });
}

void FileWatcher::on_event(int folder, const std::string& file) {
  const auto found = files_.find({folder, file});
  if (found == files_.end()) return;
  for (const std::string& path : found->second) {
    timers_.cancel(settling_[path]);
    settling_[path] = timers_.after(settle_, [this, path] {
      settling_.erase(path);
      on_change_(path);
    });
  }
}

}  // namespace engine
