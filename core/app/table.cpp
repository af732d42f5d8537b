#include "core/app/table.h"

#include <algorithm>
#include <utility>

#include "core/app/display_width.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr std::string_view kGap = "  ";

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::grey:
      return "\x1b[2m";
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::none:
      break;
  }
  return "";
}

}  // namespace

std::string coloured(std::string_view text, Colour colour, bool colours) {
  if (!colours || colour == Colour::none || text.empty()) return std::string(text);
  return std::string(code_of(colour)) + std::string(text) + "\x1b[0m";
}

Table::Table(std::vector<std::string> titles) : titles_(std::move(titles)) {
  for (std::string& title : titles_) {
    right_.push_back(title.starts_with('>'));
    if (right_.back()) title.erase(0, 1);
  }
}

void Table::add(std::vector<Cell> row) {
  row.resize(titles_.size());
  for (Cell& cell : row) cell.text = printable(cell.text, std::string::npos);
  rows_.push_back(std::move(row));
}

std::string Table::text(bool colours, size_t columns) const {
  std::vector<std::vector<Cell>> lines;
  lines.emplace_back();
  for (const std::string& title : titles_) lines.back().emplace_back(title, Colour::grey);
  lines.insert(lines.end(), rows_.begin(), rows_.end());
  std::vector<size_t> widths(titles_.size(), 0);
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(line[i].text));
    }
  }
  std::string result;
  for (const auto& line : lines) {
    size_t begin = 0;
    std::string blanks;  // Not written at the end of a line.
    for (size_t i = 0; i < line.size(); ++i) {
      std::string cell = line[i].text;
      if (columns > 0) cell = cut_to_width(cell, columns > begin ? columns - begin : 0);
      const size_t width = display_width(cell);
      const std::string padding(widths[i] - std::min(width, widths[i]), ' ');
      if (right_[i]) blanks += padding;
      if (!cell.empty())
        result += std::exchange(blanks, "") + coloured(cell, line[i].colour, colours);
      if (!right_[i]) blanks += padding;
      blanks += kGap;
      begin += widths[i] + kGap.size();
    }
    result += '\n';
  }
  return result;
}

}  // namespace engine
