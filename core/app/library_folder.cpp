#include "core/app/library_folder.h"

namespace engine {

std::filesystem::path library_folder() {
  namespace fs = std::filesystem;
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
  for (const char* place : {"../share/engine/scripts", "../../scripts"}) {
    const fs::path folder = (program / place).lexically_normal();
    if (fs::is_directory(folder / "engine")) return folder;
  }
  return program / "scripts";
}

}  // namespace engine
