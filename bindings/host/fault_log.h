#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "bindings/host/fault.h"
#include "core/base/logging.h"
#include "core/base/signal.h"
#include "core/base/timers.h"

namespace engine {

// How many faults a script may have within a window before it is set aside; 0: any number.
struct FaultLimit {
  int faults = 10;
  Duration window = std::chrono::seconds{60};
};

// The faults of all scripts: the last ones for people to look at, and how often each script fails.
// Logs each to `script`, but of those that come from the same place only one in ten seconds, and
// then how many more there were. Engine thread only.
class FaultLog {
 public:
  // So many records are kept; the oldest give way.
  static constexpr size_t kMostRecords = 100;

  FaultLog(Timers& timers, Logs& logs, FaultLimit limit);
  ~FaultLog();
  FaultLog(const FaultLog&) = delete;
  FaultLog& operator=(const FaultLog&) = delete;

  // True when the script has now reached the limit.
  bool add(const Fault& fault);
  // The script begins anew (it was loaded, or set aside): earlier faults no longer count against
  // it.
  void pardon(const std::string& script);
  void set_limit(FaultLimit limit) { limit_ = limit; }
  const FaultLimit& limit() const { return limit_; }

  // With each line in the log: a fault, and how many like it came before that were not told.
  Signal<const Fault&, uint64_t> on_told;

  // Faults of one script, callback and place are one record.
  struct Record {
    Fault last;
    WallTime first_at{};
    WallTime last_at{};
    uint64_t count = 0;
  };
  // The one that happened last comes last.
  const std::list<Record>& records() const { return records_; }
  // Since the start, of this script.
  uint64_t total(const std::string& script) const;

 private:
  // What has been logged of one place, and what has not been since.
  struct Place {
    std::list<Record>::iterator record{};
    std::optional<SteadyTime> said;
    uint64_t unsaid = 0;
    TimerId rest;  // When the unsaid ones are told of.
  };
  using Key = std::string;

  Place& note(const Key& key, const Fault& fault);
  void drop_oldest();
  void say_the_rest(const Key& key);

  Timers& timers_;
  spdlog::logger& log_;
  FaultLimit limit_;
  std::list<Record> records_;
  std::map<Key, Place> places_;
  std::map<std::string, std::deque<SteadyTime>> recent_;  // By script, within the window.
  std::map<std::string, uint64_t> totals_;
};

}  // namespace engine
