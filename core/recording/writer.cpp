#include "core/recording/writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace engine {

Result<RecordingWriter> RecordingWriter::create(const std::filesystem::path& file,
                                                Existing existing) {
  const char* mode = existing == Existing::refuse ? "wbxe" : "wbe";
  Stream stream(std::fopen(file.c_str(), mode), &std::fclose);
  if (stream) return RecordingWriter(std::move(stream), file.string());
  if (errno == EEXIST) {
    return fail(fmt::format("{}: exists already; --force overwrites it", file.string()));
  }
  return fail(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(errno)));
}

RecordingWriter RecordingWriter::on(std::FILE* stream, std::string name) {
  return {Stream(stream, [](std::FILE*) { return 0; }), std::move(name)};
}

Result<void> RecordingWriter::begin(const RecordingHeader& header) {
  started_ = header.started;
  auto written = put(to_line(header));
  return written ? flush() : written;
}

Result<void> RecordingWriter::write(const RecordedMessage& recorded) {
  ++messages_;
  return put(to_line(recorded, started_));
}

Result<void> RecordingWriter::end(Duration at) {
  auto written = put(to_line(RecordingEnd{at}));
  return written ? flush() : written;
}

Result<void> RecordingWriter::flush() {
  if (std::fflush(stream_.get()) != 0) return cannot_write();
  return {};
}

Result<void> RecordingWriter::put(std::string line) {
  line += '\n';
  if (std::fwrite(line.data(), 1, line.size(), stream_.get()) != line.size()) return cannot_write();
  bytes_ += line.size();
  return {};
}

tl::unexpected<Error> RecordingWriter::cannot_write() const {
  return fail(fmt::format("{}: cannot be written: {}", name_, std::strerror(errno)));
}

}  // namespace engine
