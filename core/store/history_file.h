#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/store/database.h"
#include "core/store/runs.h"
#include "core/store/time_series.h"

namespace engine {

// The history in the file of a site, to be read by another program than the one that writes it,
// also while that runs. It sees the file as it was when it was first asked. Calls may block on the
// disk.
class HistoryFile {
 public:
  struct Listed {
    std::string name;
    int64_t count = 0;
    double first = 0, last = 0;  // Unix seconds.
  };

  // Fails with the file and the reason.
  static Result<HistoryFile> open(const std::filesystem::path& file);

  // By name; those without anything are left out.
  Result<std::vector<Listed>> series();
  Result<std::vector<Listed>> runs();

  // Every one in the order of time, handed over one by one; false from `take` ends it.
  Result<void> each_point(const std::string& series, TimeSpan span,
                          const std::function<bool(const TimeSeries::Point&)>& take);
  Result<void> each_summary(const std::string& series, TimeSpan span, double every,
                            const std::function<bool(const TimeSeries::Summary&)>& take);
  Result<void> each_run(const std::string& kind, TimeSpan span,
                        const std::function<bool(const Runs::Run&)>& take);

 private:
  explicit HistoryFile(Database database) : database_(std::move(database)) {}
  Result<std::vector<Listed>> list(const std::string& sql);

  Database database_;
};

}  // namespace engine
