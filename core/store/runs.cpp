#include "core/store/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace engine {
namespace {

// Added, and perhaps not in the file yet. On the connection that reads, in memory.
constexpr const char* kRecent =
    "CREATE TEMP TABLE IF NOT EXISTS recent_runs (kind TEXT NOT NULL, id INTEGER NOT NULL, time "
    "REAL NOT NULL, data TEXT NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY (kind, id))";
constexpr const char* kAddRecent =
    "INSERT OR REPLACE INTO temp.recent_runs (kind, id, time, data, batch) VALUES (?, ?, ?, ?, ?)";
constexpr const char* kForgetRecent = "DELETE FROM temp.recent_runs WHERE batch <= ?";
constexpr const char* kAdd =
    "INSERT OR REPLACE INTO runs (kind, id, time, data) VALUES (?, ?, ?, ?)";

// A run can be in both for a moment; each branch stops at the limit by itself.
constexpr const char* kList =
    "SELECT id, time, data FROM ("
    "SELECT * FROM (SELECT id, time, data FROM main.runs WHERE kind = ?1 AND time BETWEEN ?2 AND "
    "?3 AND id NOT IN (SELECT id FROM temp.recent_runs WHERE kind = ?1) "
    "ORDER BY time DESC, id DESC LIMIT ?4) UNION ALL "
    "SELECT id, time, data FROM temp.recent_runs WHERE kind = ?1 AND time BETWEEN ?2 AND ?3"
    ") ORDER BY time DESC, id DESC LIMIT ?4";
constexpr const char* kGet =
    "SELECT id, time, data FROM main.runs WHERE kind = ?1 AND id = ?2 UNION ALL "
    "SELECT id, time, data FROM temp.recent_runs WHERE kind = ?1 AND id = ?2";

}  // namespace

Runs::Runs(Store& store) : store_(store) {
  for (const SqlRow& row : store_.load({"SELECT kind, max(id) FROM runs GROUP BY kind", {}})) {
    kinds_.push_back({std::get<std::string>(row.at(0)), std::get<int64_t>(row.at(1))});
  }
  if (const auto reader = store_.reader()) (void)(*reader)->query({kRecent, {}});
  settled_ = store_.on_settled.connect([this](uint64_t batch, bool) {
    if (const auto reader = store_.reader()) {
      (void)(*reader)->query({kForgetRecent, {static_cast<int64_t>(batch)}});
    }
  });
}

Runs::~Runs() { store_.on_settled.disconnect(settled_); }

Result<Runs::Kind> Runs::open(const std::string& name) {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                  [&](const KindOfRun& kind) { return kind.name == name; });
  if (found != kinds_.end()) return static_cast<Kind>(found - kinds_.begin());
  if (kinds_.size() >= kMostKinds) {
    return fail(
        fmt::format("there are {} kinds of runs already, and no room for '{}'", kMostKinds, name));
  }
  kinds_.push_back({name});
  return kinds_.size() - 1;
}

Result<int64_t> Runs::add(Kind kind, double time, const std::string& data) {
  if (data.size() > kLargest) {
    return fail(fmt::format("a run of {} bytes is too large: at most {}", data.size(), kLargest));
  }
  const std::string& name = kinds_.at(kind).name;
  const int64_t id = ++kinds_[kind].last_id;
  const auto batch = static_cast<int64_t>(store_.batch());
  store_.write({kAdd, {name, id, time, data}});
  if (const auto reader = store_.reader()) {
    (void)(*reader)->query({kAddRecent, {name, id, time, data, batch}});
  }
  return id;
}

Result<std::vector<Runs::Run>> Runs::list(Kind kind, TimeSpan span, size_t limit) {
  return ask({kList, {kinds_.at(kind).name, span.from, span.to, static_cast<int64_t>(limit)}});
}

Result<std::optional<Runs::Run>> Runs::get(Kind kind, int64_t id) {
  auto found = ask({kGet, {kinds_.at(kind).name, id}});
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

Result<std::vector<Runs::Run>> Runs::ask(Statement statement) {
  const auto reader = store_.reader();
  if (!reader) return tl::unexpected(reader.error());
  std::vector<Run> runs;
  size_t bytes = 0;
  const auto done = (*reader)->each(statement, [&](SqlRow row) {
    runs.push_back({.id = std::get<int64_t>(row.at(0)),
                    .time = std::get<double>(row.at(1)),
                    .data = std::get<std::string>(std::move(row.at(2)))});
    bytes += runs.back().data.size();
    return bytes <= kLargestAnswer;
  });
  if (!done) return tl::unexpected(done.error());
  if (bytes > kLargestAnswer) {
    return fail(fmt::format("more than {} MB of runs: ask for fewer", kLargestAnswer >> 20));
  }
  return runs;
}

}  // namespace engine
