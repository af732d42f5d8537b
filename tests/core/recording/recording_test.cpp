#include <filesystem>

#include "core/recording/base64.h"
#include "core/recording/reader.h"
#include "core/recording/writer.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

const WallTime kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 18h};
const std::string kHeader =
    R"({"engine_recording":1,"started":"2026-01-31T18:00:00.000000Z","filters":["#"]})"
    "\n";

struct RecordingFixture {
  TempFolder folder;

  std::string write(const std::string& text) { return folder.write("r.jsonl", text).string(); }
  // The first error in reading the text.
  std::string error_of(const std::string& text) {
    auto reader = RecordingReader::open(write(text));
    if (!reader) return without_folder(reader.error().message);
    for (;;) {
      const auto next = reader->next();
      if (!next) return without_folder(next.error().message);
      if (!*next) return "";
    }
  }
  std::string without_folder(const std::string& message) {
    const std::string path = (folder.path() / "").string();
    return message.starts_with(path) ? message.substr(path.size()) : message;
  }
};

}  // namespace

TEST_CASE("base64: any bytes come back as they were") {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    CHECK(from_base64(to_base64(bytes)) == bytes);
    bytes += static_cast<char>(i * 7);
  }
  CHECK(to_base64("Man") == "TWFu");
  CHECK(to_base64("Ma") == "TWE=");
  CHECK(to_base64("M") == "TQ==");
  CHECK_FALSE(from_base64("TQ="));
  CHECK_FALSE(from_base64("T?=="));
  CHECK_FALSE(from_base64("TQ==TQ=="));
}

TEST_CASE("recording: a line is JSON that people can read") {
  CHECK(to_line(RecordedMessage{1500us, {.topic = "room1/light", .payload = "ON"}}, kStart) ==
        R"({"t":0.001500,"wall":"2026-01-31T18:00:00.001500Z","topic":"room1/light",)"
        R"("payload":"ON","qos":0,"retain":false})");
  CHECK(to_line(RecordedMessage{1h, {.topic = "a", .payload = "\xff", .qos = 2, .retain = true}},
                kStart) == R"({"t":3600.000000,"wall":"2026-01-31T19:00:00.000000Z","topic":"a",)"
                           R"("payload":{"base64":"/w=="},"qos":2,"retain":true})");
}

TEST_CASE_METHOD(RecordingFixture, "recording: what is written is read again, every property") {
  Message full{.topic = "a/ä", .payload = std::string("\0\x01\xff", 3), .qos = 1, .retain = true};
  full.duplicate = true;
  full.response_topic = "answers";
  full.correlation_data = "\xfe";
  full.content_type = "text/plain";
  full.user_properties = {{"k", "v"}, {"k", "w"}};
  auto writer = RecordingWriter::create(folder / "w.jsonl", RecordingWriter::Existing::refuse);
  REQUIRE(writer);
  REQUIRE(writer->begin({.started = kStart + 123456us, .filters = {"a/#"}}));
  REQUIRE(writer->write({1ms, full}));
  REQUIRE(writer->write({3599s + 999999us, {.topic = "b", .payload = ""}}));
  REQUIRE(writer->end(4000s));

  auto reader = RecordingReader::open(folder / "w.jsonl");
  REQUIRE(reader);
  CHECK(reader->header().started == kStart + 123456us);
  const auto first = reader->next().value();
  REQUIRE(first);
  CHECK(first->at == 1ms);
  CHECK(first->message.topic == full.topic);
  CHECK(first->message.payload == full.payload);
  CHECK(first->message.qos == 1);
  CHECK(first->message.retain);
  CHECK(first->message.duplicate);
  CHECK(first->message.response_topic == full.response_topic);
  CHECK(first->message.correlation_data == full.correlation_data);
  CHECK(first->message.content_type == full.content_type);
  CHECK(first->message.user_properties == full.user_properties);
  const auto second = reader->next().value();
  REQUIRE(second);
  CHECK(second->at == 3599s + 999999us);
  CHECK_FALSE(reader->next().value());
  CHECK(reader->position() == 4000s);
  CHECK_FALSE(reader->broken_off());
}

