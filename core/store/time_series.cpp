#include "core/store/time_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace engine {
namespace {

constexpr Duration kPurgePeriod = std::chrono::seconds{10};
constexpr double kPurgeSlack = 600;     // Seconds: few large deletions instead of many small ones.
constexpr size_t kPurgedAtOnce = 5000;  // Points of one series.
constexpr size_t kSeriesAtOnce = 10;

// Appended, and perhaps not in the file yet. On the connection that reads, in memory.
constexpr const char* kRecent =
    "CREATE TEMP TABLE IF NOT EXISTS recent_points (series INTEGER NOT NULL, time REAL NOT NULL, "
    "value REAL NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY (series, time)) WITHOUT ROWID";
constexpr const char* kAddRecent =
    "INSERT OR REPLACE INTO temp.recent_points (series, time, value, batch) VALUES (?, ?, ?, ?)";
constexpr const char* kForgetRecent = "DELETE FROM temp.recent_points WHERE batch <= ?";

constexpr const char* kAdd = "INSERT OR REPLACE INTO points (series, time, value) VALUES (?, ?, ?)";
constexpr const char* kAddSeries =
    "INSERT OR REPLACE INTO series (id, name, keep) VALUES (?, ?, ?)";
constexpr const char* kPurge =
    "DELETE FROM points WHERE series = ?1 AND time < ?2 AND time <= (SELECT max(time) FROM "
    "(SELECT time FROM points WHERE series = ?1 ORDER BY time LIMIT ?3))";

// Of series ?1 from ?2 to ?3, the recent ones in place of those they replace.
const std::string kPoints =
    "SELECT time, value FROM main.points p WHERE series = ?1 AND time BETWEEN ?2 AND ?3 AND NOT "
    "EXISTS (SELECT 1 FROM temp.recent_points r WHERE r.series = ?1 AND r.time = p.time) "
    "UNION ALL "
    "SELECT time, value FROM temp.recent_points WHERE series = ?1 AND time BETWEEN ?2 AND ?3";
const std::string kRange = kPoints + " ORDER BY time LIMIT ?4";
const std::string kSummaries =
    "SELECT CAST(time / ?4 AS INTEGER) AS piece, min(value), avg(value), max(value), count(*) "
    "FROM (" +
    kPoints + " LIMIT ?5) GROUP BY piece ORDER BY piece";
const std::string kLast =
    "SELECT time, value FROM ("
    "SELECT * FROM (SELECT time, value, 0 AS recent FROM main.points "
    "WHERE series = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time DESC LIMIT 1) UNION ALL "
    "SELECT * FROM (SELECT time, value, 1 AS recent FROM temp.recent_points "
    "WHERE series = ?1 AND time BETWEEN ?2 AND ?3 ORDER BY time DESC LIMIT 1)"
    ") ORDER BY time DESC, recent DESC LIMIT 1";

double number(const SqlValue& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return static_cast<double>(*whole);
  return std::get<double>(value);
}

int64_t key(TimeSeries::Id id) { return static_cast<int64_t>(id) + 1; }

}  // namespace

TimeSeries::TimeSeries(Store& store, Timers& timers) : store_(store), timers_(timers) {
  load();
  if (const auto reader = store_.reader()) (void)(*reader)->query({kRecent, {}});
  settled_ = store_.on_settled.connect([this](uint64_t batch, bool) {
    if (const auto reader = store_.reader()) {
      (void)(*reader)->query({kForgetRecent, {static_cast<int64_t>(batch)}});
    }
  });
}

TimeSeries::~TimeSeries() {
  store_.on_settled.disconnect(settled_);
  timers_.cancel(purging_);
}

void TimeSeries::load() {
  for (const SqlRow& row : store_.load({"SELECT id, name, keep FROM series ORDER BY id", {}})) {
    const auto id = static_cast<Id>(std::get<int64_t>(row.at(0))) - 1;
    if (id >= series_.size()) series_.resize(id + 1);
    Series& one = series_[id];
    one = {.name = std::get<std::string>(row.at(1)), .keep = {}, .in_file = true};
    if (const auto* keep = std::get_if<double>(&row.at(2))) one.keep = *keep;
    by_name_.emplace(one.name, id);
    if (one.keep) start_purging();
  }
}

Result<TimeSeries::Id> TimeSeries::open(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return found->second;
  if (series_.size() >= kMostSeries) {
    return fail(
        fmt::format("there are {} series already, and no room for '{}'", kMostSeries, name));
  }
  series_.push_back({.name = name, .keep = {}});
  by_name_.emplace(name, series_.size() - 1);
  return series_.size() - 1;
}

void TimeSeries::keep(Id id, double seconds) {
  Series& series = series_.at(id);
  if (series.keep == seconds) return;
  series.keep = seconds;
  if (series.in_file) write_series(id);
  start_purging();
}

