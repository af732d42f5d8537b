#include "core/config/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/utf8.h"

namespace engine {
namespace {

constexpr size_t kLargestFile = 1024 * 1024;
constexpr size_t kLongestLine = 8 * 1024;

// All of the file, or the first bytes of one that is too large.
Result<std::string> read_bytes(int descriptor) {
  std::string bytes;
  char buffer[16 * 1024];
  while (bytes.size() <= kLargestFile) {
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(std::strerror(errno));
    if (count == 0) break;
    bytes.append(buffer, static_cast<size_t>(count));
  }
  return bytes;
}

Result<void> check_line(std::string_view line) {
  if (line.size() > kLongestLine) {
    return fail(fmt::format("1: a line of {} bytes (at most {})", line.size(), kLongestLine));
  }
  if (line.find('\0') != line.npos) {
    return fail(fmt::format("{}: a NUL byte: this is not a text file", line.find('\0') + 1));
  }
  if (is_utf8(line)) return {};
  size_t good = 0;  // Bytes before the first one that is wrong.
  while (good < line.size()) {
    size_t length = 1;
    while (length <= 4 && !is_utf8(line.substr(good, length))) ++length;
    if (length > 4) break;
    good += length;
  }
  return fail(fmt::format("{}: the byte 0x{:02x} is not UTF-8", good + 1,
                          static_cast<unsigned char>(line[good])));
}

Result<void> check_text(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) {
    return fail(fmt::format(" is empty ({} bytes)", text.size()));
  }
  if (text.size() > kLargestFile)
    return fail(fmt::format(" is larger than {} bytes", kLargestFile));
  size_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    if (auto line = check_line(text.substr(begin, end - begin)); !line) {
      return fail(fmt::format(":{}:{}", number, line.error().message));
    }
    begin = end + 1;
  }
  return {};
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return fail(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  }
  struct stat info {};
  const bool is_folder = ::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode);
  auto bytes = is_folder ? Result<std::string>(fail("it is a folder")) : read_bytes(descriptor);
  ::close(descriptor);
  if (!bytes) {
    return fail(fmt::format("{}: cannot be read: {}", file.string(), bytes.error().message));
  }
  if (auto valid = check_text(*bytes); !valid) return fail(file.string() + valid.error().message);
  return bytes;
}

}  // namespace engine