TEST_CASE_METHOD(RecordingFixture, "recording: an existing file is overwritten only when told to") {
  const auto file = folder.write("old.jsonl", "precious");
  using Existing = RecordingWriter::Existing;
  const auto refused = RecordingWriter::create(file, Existing::refuse);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == file.string() + ": exists already; --force overwrites it");
  CHECK(read_file(file) == "precious");
  CHECK(RecordingWriter::create(file, Existing::replace));
  CHECK(read_file(file).empty());
}

TEST_CASE("recording: a full disk is an error") {
  auto writer = RecordingWriter::create("/dev/full", RecordingWriter::Existing::replace);
  REQUIRE(writer);
  const auto begun = writer->begin({.started = kStart});
  REQUIRE_FALSE(begun);
  CHECK(begun.error().message == "/dev/full: cannot be written: No space left on device");
}

TEST_CASE_METHOD(RecordingFixture, "recording: what cannot be read is named with its line") {
  const std::string good = R"({"t":1,"topic":"a","payload":"x"})"
                           "\n";
  CHECK(error_of(kHeader + good + good) == "");
  CHECK(error_of("") == "r.jsonl: is empty, and no recording");
  CHECK(error_of("{}\n") ==
        "r.jsonl:1: is not a recording: its first line has no \"engine_recording\"");
  CHECK(error_of("hello\n").starts_with("r.jsonl:1: is not a recording"));
  CHECK(error_of(R"({"engine_recording":2})") ==
        "r.jsonl:1: engine_recording: version 2 is not known, only 1");
  CHECK(error_of(R"({"engine_recording":1,"started":"yesterday"})")
            .starts_with("r.jsonl:1: started: "));
  CHECK(error_of(R"({"engine_recording":1,"started":"9999-01-31T18:00:00.000000Z"})")
            .starts_with("r.jsonl:1: started: "));
  CHECK(error_of(kHeader + good + "{broken\n" + good) == "r.jsonl:3: is not a JSON object");
  CHECK(error_of(kHeader + R"({"t":-1,"topic":"a","payload":""})"
                           "\n") == "r.jsonl:2: t: seconds since the start expected");
  CHECK(error_of(kHeader + R"({"t":1,"topic":"a/+","payload":""})"
                           "\n")
            .starts_with("r.jsonl:2: topic 'a/+' has a wildcard"));
  CHECK(error_of(kHeader + R"({"t":1,"topic":"a"})"
                           "\n") == "r.jsonl:2: payload: text or {\"base64\": ...} expected");
  CHECK(error_of(kHeader + R"({"t":1,"topic":"a","payload":{"base64":"?"}})"
                           "\n")
            .starts_with("r.jsonl:2: payload: "));
  CHECK(error_of(kHeader + R"({"t":1,"topic":"a","payload":"","qos":3})"
                           "\n") == "r.jsonl:2: qos: 0, 1 or 2 expected");
  CHECK(error_of(kHeader + good +
                 R"({"t":0.5,"topic":"a","payload":""})"
                 "\n") == "r.jsonl:3: its time is before that of the line before");
  CHECK(RecordingReader::open(folder / "gone")
            .error()
            .message.ends_with("gone: cannot be read: No such file or directory"));
  CHECK(RecordingReader::open(folder.path()).error().message.ends_with(": is a folder"));
}

TEST_CASE_METHOD(RecordingFixture, "recording: a last line that breaks off is passed over") {
  auto reader = RecordingReader::open(write(kHeader + R"({"t":1,"topic":"a","payload":"x"})"
                                                      "\n"
                                                      R"({"t":2,"topic":"a","payl)"));
  REQUIRE(reader);
  REQUIRE(reader->next().value());
  CHECK_FALSE(reader->next().value());
  CHECK(reader->broken_off());
  CHECK(reader->position() == 1s);
}

TEST_CASE_METHOD(RecordingFixture, "recording: a long line is one message") {
  const std::string payload(300'000, 'x');
  auto reader = RecordingReader::open(
      write(kHeader + R"({"t":1,"topic":"a","payload":")" + payload + "\"}\n"));
  REQUIRE(reader);
  const auto message = reader->next().value();
  REQUIRE(message);
  CHECK(message->message.payload == payload);
}
