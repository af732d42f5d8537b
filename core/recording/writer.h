#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/recording/format.h"

namespace engine {

// Writes a recording. After an error (a full disk) it must not be used any more.
class RecordingWriter {
 public:
  enum class Existing { refuse, replace };
  // Fails when the file cannot be made, or exists.
  static Result<RecordingWriter> create(const std::filesystem::path& file, Existing existing);
  // On a stream that stays open, such as standard output.
  static RecordingWriter on(std::FILE* stream, std::string name);

  Result<void> begin(const RecordingHeader& header);
  Result<void> write(const RecordedMessage& recorded);
  Result<void> end(Duration at);
  // What was written is in the file, so that it is not lost with the process.
  Result<void> flush();

  uint64_t messages() const { return messages_; }
  uint64_t bytes() const { return bytes_; }

 private:
  using Stream = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  RecordingWriter(Stream stream, std::string name)
      : stream_(std::move(stream)), name_(std::move(name)) {}
  Result<void> put(std::string line);
  tl::unexpected<Error> cannot_write() const;

  Stream stream_;
  std::string name_;
  WallTime started_{};
  uint64_t messages_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace engine
