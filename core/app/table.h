#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine {

enum class Colour { none, grey, red, green, yellow };

struct Cell {
  std::string text;
  Colour colour = Colour::none;
  Cell(std::string t = {}, Colour c = Colour::none) : text(std::move(t)), colour(c) {}
  Cell(const char* t) : text(t) {}
};

// Rows with aligned columns, for people to read. Texts are made printable.
class Table {
 public:
  // Column titles in capitals. A column that begins with `>` is aligned to the right.
  explicit Table(std::vector<std::string> titles);

  void add(std::vector<Cell> row);
  size_t rows() const { return rows_.size(); }
  // A line each, the titles first. `columns` cuts lines to a terminal's width; 0: they are not cut.
  std::string text(bool colours, size_t columns = 0) const;

 private:
  std::vector<std::string> titles_;
  std::vector<bool> right_;
  std::vector<std::vector<Cell>> rows_;
};

std::string coloured(std::string_view text, Colour colour, bool colours);

}  // namespace engine
