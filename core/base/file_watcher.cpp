#include "core/base/file_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/base/watch_route.h"

namespace engine {
namespace {

constexpr uint32_t kSaves = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr uint32_t kNames = kSaves | IN_MODIFY | IN_CREATE;
constexpr uint32_t kSelf = IN_MOVE_SELF | IN_DELETE_SELF;

// A writer that keeps a file open for so long without writing is not waited for.
constexpr Duration kLongestPause = std::chrono::seconds{1};

int open_inotify() {
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "inotify");
  return descriptor;
}

void add(FileWatcher::Paths& to, const FileWatcher::Paths& more) {
  to.insert(more.begin(), more.end());
}

}  // namespace

FileWatcher::FileWatcher(boost::asio::io_context& io, Timers& timers,
                         std::function<void(const Paths&)> on_change, Duration settle)
    : timers_(timers),
      on_change_(std::move(on_change)),
      settle_(settle),
      inotify_(io, open_inotify()) {
  wait();
}

FileWatcher::~FileWatcher() { timers_.cancel(settling_); }

void FileWatcher::watch(Paths files, Paths folders) {
  given_files_ = std::move(files);
  given_folders_ = std::move(folders);
  find_routes();
}

void FileWatcher::find_routes() {
  routes_changed_ = false;
  const auto before = std::exchange(passed_, {});
  names_.clear();
  contents_.clear();
  for (const std::string& path : given_files_) find_route(path, false);
  for (const std::string& path : given_folders_) find_route(path, true);
  for (const auto& [descriptor, paths] : before) {
    if (!passed_.count(descriptor)) ::inotify_rm_watch(inotify_.native_handle(), descriptor);
  }
}

void FileWatcher::find_route(const std::string& path, bool is_folder) {
  const WatchRoute route = route_to(path);
  for (const WatchRoute::Point& point : route.points) {
    const int descriptor = descriptor_of(point.folder, kNames | kSelf);
    if (descriptor < 0) continue;
    passed_[descriptor].insert(path);
    Watched& watched = names_[{descriptor, point.name}];
    (point.last && !is_folder ? watched.files : watched.through).insert(path);
  }
  for (const std::string& folder : route.folders) {
    const int descriptor = descriptor_of(folder, kSelf);
    if (descriptor >= 0) passed_[descriptor].insert(path);
  }
  if (!is_folder || route.end.empty()) return;
  const int descriptor = descriptor_of(route.end, kNames | kSelf);
  if (descriptor < 0) return;
  passed_[descriptor].insert(path);
  contents_[descriptor].insert(path);
}

// The same folder again gives the same descriptor.
int FileWatcher::descriptor_of(const std::string& folder, uint32_t events) {
  return ::inotify_add_watch(inotify_.native_handle(), folder.c_str(),
                             events | IN_ONLYDIR | IN_MASK_ADD);
}

void FileWatcher::wait() {
  inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) return;
                        drain();
                        wait();
                      });
}

// One buffer a turn: a program that writes all the time beside a script must not hold up the show.
void FileWatcher::drain() {
  const ssize_t size = ::read(inotify_.native_handle(), buffer_.data(), buffer_.size());
  for (ssize_t at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer_.data() + at);
    on_event(*event);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
}

void FileWatcher::on_event(const inotify_event& event) {
  if (event.mask & IN_Q_OVERFLOW) return everything_changed();
  if (event.mask & (kSelf | IN_UNMOUNT)) {
    const auto passed = passed_.find(event.wd);
    if (passed == passed_.end()) return;
    routes_changed_ = true;
    return changed(passed->second);
  }
  if (event.len == 0) return;
  const auto contents = contents_.find(event.wd);
  if (contents != contents_.end() && (event.mask & kSaves)) changed(contents->second);
  const auto found = names_.find({event.wd, event.name});
  if (found != names_.end()) on_name(found->second, event);
}

void FileWatcher::on_name(const Watched& watched, const inotify_event& event) {
  for (const std::string& path : watched.files) {
    if (event.mask & IN_MODIFY) {
      written_to_[path] = timers_.clock().now();
    } else {
      written_to_.erase(path);
    }
  }
  if (event.mask & kSaves) changed(watched.files);
  if (event.mask & IN_MODIFY) return;
  // A link or folder on the way, or a link in the place of the file.
  std::error_code error;
  bool another_way = !watched.through.empty();
  for (const std::string& path : watched.files) {
    if (std::filesystem::is_symlink(path, error)) another_way = true;
  }
  if (!another_way) return;
  routes_changed_ = true;
  changed(watched.through);
  changed(watched.files);
}

void FileWatcher::everything_changed() {
  routes_changed_ = true;
  changed(given_files_);
  changed(given_folders_);
}

void FileWatcher::changed(const Paths& paths) {
  add(pending_, paths);
  if (pending_.empty() || timers_.active(settling_)) return;
  settling_ = timers_.after(settle_, [this] { tell(); });
}

void FileWatcher::tell() {
  drain();  // A file may have been opened for writing again since.
  if (routes_changed_) find_routes();
  Paths ready, written;
  for (const std::string& path : std::exchange(pending_, {})) {
    (is_being_written(path) ? written : ready).insert(path);
  }
  changed(written);
  if (!ready.empty()) on_change_(ready);
}

bool FileWatcher::is_being_written(const std::string& path) const {
  const auto found = written_to_.find(path);
  return found != written_to_.end() && timers_.clock().now() - found->second < kLongestPause;
}

}  // namespace engine
