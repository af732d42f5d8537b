#pragma once

#include <filesystem>

namespace engine {

// Where the Lua library lies: beside the program as it was installed, or as it was built.
std::filesystem::path library_folder();

}  // namespace engine
