#include "core/recording/reader.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace engine {
namespace {

// The largest MQTT payload, in base64, with what stands around it.
constexpr size_t kLongestLine = 400'000'000;

}  // namespace

Result<RecordingReader> RecordingReader::open(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return fail(file.string() + ": is a folder");
  std::FILE* stream = std::fopen(file.c_str(), "rbe");
  if (!stream) {
    return fail(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  }
  RecordingReader reader(stream, file.string());
  const auto first = reader.read_line();
  if (!first) return tl::unexpected(first.error());
  if (!*first) return fail(file.string() + ": is empty, and no recording");
  const auto header = parse_header(reader.line_);
  if (!header) return reader.wrong(header.error().message);
  reader.header_ = *header;
  return reader;
}

Result<std::optional<RecordedMessage>> RecordingReader::next() {
  for (;;) {
    const auto more = read_line();
    if (!more) return tl::unexpected(more.error());
    if (!*more) return std::nullopt;
    if (line_.empty()) continue;
    auto parsed = parse_recorded(line_);
    if (!parsed) {
      if (whole_) return wrong(parsed.error().message);
      broken_off_ = true;
      return std::nullopt;
    }
    auto* message = std::get_if<RecordedMessage>(&*parsed);
    const Duration at = message ? message->at : std::get<RecordingEnd>(*parsed).at;
    if (at < position_) return wrong("its time is before that of the line before");
    position_ = at;
    if (message) return std::move(*message);
  }
}

Result<bool> RecordingReader::read_line() {
  line_.clear();
  ++number_;
  char buffer[65536];
  while (std::fgets(buffer, sizeof buffer, stream_.get())) {
    const size_t length = std::strlen(buffer);
    line_.append(buffer, length);
    if (length == 0) return wrong("has a NUL character: this is no text");
    if (line_.back() == '\n') {
      line_.pop_back();
      if (line_.ends_with('\r')) line_.pop_back();
      return whole_ = true;
    }
    if (line_.size() > kLongestLine) return wrong("is longer than 400 MB");
  }
  if (std::ferror(stream_.get())) return wrong(std::strerror(errno));
  whole_ = false;
  return !line_.empty();
}

tl::unexpected<Error> RecordingReader::wrong(const std::string& what) const {
  return fail(fmt::format("{}:{}: {}", name_, number_, what));
}

}  // namespace engine
