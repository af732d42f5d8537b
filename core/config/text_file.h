#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.h"

namespace engine {

// A small file that people write: UTF-8, not empty, at most 1 MiB, its lines at most 8 KiB. (Deeper
// nesting than fits on such a line would overflow the stack of the TOML library.) The message
// begins with the file's name.
Result<std::string> read_text_file(const std::filesystem::path& file);

}  // namespace engine