void TimeSeries::write_series(Id id) {
  Series& series = series_.at(id);
  series.in_file = true;
  SqlValue keep;
  if (series.keep) keep = *series.keep;
  store_.write({kAddSeries, {key(id), series.name, keep}}, fmt::format("series {}", id));
}

Result<void> TimeSeries::append(Id id, Point point) {
  if (!(point.time >= 0 && point.time <= kLatest)) {
    return fail(fmt::format("{} is not a time in unix seconds", point.time));
  }
  if (!std::isfinite(point.value)) return fail("a series holds finite numbers");
  if (!series_.at(id).in_file) write_series(id);
  const auto batch = static_cast<int64_t>(store_.batch());
  store_.write({kAdd, {key(id), point.time, point.value}});
  const auto reader = store_.reader();
  if (!reader) return {};  // It will be found when it is in the file, and the file can be read.
  const auto added = (*reader)->query({kAddRecent, {key(id), point.time, point.value, batch}});
  if (!added) return tl::unexpected(added.error());
  return {};
}

Result<std::vector<SqlRow>> TimeSeries::ask(const std::string& sql, Id id, TimeSpan span,
                                            std::vector<SqlValue> more) {
  const auto reader = store_.reader();
  if (!reader) return tl::unexpected(reader.error());
  const Series& series = series_.at(id);
  std::vector<SqlValue> values{key(id), std::max(span.from, oldest_kept(series)), span.to};
  values.insert(values.end(), more.begin(), more.end());
  return (*reader)->query({sql, std::move(values)});
}

Result<std::vector<TimeSeries::Point>> TimeSeries::range(Id id, TimeSpan span) {
  const auto rows = ask(kRange, id, span, {static_cast<int64_t>(kMostPoints + 1)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() > kMostPoints) {
    return fail(
        fmt::format("more than {} values: ask for less time, or for a summary with "
                    "{{every = seconds}}",
                    kMostPoints));
  }
  std::vector<Point> points;
  points.reserve(rows->size());
  for (const SqlRow& row : *rows) points.push_back({number(row.at(0)), number(row.at(1))});
  return points;
}

Result<std::vector<TimeSeries::Summary>> TimeSeries::range(Id id, TimeSpan span, double every) {
  const auto rows = ask(kSummaries, id, span, {every, static_cast<int64_t>(kMostRead + 1)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Summary> pieces;
  size_t read = 0;
  for (const SqlRow& row : *rows) {
    pieces.push_back({.time = number(row.at(0)) * every,
                      .min = number(row.at(1)),
                      .mean = number(row.at(2)),
                      .max = number(row.at(3)),
                      .count = std::get<int64_t>(row.at(4))});
    read += static_cast<size_t>(pieces.back().count);
  }
  if (read > kMostRead) {
    return fail(fmt::format("more than {} values to summarise: ask for less time", kMostRead));
  }
  if (pieces.size() > kMostPoints) {
    return fail(fmt::format("more than {} pieces of {} s: ask for less time, or longer pieces",
                            kMostPoints, every));
  }
  return pieces;
}

Result<std::optional<TimeSeries::Point>> TimeSeries::last(Id id) {
  const auto rows = ask(kLast, id, {}, {});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return Point{number(rows->at(0).at(0)), number(rows->at(0).at(1))};
}

std::vector<std::string> TimeSeries::names(std::string_view prefix) const {
  std::vector<std::string> names;
  for (const Series& series : series_) {
    if (series.in_file && series.name.starts_with(prefix)) names.push_back(series.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

double TimeSeries::oldest_kept(const Series& series) const {
  if (!series.keep) return 0;
  const auto now = std::chrono::duration<double>(timers_.clock().wall().time_since_epoch());
  return now.count() - *series.keep;
}

void TimeSeries::start_purging() {
  if (timers_.active(purging_)) return;
  purging_ = timers_.every(kPurgePeriod, [this] { purge(); });
}

void TimeSeries::purge() {
  size_t purged = 0;
  for (size_t seen = 0; seen < series_.size() && purged < kSeriesAtOnce; ++seen) {
    next_to_purge_ = (next_to_purge_ + 1) % series_.size();
    if (purge(next_to_purge_)) ++purged;
  }
}

bool TimeSeries::purge(Id id) {
  const Series& series = series_[id];
  const auto reader = store_.reader();
  if (!series.keep || !series.in_file || !reader) return false;
  const auto oldest =
      (*reader)->query({"SELECT min(time) FROM main.points WHERE series = ?", {key(id)}});
  const double limit = oldest_kept(series);
  if (!oldest || std::holds_alternative<std::monostate>(oldest->at(0).at(0))) return false;
  if (number(oldest->at(0).at(0)) >= limit - kPurgeSlack) return false;
  store_.write({kPurge, {key(id), limit, static_cast<int64_t>(kPurgedAtOnce)}},
               fmt::format("purge {}", id));
  return true;
}

}  // namespace engine
