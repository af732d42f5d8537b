#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

// The lines of mpv's JSON IPC (mpv's manual, "JSON IPC" and "List of events").
namespace engine::mpv {

struct Reply {
  int64_t request_id;
  std::string error;  // Empty: success.
  nlohmann::json data;
};
struct FileLoaded {};
struct EndFile {
  enum class Reason { eof, error, stop };  // Stop: by a command, whichever.
  Reason reason;
  int64_t entry;      // The playlist_entry_id that `loadfile` returned.
  std::string error;  // What mpv says of Reason::error.
};
struct PropertyChange {
  std::string name;
  nlohmann::json data;
};
struct Ignored {};  // An event of no interest, or a line that is none.

using Line = std::variant<Ignored, Reply, FileLoaded, EndFile, PropertyChange>;

Line decode(std::string_view line);
// `command` is an array; the line ends with a newline. Bytes that are not UTF-8 are replaced.
std::string encode(int64_t request_id, const nlohmann::json& command);

}  // namespace engine::mpv
