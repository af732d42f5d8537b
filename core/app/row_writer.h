#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace engine {

// A table for other programs, written row by row.
class RowWriter {
 public:
  using Row = std::vector<nlohmann::json>;

  virtual ~RowWriter() = default;
  // One value for each column; null: there is none.
  virtual void add(const Row& row) = 0;
  virtual void finish() {}
};

// RFC 4180, a line of titles first. Texts are bare, other values JSON.
std::unique_ptr<RowWriter> csv_writer(std::ostream& out, std::vector<std::string> columns);
// An array of objects, one a line, without what a row has not.
std::unique_ptr<RowWriter> json_writer(std::ostream& out, std::vector<std::string> columns);

}  // namespace engine
