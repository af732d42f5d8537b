#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/recording/format.h"

namespace engine {

// Reads a recording from its beginning to its end; only one line is in memory at a time.
class RecordingReader {
 public:
  // Fails when there is no such file, or it is no recording.
  static Result<RecordingReader> open(const std::filesystem::path& file);

  const RecordingHeader& header() const { return header_; }

  // The next message; nothing at the end. Fails with the number of the line for what cannot be
  // read. A last line that breaks off, as it does when the recorder is killed, is passed over.
  Result<std::optional<RecordedMessage>> next();

  // Of the last message or, after the end, of the end.
  Duration position() const { return position_; }
  bool broken_off() const { return broken_off_; }

 private:
  RecordingReader(std::FILE* stream, std::string name)
      : stream_(stream, &std::fclose), name_(std::move(name)) {}
  // False at the end. Without the end of the line.
  Result<bool> read_line();
  tl::unexpected<Error> wrong(const std::string& what) const;

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream_;
  std::string name_;
  RecordingHeader header_;
  std::string line_;
  uint64_t number_ = 0;
  bool whole_ = true;  // The line had an end.
  bool broken_off_ = false;
  Duration position_{};
};

}  // namespace engine
