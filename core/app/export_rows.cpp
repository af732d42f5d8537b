#include "core/app/export_rows.h"

#include <set>

#include "core/app/moment.h"

namespace engine {
namespace {

constexpr int64_t kBetweenProgress = 20'000;  // Rows.

// Never fails: it was written by us, and what is damaged becomes an empty object.
nlohmann::ordered_json object_of(const Runs::Run& run) {
  auto object = nlohmann::ordered_json::parse(run.data, nullptr, false);
  return object.is_object() ? object : nlohmann::ordered_json::object();
}

bool is_own(const std::string& field) { return field == "id" || field == "time"; }

}  // namespace

Result<void> ExportRows::series(const std::vector<std::string>& names) {
  using Strings = std::vector<std::string>;
  begin(options_.every > 0 ? Strings{"series", "time", "min", "mean", "max", "count"}
                           : Strings{"series", "time", "value"});
  for (const std::string& name : names) {
    const auto point = [&](const TimeSeries::Point& p) {
      return add({name, time(p.time), p.value});
    };
    const auto summary = [&](const TimeSeries::Summary& s) {
      return add({name, time(s.time), s.min, s.mean, s.max, s.count});
    };
    const auto done = options_.every > 0
                          ? history_.each_summary(name, options_.span, options_.every, summary)
                          : history_.each_point(name, options_.span, point);
    if (!done) return done;
  }
  writer_->finish();
  return {};
}

Result<void> ExportRows::runs(const std::vector<std::string>& kinds) {
  const auto fields = fields_of(kinds);
  if (!fields) return tl::unexpected(fields.error());
  std::vector<std::string> columns{"kind", "id", "time"};
  columns.insert(columns.end(), fields->begin(), fields->end());
  begin(columns);
  for (const std::string& kind : kinds) {
    const auto done = history_.each_run(kind, options_.span, [&](const Runs::Run& run) {
      const auto object = object_of(run);
      RowWriter::Row row{kind, run.id, time(run.time)};
      for (const std::string& field : *fields) {
        const auto found = object.find(field);
        row.push_back(found == object.end() ? nlohmann::json() : nlohmann::json(*found));
      }
      return add(row);
    });
    if (!done) return done;
  }
  writer_->finish();
  return {};
}

Result<std::vector<std::string>> ExportRows::fields_of(const std::vector<std::string>& kinds) {
  std::vector<std::string> fields;
  std::set<std::string> seen;
  for (const std::string& kind : kinds) {
    const auto done = history_.each_run(kind, options_.span, [&](const Runs::Run& run) {
      const auto object = object_of(run);  // Has to outlive the loop.
      for (const auto& item : object.items()) {
        if (!is_own(item.key()) && seen.insert(item.key()).second) fields.push_back(item.key());
      }
      return true;
    });
    if (!done) return tl::unexpected(done.error());
  }
  return fields;
}

void ExportRows::begin(std::vector<std::string> columns) {
  writer_ =
      options_.json ? json_writer(out_, std::move(columns)) : csv_writer(out_, std::move(columns));
}

bool ExportRows::add(const RowWriter::Row& row) {
  writer_->add(row);
  ++rows_;
  return rows_ % kBetweenProgress != 0 || progress_(rows_);
}

nlohmann::json ExportRows::time(double unix_seconds) const {
  if (options_.dates) return utc_text(unix_seconds);
  return unix_seconds;
}

}  // namespace engine
