#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/drivers/media/media_command.h"

namespace engine {

// Where the files are that commands name.
class MediaLibrary {
 public:
  virtual ~MediaLibrary() = default;

  struct File {
    std::string name;  // For people and events: as the command has it, with its extension.
    std::filesystem::path path;
  };
  // Fails with what was looked for, and where.
  virtual Result<File> find(MediaKind kind, const std::string& name) const = 0;
  // `name` has no extension; those of `kind` are tried in order.
  virtual Result<File> find_by_name(MediaKind kind, const std::string& name) const = 0;
};

// Files in folders; the first folder that has one wins. Looks at the disk each time, so a file that
// is added is found at once.
class MediaFiles final : public MediaLibrary {
 public:
  explicit MediaFiles(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  // An absolute name is good only inside one of the folders. The message for a missing file has the
  // folders and the nearest name that exists.
  Result<File> find(MediaKind kind, const std::string& name) const override;
  Result<File> find_by_name(MediaKind kind, const std::string& name) const override;

  void set_folders(std::vector<std::filesystem::path> folders) { folders_ = std::move(folders); }

  // Whether some file, in a folder itself, is one.
  bool has_sound_effects() const;
  bool has_any(MediaKind kind) const { return !neighbours(kind, "").empty(); }

 private:
  std::filesystem::path locate(const std::string& name) const;
  bool contains(const std::filesystem::path& absolute) const;
  std::string searched() const;
  // The files of `kind` beside which `name` would lie, as a command would name them.
  std::vector<std::string> neighbours(MediaKind kind, const std::string& name) const;

  std::vector<std::filesystem::path> folders_;
};

}  // namespace engine
