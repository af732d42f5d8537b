#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/recording/diff.h"
#include "core/recording/reader.h"
#include "core/recording/writer.h"

namespace engine {

// Where the messages go that scripts publish in a replay. The first error is kept for `close`.
class ReplayOutput {
 public:
  struct Options {
    std::string file;        // `-o`; empty: none.
    std::string compare_to;  // `--diff`; empty: none.
    Duration tolerance{};    // Of the comparison.
    bool force = false;      // The file may exist.
    bool people = false;     // Lines for people on standard output, else JSON lines.
    bool live = false;       // Each line is to be seen at once.
  };
  static Result<std::unique_ptr<ReplayOutput>> open(Options options, WallTime started);

  void add(RecordedMessage recorded);
  // True when nothing differs from what is compared with.
  Result<bool> close(Duration at);
  const RecordingDiff* diff() const { return diff_ ? &*diff_ : nullptr; }

 private:
  explicit ReplayOutput(Options options) : options_(std::move(options)) {}
  Result<void> start(WallTime started);
  void compare(RecordedMessage recorded);
  // Gives the comparison what was there before, until then.
  void feed(Duration until);
  void keep(const Result<void>& result);

  const Options options_;
  std::optional<RecordingWriter> writer_;
  std::optional<RecordingReader> old_;
  std::optional<RecordedMessage> next_old_;
  std::optional<RecordingDiff> diff_;
  std::optional<Error> error_;
};

}  // namespace engine
