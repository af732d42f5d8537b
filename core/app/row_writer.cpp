#include "core/app/row_writer.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace engine {
namespace {

using nlohmann::json;

// A whole number without its `.0`.
std::string text_of(const json& value) {
  if (value.is_number_float()) {
    const auto number = value.get<double>();
    if (std::abs(number) < 1e15 && number == std::trunc(number)) {
      return std::to_string(static_cast<int64_t>(number));
    }
  }
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string cell_of(const json& value) {
  if (value.is_null()) return {};
  std::string text = value.is_string() ? value.get<std::string>() : text_of(value);
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  for (size_t at = 0; (at = text.find('"', at)) != text.npos; at += 2) text.insert(at, 1, '"');
  return '"' + text + '"';
}

class CsvWriter final : public RowWriter {
 public:
  CsvWriter(std::ostream& out, const std::vector<std::string>& columns) : out_(out) {
    add({columns.begin(), columns.end()});
  }
  void add(const Row& row) override {
    for (size_t i = 0; i < row.size(); ++i) out_ << (i > 0 ? "," : "") << cell_of(row[i]);
    out_ << "\r\n";
  }

 private:
  std::ostream& out_;
};

class JsonWriter final : public RowWriter {
 public:
  JsonWriter(std::ostream& out, const std::vector<std::string>& columns) : out_(out) {
    for (const std::string& column : columns) names_.push_back(text_of(column) + ":");
  }
  void add(const Row& row) override {
    out_ << (std::exchange(first_, false) ? "[\n{" : ",\n{");
    bool first = true;
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].is_null()) continue;
      out_ << (std::exchange(first, false) ? "" : ",") << names_[i] << text_of(row[i]);
    }
    out_ << "}";
  }
  void finish() override { out_ << (first_ ? "[]\n" : "\n]\n"); }

 private:
  std::ostream& out_;
  std::vector<std::string> names_;  // Quoted, with their colon.
  bool first_ = true;
};

}  // namespace

std::unique_ptr<RowWriter> csv_writer(std::ostream& out, std::vector<std::string> columns) {
  return std::make_unique<CsvWriter>(out, columns);
}

std::unique_ptr<RowWriter> json_writer(std::ostream& out, std::vector<std::string> columns) {
  return std::make_unique<JsonWriter>(out, columns);
}

}  // namespace engine
