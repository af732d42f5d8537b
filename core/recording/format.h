#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/bus/message.h"

// Recordings are JSON lines (docs/recording.md): a header, a line for each message in the order of
// time, and, if it was ended in order, a last line with its length.
namespace engine {

struct RecordingHeader {
  WallTime started{};
  std::vector<std::string> filters = {};  // What was listened to.
};

struct RecordedMessage {
  Duration at{};  // Since the start.
  Message message;
};

struct RecordingEnd {
  Duration at{};
};

// Each without the end of the line.
std::string to_line(const RecordingHeader& header);
std::string to_line(const RecordedMessage& recorded, WallTime started);
std::string to_line(const RecordingEnd& end);

// The errors say what is wrong with the line, not which it is.
Result<RecordingHeader> parse_header(std::string_view line);
Result<std::variant<RecordedMessage, RecordingEnd>> parse_recorded(std::string_view line);

// `2026-01-31T18:00:00.123456Z`.
std::string to_iso(WallTime time);
std::optional<WallTime> from_iso(const std::string& text);

}  // namespace engine
