#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace engine {

// Records that outlive this process, whatever kills it, but not the machine: POSIX shared memory,
// so that writing is copying, and no disk is waited for. One process at a time; one thread.
class CrashBuffer {
 public:
  // An offset, good until the next `clear`.
  using Position = size_t;
  struct Record {
    Position position;
    std::string bytes;
  };
  static constexpr size_t kMost = 64 << 20;  // Bytes.

  // The one of that name, made if need be: a `/` and then none (shm_open(3)). Fails when the system
  // has no shared memory, no room in it, or it is another user's.
  static Result<CrashBuffer> open(std::string name);
  // A name for what belongs to `file`: another file at the same place has another.
  static std::string name_for(std::string_view prefix, const std::filesystem::path& file);

  CrashBuffer(CrashBuffer&& other) noexcept;
  CrashBuffer& operator=(CrashBuffer&& other) noexcept;
  // Leaves the records for the next process.
  ~CrashBuffer();

  // What was appended and not erased, by this process or those before it, in that order.
  std::vector<Record> records() const;
  bool empty() const { return end_ == kFirst; }
  // Nullopt: there is no room.
  std::optional<Position> append(std::string_view bytes);
  void erase(Position position);
  void clear();
  const std::string& name() const { return name_; }
  // False once somebody has removed it: systemd does so when its user logs out, unless that is a
  // system user (logind.conf(5), RemoveIPC). The next process would not find it.
  bool has_name() const;
  // There is none of this name any more.
  void remove();

 private:
  // Ahead of the bytes; written in one piece, after them. A length of 0 is the end.
  struct Header {
    uint32_t length;
    uint32_t valid;
  };
  static constexpr size_t kFirst = 8;  // After the mark of the format.
  static constexpr size_t kSmallest = 64 << 10;

  CrashBuffer(std::string name, int fd) : name_(std::move(name)), fd_(fd) {}
  bool resize(size_t capacity);
  bool known_format() const;
  Header header(Position position) const;
  void write_header(Position position, Header header);
  size_t find_end() const;

  std::string name_;
  int fd_ = -1;
  char* memory_ = nullptr;
  size_t capacity_ = 0;
  size_t end_ = kFirst;
};

}  // namespace engine
