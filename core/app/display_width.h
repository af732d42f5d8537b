#pragma once

#include <string>
#include <string_view>

namespace engine {

// The columns that well-formed UTF-8 takes on a terminal: two for East Asian wide characters and
// emoji, none for combining marks and joiners.
size_t display_width(std::string_view text);

// At most `columns` wide; what is cut off is marked with `…`.
std::string cut_to_width(std::string_view text, size_t columns);

}  // namespace engine
