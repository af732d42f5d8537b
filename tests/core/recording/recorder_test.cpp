#include "core/recording/recorder.h"

#include "core/recording/reader.h"
#include "tests/support/catch.h"
#include "tests/support/fake_link.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;

namespace {

struct RecorderFixture {
  TempFolder folder;
  VirtualClock clock;
  Timers timers{clock};
  Bus bus{timers};
  RecordingWriter writer =
      RecordingWriter::create(folder / "r.jsonl", RecordingWriter::Existing::refuse).value();
  std::vector<std::string> errors;
  Recorder recorder{bus, clock, writer, [this](const Error& e) { errors.push_back(e.message); }};

  void arrive(const std::string& topic, const std::string& payload) {
    Message message{.topic = topic, .payload = payload};
    message.received_at = clock.now();
    bus.deliver(message);
  }
  // `1.500 topic=payload` of each message in the file.
  std::vector<std::string> recorded() {
    std::vector<std::string> lines;
    auto reader = RecordingReader::open(folder / "r.jsonl").value();
    while (const auto next = reader.next().value()) {
      lines.push_back(std::to_string(next->at / 1ms) + " " + next->message.topic + "=" +
                      next->message.payload);
    }
    return lines;
  }
};

}  // namespace

TEST_CASE_METHOD(RecorderFixture, "recorder: writes what arrives, with its time") {
  advance(clock, timers, 5s);
  recorder.start({"#"});
  advance(clock, timers, 1500ms);
  arrive("a/b", "x");
  advance(clock, timers, 1s);
  arrive("c", "y");
  recorder.flush();
  CHECK(recorded() == std::vector<std::string>{"1500 a/b=x", "2500 c=y"});
  recorder.finish();
  CHECK(writer.messages() == 2);
  CHECK(errors.empty());
}

TEST_CASE_METHOD(RecorderFixture, "recorder: what two filters match is written once") {
  recorder.start({"a/#", "+/b", "c"});
  arrive("a/b", "both");
  arrive("x/b", "second");
  arrive("a/x", "first");
  arrive("d", "none");
  recorder.finish();
  CHECK(recorded() == std::vector<std::string>{"0 a/b=both", "0 x/b=second", "0 a/x=first"});
}

TEST_CASE_METHOD(RecorderFixture, "recorder: asks for the QoS that messages are sent with") {
  FakeLink link;
  bus.attach(&link);
  recorder.start({"a/#"});
  CHECK(link.log == "sub a/# 2;");
  bus.attach(nullptr);
}

TEST_CASE_METHOD(RecorderFixture,
                 "recorder: a full disk is told once, and nothing more is written") {
  auto full = RecordingWriter::create("/dev/full", RecordingWriter::Existing::replace).value();
  Recorder on_full(bus, clock, full, [this](const Error& e) { errors.push_back(e.message); });
  on_full.start({"#"});
  arrive("a", "x");
  on_full.flush();
  on_full.finish();
  CHECK(on_full.failed());
  CHECK(errors ==
        std::vector<std::string>{"/dev/full: cannot be written: No space left on device"});
}
