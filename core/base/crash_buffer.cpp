#include "core/base/crash_buffer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <utility>

namespace engine {
namespace {

constexpr uint64_t kFormat = 0x31306675'62687363;  // "cshbuf01", as it lies in memory.

constexpr size_t aligned(size_t size) { return (size + 7) & ~size_t{7}; }

tl::unexpected<Error> failure(const std::string& name, const char* what) {
  return fail(fmt::format("shared memory {}: {}: {}", name, what, std::strerror(errno)));
}

// Also while signals come, which end the call early.
bool take_room(int fd, size_t size) {
  int error = EINTR;
  for (int tries = 0; error == EINTR && tries < 100; ++tries) {
    error = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
  }
  errno = error;
  return error == 0;
}

}  // namespace

std::string CrashBuffer::name_for(std::string_view prefix, const std::filesystem::path& file) {
  struct statx about {};
  ::statx(AT_FDCWD, file.c_str(), 0, STATX_INO | STATX_BTIME, &about);
  return fmt::format("/{}-{:x}-{:x}-{:x}", prefix,
                     (uint64_t{about.stx_dev_major} << 32) | about.stx_dev_minor, about.stx_ino,
                     static_cast<uint64_t>(about.stx_btime.tv_sec));
}

Result<CrashBuffer> CrashBuffer::open(std::string name) {
  const int fd = ::shm_open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failure(name, "cannot be opened");
  CrashBuffer buffer(std::move(name), fd);
  struct stat about {};
  if (::fstat(fd, &about) != 0) return failure(buffer.name_, "cannot be read");
  if (about.st_uid != ::geteuid()) {
    return fail(fmt::format("shared memory {}: belongs to another user", buffer.name_));
  }
  const auto size = static_cast<size_t>(about.st_size);
  if (!buffer.resize(size < kSmallest || size > kMost ? kSmallest : size)) {
    return failure(buffer.name_, "no room");
  }
  if (buffer.known_format()) {
    buffer.end_ = buffer.find_end();
  } else {
    buffer.clear();
    std::memcpy(buffer.memory_, &kFormat, sizeof kFormat);
  }
  return buffer;
}

CrashBuffer::CrashBuffer(CrashBuffer&& other) noexcept { *this = std::move(other); }

CrashBuffer& CrashBuffer::operator=(CrashBuffer&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(fd_, other.fd_);
  std::swap(memory_, other.memory_);
  std::swap(capacity_, other.capacity_);
  std::swap(end_, other.end_);
  return *this;
}

CrashBuffer::~CrashBuffer() {
  if (memory_) ::munmap(memory_, capacity_);
  if (fd_ >= 0) ::close(fd_);
}

bool CrashBuffer::known_format() const { return std::memcmp(memory_, &kFormat, kFirst) == 0; }

// Room is taken before it is written to: a write without any would be the end of the process.
bool CrashBuffer::resize(size_t capacity) {
  if (capacity < capacity_) {
    if (::ftruncate(fd_, static_cast<off_t>(capacity)) != 0) return false;
  } else if (!take_room(fd_, capacity)) {
    return false;
  }
  void* memory = memory_ ? ::mremap(memory_, capacity_, capacity, MREMAP_MAYMOVE)
                         : ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  if (memory == MAP_FAILED) return false;
  memory_ = static_cast<char*>(memory);
  capacity_ = capacity;
  return true;
}

CrashBuffer::Header CrashBuffer::header(Position position) const {
  Header result{};
  std::memcpy(&result, memory_ + position, sizeof result);
  return result;
}

void CrashBuffer::write_header(Position position, Header header) {
  uint64_t bits = 0;
  std::memcpy(&bits, &header, sizeof bits);
  std::atomic_ref<uint64_t>(*reinterpret_cast<uint64_t*>(memory_ + position))
      .store(bits, std::memory_order_release);
}

size_t CrashBuffer::find_end() const {
  size_t at = kFirst;
  while (at + sizeof(Header) <= capacity_) {
    const size_t length = header(at).length;
    if (length == 0 || length > capacity_ - at - sizeof(Header)) break;
    at += sizeof(Header) + aligned(length);
  }
  return at;
}

std::vector<CrashBuffer::Record> CrashBuffer::records() const {
  std::vector<Record> result;
  for (size_t at = kFirst; at < end_;) {
    const Header head = header(at);
    if (head.valid) result.push_back({at, {memory_ + at + sizeof(Header), head.length}});
    at += sizeof(Header) + aligned(head.length);
  }
  return result;
}

std::optional<CrashBuffer::Position> CrashBuffer::append(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > kMost) return std::nullopt;
  const size_t next = end_ + sizeof(Header) + aligned(bytes.size());
  const size_t needed = next + sizeof(Header);  // With the end behind it.
  if (needed > kMost) return std::nullopt;
  size_t capacity = capacity_;
  while (capacity < needed) capacity *= 2;
  if (capacity != capacity_ && !resize(capacity)) return std::nullopt;
  write_header(next, {});
  std::memcpy(memory_ + end_ + sizeof(Header), bytes.data(), bytes.size());
  write_header(end_, {static_cast<uint32_t>(bytes.size()), 1});
  return std::exchange(end_, next);
}

void CrashBuffer::erase(Position position) { write_header(position, {header(position).length, 0}); }

void CrashBuffer::clear() {
  write_header(kFirst, {});
  end_ = kFirst;
  if (capacity_ > 16 * kSmallest) resize(kSmallest);
}

bool CrashBuffer::has_name() const {
  struct stat about {};
  return ::fstat(fd_, &about) == 0 && about.st_nlink > 0;
}

void CrashBuffer::remove() { ::shm_unlink(name_.c_str()); }

}  // namespace engine
