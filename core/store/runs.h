#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/store/store.h"
#include "core/store/time_series.h"

namespace engine {

// What happened once and is looked up later: a race, a string of fire, a performance. Each has a
// kind ("race"), a number within it that counts from 1, a time, and a JSON object. What was added
// is found at once, and in the file soon. Engine thread only; the store outlives it.
class Runs {
 public:
  static constexpr size_t kMostKinds = 1000;
  static constexpr size_t kLongestKind = 255;
  static constexpr size_t kLargest = 256 * 1024;             // Bytes of one.
  static constexpr size_t kLargestAnswer = 8 * 1024 * 1024;  // Bytes of several.
  static constexpr size_t kMostListed = 1000;

  struct Run {
    int64_t id = 0;
    double time = 0;   // Unix seconds.
    std::string data;  // JSON.
  };

  explicit Runs(Store& store);
  ~Runs();
  Runs(const Runs&) = delete;
  Runs& operator=(const Runs&) = delete;

  using Kind = size_t;  // As long as this object lives.

  // A name of 1 to kLongestKind bytes in UTF-8 without NUL. Fails when there are too many.
  Result<Kind> open(const std::string& name);
  // Its number. Fails when it is too large.
  Result<int64_t> add(Kind kind, double time, const std::string& data);
  // The newest first, at most `limit`; fails rather than answer with a part.
  Result<std::vector<Run>> list(Kind kind, TimeSpan span, size_t limit);
  Result<std::optional<Run>> get(Kind kind, int64_t id);

 private:
  Result<std::vector<Run>> ask(Statement statement);

  Store& store_;
  struct KindOfRun {
    std::string name;
    int64_t last_id = 0;
  };
  std::vector<KindOfRun> kinds_;
  Handle settled_;
};

}  // namespace engine
