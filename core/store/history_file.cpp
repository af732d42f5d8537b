#include "core/store/history_file.h"

#include <fmt/format.h>

#include <utility>

namespace engine {
namespace {

constexpr const char* kSeries =
    "SELECT name, (SELECT count(*) FROM points WHERE series = s.id) AS count, (SELECT min(time) "
    "FROM points WHERE series = s.id), (SELECT max(time) FROM points WHERE series = s.id) "
    "FROM series s WHERE count > 0 ORDER BY name";
constexpr const char* kRuns =
    "SELECT kind, count(*), min(time), max(time) FROM runs GROUP BY kind ORDER BY kind";
constexpr const char* kPoints =
    "SELECT time, value FROM points WHERE series = (SELECT id FROM series WHERE name = ?) AND time "
    "BETWEEN ? AND ? ORDER BY time";
constexpr const char* kSummaries =
    "SELECT CAST(time / ?4 AS INTEGER) AS piece, min(value), avg(value), max(value), count(*) FROM "
    "points WHERE series = (SELECT id FROM series WHERE name = ?1) AND time BETWEEN ?2 AND ?3 "
    "GROUP BY piece ORDER BY piece";
constexpr const char* kRunsOfKind =
    "SELECT id, time, data FROM runs WHERE kind = ? AND time BETWEEN ? AND ? ORDER BY time, id";

}  // namespace

Result<HistoryFile> HistoryFile::open(const std::filesystem::path& file) {
  auto database = Database::open_read_only(file);
  if (!database) return fail(fmt::format("{}: {}", file.string(), database.error().message));
  // One transaction, so that all questions are asked of the same state.
  if (const auto begun = database->query({"BEGIN", {}}); !begun) {
    return fail(fmt::format("{}: {}", file.string(), begun.error().message));
  }
  return HistoryFile(std::move(*database));
}

Result<std::vector<HistoryFile::Listed>> HistoryFile::series() { return list(kSeries); }
Result<std::vector<HistoryFile::Listed>> HistoryFile::runs() { return list(kRuns); }

Result<std::vector<HistoryFile::Listed>> HistoryFile::list(const std::string& sql) {
  const auto rows = database_.query({sql, {}});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Listed> listed;
  for (const SqlRow& row : *rows) {
    listed.push_back({.name = std::get<std::string>(row.at(0)),
                      .count = std::get<int64_t>(row.at(1)),
                      .first = std::get<double>(row.at(2)),
                      .last = std::get<double>(row.at(3))});
  }
  return listed;
}

Result<void> HistoryFile::each_point(const std::string& series, TimeSpan span,
                                     const std::function<bool(const TimeSeries::Point&)>& take) {
  return database_.each({kPoints, {series, span.from, span.to}}, [&](const SqlRow& row) {
    return take({std::get<double>(row.at(0)), std::get<double>(row.at(1))});
  });
}

Result<void> HistoryFile::each_summary(
    const std::string& series, TimeSpan span, double every,
    const std::function<bool(const TimeSeries::Summary&)>& take) {
  return database_.each({kSummaries, {series, span.from, span.to, every}}, [&](const SqlRow& row) {
    return take({.time = static_cast<double>(std::get<int64_t>(row.at(0))) * every,
                 .min = std::get<double>(row.at(1)),
                 .mean = std::get<double>(row.at(2)),
                 .max = std::get<double>(row.at(3)),
                 .count = std::get<int64_t>(row.at(4))});
  });
}

Result<void> HistoryFile::each_run(const std::string& kind, TimeSpan span,
                                   const std::function<bool(const Runs::Run&)>& take) {
  return database_.each({kRunsOfKind, {kind, span.from, span.to}}, [&](SqlRow row) {
    return take({.id = std::get<int64_t>(row.at(0)),
                 .time = std::get<double>(row.at(1)),
                 .data = std::get<std::string>(std::move(row.at(2)))});
  });
}

}  // namespace engine
