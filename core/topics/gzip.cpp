#include "core/topics/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace engine::gzip {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib.h: 16 more for a gzip header and trailer.
constexpr int kMemoryLevel = 8;
constexpr size_t kStep = 16 * 1024;

void give(z_stream& stream, std::string_view bytes) {
  // zlib does not write there; its interface is older than const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
}

void receive(z_stream& stream, std::string& out, size_t from) {
  stream.next_out = reinterpret_cast<Bytef*>(out.data() + from);
  stream.avail_out = static_cast<uInt>(out.size() - from);
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
};

}  // namespace

bool recognised(std::string_view bytes) {
  return bytes.size() > 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

std::string compress(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  give(stream, bytes);
  receive(stream, out, 0);
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> decompress(std::string_view bytes, size_t most) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  give(stream, bytes);
  std::string out;
  size_t length = 0;
  for (;;) {
    // One byte over the bound shows that there are more.
    out.resize(std::min(std::max(length + kStep, 2 * length), most + 1));
    receive(stream, out, length);
    const int status = inflate(&stream, Z_NO_FLUSH);
    length = out.size() - stream.avail_out;
    if (length > most) return fail(fmt::format("more than {} bytes when decompressed", most));
    const bool ended = status == Z_STREAM_END;
    if (ended && stream.avail_in == 0) break;
    if (ended && inflateReset(&stream) == Z_OK) continue;  // Members may follow each other.
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK) return fail(stream.msg ? stream.msg : "it ends too early");
  }
  out.resize(length);
  return out;
}

}  // namespace engine::gzip
