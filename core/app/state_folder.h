#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/config/environment.h"

namespace engine {

// The folder of all sites: what the user named, else `$XDG_STATE_HOME/engine`, else
// `~/.local/state/engine`.
Result<std::filesystem::path> state_root(const std::optional<std::filesystem::path>& named,
                                         const Environment& environment);

// Where one site keeps what must outlive a restart: `<root>/<site>/`, for its owner's eyes only.
// While this object lives, no second engine can have the folder of the same site; the operating
// system lifts the lock when the process ends in whatever way.
class StateFolder {
 public:
  // `root` as in `state_root`. Missing folders are made. Fails with the folder and the reason, or
  // with the pid of the engine that has it.
  static Result<StateFolder> open(const std::optional<std::filesystem::path>& root,
                                  const std::string& site, const Environment& environment);
  StateFolder(StateFolder&& other) noexcept;
  StateFolder& operator=(StateFolder&&) = delete;
  ~StateFolder();

  const std::filesystem::path& path() const { return path_; }
  // A folder inside it, made when it is missing.
  Result<std::filesystem::path> subfolder(const std::string& name) const;

 private:
  StateFolder(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;  // The descriptor that holds the lock, or -1 after a move.
};

}  // namespace engine
