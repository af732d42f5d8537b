#include "bindings/host/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace engine {
namespace {

constexpr size_t kLargestSource = 16 * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

}  // namespace

Result<SourceFile> SourceFile::read(const std::string& path) {
  const Descriptor file(path);
  if (file.number() < 0) {
    if (errno == ENOENT) return fail(path + ": there is no such file");
    return fail(path + ": cannot be read: " + std::strerror(errno));
  }
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return fail(path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail(path + ": is not a file");
  std::string text;
  char chunk[64 * 1024];
  for (ssize_t count; (count = ::read(file.number(), chunk, sizeof chunk)) != 0;) {
    if (count < 0) return fail(path + ": cannot be read: " + std::strerror(errno));
    text.append(chunk, static_cast<size_t>(count));
    if (text.size() > kLargestSource) return fail(path + ": is larger than 16 MB: not a script");
  }
  return SourceFile(path, std::move(text),
                    {status.st_dev, status.st_ino, status.st_size, status.st_mtim});
}

bool SourceFile::overwritten() const {
  struct stat now {};
  if (::stat(path_.c_str(), &now) != 0) return false;
  if (now.st_dev != stamp_.device || now.st_ino != stamp_.inode) return false;
  return now.st_size != stamp_.size || now.st_mtim.tv_sec != stamp_.modified.tv_sec ||
         now.st_mtim.tv_nsec != stamp_.modified.tv_nsec;
}

}  // namespace engine
