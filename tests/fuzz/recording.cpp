// A recording: whatever the file holds, its messages can be written and read again, or an error
// names the line.
#include "core/bus/topic.h"
#include "core/recording/reader.h"
#include "tests/fuzz/input_file.h"

namespace engine::fuzz {
namespace {

bool same(const Message& a, const Message& b) {
  return a.topic == b.topic && a.payload == b.payload && a.qos == b.qos && a.retain == b.retain &&
         a.duplicate == b.duplicate && a.response_topic == b.response_topic &&
         a.correlation_data == b.correlation_data && a.content_type == b.content_type &&
         a.user_properties == b.user_properties;
}

void check_message(const RecordedMessage& recorded, WallTime started) {
  expect(topic::check_name(recorded.message.topic).has_value(), "a topic is valid");
  const std::string line = to_line(recorded, started);
  expect(line.find('\n') == line.npos, "a message is one line", line);
  const auto again = parse_recorded(line);
  expect(again.has_value(), "a message that was written can be read", line);
  const auto* message = std::get_if<RecordedMessage>(&*again);
  expect(message && message->at == recorded.at, "its time stays", line);
  expect(same(message->message, recorded.message), "what was written is what is read", line);
}

}  // namespace

void one_input(std::string_view input) {
  const InputFile file(input);
  auto reader = RecordingReader::open(file.path());
  if (!reader) {
    expect(!reader.error().message.empty(), "a refusal says why");
    return;
  }
  const WallTime started = reader->header().started;
  const auto header = parse_header(to_line(reader->header()));
  expect(header && header->started == started, "the start stays", to_iso(started));
  for (Duration before{};;) {
    const auto message = reader->next();
    if (!message || !*message) return;
    expect((*message)->at >= before, "messages come in the order of time");
    before = (*message)->at;
    check_message(**message, started);
  }
}

}  // namespace engine::fuzz
