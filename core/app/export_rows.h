#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/app/row_writer.h"
#include "core/base/result.h"
#include "core/store/history_file.h"

namespace engine {

// Writes parts of a site's history as rows.
class ExportRows {
 public:
  struct Options {
    TimeSpan span;
    double every = 0;  // Seconds; 0: every value.
    bool json = false;
    bool dates = false;  // Times as UTC, else unix seconds.
  };
  // `progress` hears the number of rows now and then; false from it ends the writing.
  ExportRows(HistoryFile& history, std::ostream& out, Options options,
             std::function<bool(int64_t rows)> progress)
      : history_(history), out_(out), options_(options), progress_(std::move(progress)) {}

  // One after the other, each with its name in the first column.
  Result<void> series(const std::vector<std::string>& names);
  // A column for every name that a run has, in the order in which they come.
  Result<void> runs(const std::vector<std::string>& kinds);
  int64_t rows() const { return rows_; }

 private:
  void begin(std::vector<std::string> columns);
  bool add(const RowWriter::Row& row);
  nlohmann::json time(double unix_seconds) const;
  Result<std::vector<std::string>> fields_of(const std::vector<std::string>& kinds);

  HistoryFile& history_;
  std::ostream& out_;
  const Options options_;
  const std::function<bool(int64_t)> progress_;
  std::unique_ptr<RowWriter> writer_;
  int64_t rows_ = 0;
};

}  // namespace engine
