#include "core/topics/gzip.h"

#include <string>

#include "tests/support/catch.h"

using namespace engine;

namespace {

// `printf 'hello hello hello\n' | gzip -n`
const std::string kByGzip(
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x5c\x00\x3b\x7c"
    "\x8a\xdf\x12\x00\x00\x00",
    29);

constexpr size_t kMost = 1000;

}  // namespace

TEST_CASE("gzip: what other programs have compressed is read, and ours comes back") {
  CHECK(gzip::recognised(kByGzip));
  CHECK(gzip::decompress(kByGzip, kMost).value() == "hello hello hello\n");
  const std::string bytes = std::string(900, 'x') + std::string(2, '\0');
  const std::string packed = gzip::compress(bytes);
  CHECK(gzip::recognised(packed));
  CHECK(packed.size() < 100);
  CHECK(gzip::decompress(packed, kMost).value() == bytes);
  CHECK(gzip::decompress(gzip::compress(""), kMost).value().empty());
  CHECK(gzip::decompress(kByGzip + packed, kMost).value() == "hello hello hello\n" + bytes);
}

TEST_CASE("gzip: a bomb is not unpacked beyond the bound") {
  const std::string bomb = gzip::compress(std::string(10'000'000, '\0'));
  CHECK(bomb.size() < 20'000);
  CHECK(gzip::decompress(bomb, kMost).error().message == "more than 1000 bytes when decompressed");
  CHECK(gzip::decompress(gzip::compress(std::string(1000, 'x')), kMost));
  CHECK_FALSE(gzip::decompress(gzip::compress(std::string(1001, 'x')), kMost));
  std::string chain;  // Each small, together too much.
  for (int i = 0; i < 3; ++i) chain += gzip::compress(std::string(400, 'x'));
  CHECK_FALSE(gzip::decompress(chain, kMost));
}

TEST_CASE("gzip: what is damaged, cut short or goes on is refused") {
  for (size_t length = 0; length < kByGzip.size(); ++length) {
    INFO(length);
    CHECK_FALSE(gzip::decompress(kByGzip.substr(0, length), kMost));
  }
  std::string damaged = kByGzip;
  damaged[12] = static_cast<char>(damaged[12] ^ 1);
  CHECK_FALSE(gzip::decompress(damaged, kMost));
  CHECK_FALSE(gzip::decompress(kByGzip + "more", kMost));
  CHECK_FALSE(gzip::decompress("\x1f\x8b no gzip", kMost));
  CHECK_FALSE(gzip::recognised("\x1f\x8b"));
  CHECK_FALSE(gzip::recognised("{}"));
}
