#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/base/timers.h"
#include "core/store/store.h"

namespace engine {

// From and to are in it. Unix seconds.
struct TimeSpan {
  double from = 0;
  double to = std::numeric_limits<double>::infinity();
};

// Numbers over time, by name ("voltage/AA:BB"), each time once: a second value at the same time
// replaces the first, so a reading that is delivered twice counts once. What was appended is found
// at once, and in the file soon. What is older than the series keeps is never found, and deleted a
// little at a time. Engine thread only; the store outlives it.
class TimeSeries {
 public:
  static constexpr size_t kMostSeries = 10'000;
  static constexpr size_t kLongestName = 255;
  static constexpr size_t kMostPoints = 50'000;    // In one answer.
  static constexpr size_t kMostRead = 500'000;     // For one answer.
  static constexpr double kLatest = 253402300799;  // The year 9999; and so never milliseconds.

  struct Point {
    double time = 0;  // Unix seconds.
    double value = 0;
  };
  // What a piece of time held.
  struct Summary {
    double time = 0;  // Where it begins: a multiple of its length.
    double min = 0, mean = 0, max = 0;
    int64_t count = 0;
  };
  using Id = size_t;  // As long as this object lives.

  TimeSeries(Store& store, Timers& timers);
  ~TimeSeries();
  TimeSeries(const TimeSeries&) = delete;
  TimeSeries& operator=(const TimeSeries&) = delete;

  // A name of 1 to kLongestName bytes in UTF-8 without NUL. Nothing is written before the first
  // value. Fails when there are too many.
  Result<Id> open(const std::string& name);
  // For how many seconds it keeps its values; remembered. Without it: for ever.
  void keep(Id id, double seconds);
  // Fails on what is no time or no number.
  Result<void> append(Id id, Point point);

  // In the order of time. Both fail rather than answer with a part.
  Result<std::vector<Point>> range(Id id, TimeSpan span);
  // A piece with no values is left out.
  Result<std::vector<Summary>> range(Id id, TimeSpan span, double every);
  // The one with the latest time.
  Result<std::optional<Point>> last(Id id);
  // Those that have ever had a value, in the order of their bytes.
  std::vector<std::string> names(std::string_view prefix = {}) const;

 private:
  struct Series {
    std::string name;
    std::optional<double> keep;
    bool in_file = false;
  };

  void load();
  void write_series(Id id);
  Result<std::vector<SqlRow>> ask(const std::string& sql, Id id, TimeSpan span,
                                  std::vector<SqlValue> more);
  double oldest_kept(const Series& series) const;
  void start_purging();
  void purge();
  bool purge(Id id);

  Store& store_;
  Timers& timers_;
  std::vector<Series> series_;  // By id; the file counts from 1.
  std::unordered_map<std::string, Id> by_name_;
  Handle settled_;
  TimerId purging_;
  size_t next_to_purge_ = 0;
};

}  // namespace engine
