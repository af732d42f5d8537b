#include "core/drivers/media/mpv_protocol.h"

#include "tests/support/catch.h"

using namespace engine;

namespace {

template <typename T>
T decode(const std::string& line) {
  const auto decoded = mpv::decode(line);
  INFO(line);
  REQUIRE(std::holds_alternative<T>(decoded));
  return std::get<T>(decoded);
}

}  // namespace

TEST_CASE("mpv protocol: a command is one line with its request id") {
  CHECK(mpv::encode(7, {"set_property", "pause", true}) ==
        "{\"command\":[\"set_property\",\"pause\",true],\"request_id\":7}\n");
  CHECK(mpv::encode(8, {"loadfile", "/a\xff.wav"}).find("/a\xef\xbf\xbd.wav") != std::string::npos);
}

TEST_CASE("mpv protocol: replies, good and bad") {
  const auto good =
      decode<mpv::Reply>(R"({"data":{"playlist_entry_id":3},"request_id":2,"error":"success"})");
  CHECK(good.request_id == 2);
  CHECK(good.error.empty());
  CHECK(good.data["playlist_entry_id"] == 3);
  CHECK(decode<mpv::Reply>(R"({"request_id":7,"error":"error running command"})").error ==
        "error running command");
}

TEST_CASE("mpv protocol: the three ways in which a file ends") {
  using Reason = mpv::EndFile::Reason;
  const auto eof =
      decode<mpv::EndFile>(R"({"event":"end-file","reason":"eof","playlist_entry_id":4})");
  CHECK(eof.reason == Reason::eof);
  CHECK(eof.entry == 4);
  const auto error = decode<mpv::EndFile>(
      R"({"event":"end-file","reason":"error","playlist_entry_id":5,"file_error":"unrecognized file format"})");
  CHECK(error.reason == Reason::error);
  CHECK(error.error == "unrecognized file format");
  CHECK(decode<mpv::EndFile>(R"({"event":"end-file","reason":"stop","playlist_entry_id":4})")
            .reason == Reason::stop);
  CHECK(decode<mpv::EndFile>(R"({"event":"end-file","reason":"quit"})").reason == Reason::stop);
}

TEST_CASE("mpv protocol: properties") {
  const auto change = decode<mpv::PropertyChange>(
      R"({"event":"property-change","id":1,"name":"current-ao","data":"null"})");
  CHECK(change.name == "current-ao");
  CHECK(change.data == "null");
  CHECK(decode<mpv::PropertyChange>(R"({"event":"property-change","id":1,"name":"current-ao"})")
            .data.is_null());
}

TEST_CASE("mpv protocol: what is no message is ignored") {
  for (const char* line :
       {"", "{", "[]", "null", "{}", R"({"event":3})", "\xff\xfe", R"({"event":"idle"})"}) {
    decode<mpv::Ignored>(line);
  }
}
