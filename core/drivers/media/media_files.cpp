#include "core/drivers/media/media_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "core/base/nearest.h"

namespace engine {

namespace fs = std::filesystem;

namespace {

// Follows links; a folder, a pipe or a device is no media file.
bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

std::string hint(const std::optional<std::string>& meant) {
  return meant ? fmt::format("; did you mean \"{}\"?", *meant) : "";
}

}  // namespace

Result<MediaLibrary::File> MediaFiles::find(MediaKind kind, const std::string& name) const {
  if (fs::path(name).is_absolute() && !contains(name)) {
    return fail(fmt::format("\"{}\" lies outside of the media folders ({})", name, searched()));
  }
  if (fs::path path = locate(name); !path.empty()) return File{name, std::move(path)};
  return fail(fmt::format("\"{}\" is not in {}{}", name, searched(),
                          hint(nearest(name, neighbours(kind, name)))));
}

Result<MediaLibrary::File> MediaFiles::find_by_name(MediaKind kind, const std::string& name) const {
  for (const std::string& extension : media_extensions(kind)) {
    if (fs::path path = locate(name + extension); !path.empty()) {
      return File{name + extension, std::move(path)};
    }
  }
  std::vector<std::string> names = neighbours(kind, name);
  for (std::string& each : names) each = fs::path(each).replace_extension().string();
  return fail(fmt::format("\"{}\" ({}) is not in {}{}", name, extension_list(kind), searched(),
                          hint(nearest(name, names))));
}

bool MediaFiles::has_sound_effects() const {
  const auto names = neighbours(MediaKind::audio, "");
  return std::any_of(names.begin(), names.end(), is_sound_effect);
}

fs::path MediaFiles::locate(const std::string& name) const {
  for (const fs::path& folder : folders_) {
    const fs::path path = folder / name;  // An absolute name replaces the folder.
    std::error_code error;
    if (is_file(path)) return fs::absolute(path, error);
  }
  return {};
}

bool MediaFiles::contains(const fs::path& absolute) const {
  return std::any_of(folders_.begin(), folders_.end(), [&](const fs::path& folder) {
    std::error_code error;
    const fs::path relative = absolute.lexically_normal().lexically_relative(
        fs::absolute(folder, error).lexically_normal());
    return !relative.empty() && *relative.begin() != "..";
  });
}

std::string MediaFiles::searched() const {
  if (folders_.empty()) return "any media folder, for none is configured";
  std::vector<std::string> names;
  for (const fs::path& folder : folders_) {
    std::error_code ignored;
    names.push_back(folder.string() +
                    (fs::is_directory(folder, ignored) ? "" : " (no such folder)"));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string> MediaFiles::neighbours(MediaKind kind, const std::string& name) const {
  std::vector<std::string> names;
  const fs::path below = fs::path(name).parent_path();
  for (const fs::path& folder : folders_) {
    std::error_code error;
    for (fs::directory_iterator it(folder / below, error), end; !error && it != end;
         it.increment(error)) {
      const fs::path file = it->path().filename();
      if (has_extension_of(kind, file.string())) names.push_back((below / file).string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace engine
