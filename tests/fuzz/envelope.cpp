// Envelopes (engine.message): whatever comes in is an envelope that can be sent on unchanged, or
// is none, or an error says why.
#include "tests/fuzz/script_world.h"

namespace engine::fuzz {
namespace {

constexpr const char* kScript = R"lua(
local message = require "engine.message"

local function check(msg)
  local envelope, why = message.decode(msg.payload)
  if not envelope then
    assert(why == nil or #why > 0)
    return
  end
  local text = message.encode(envelope)
  local again = assert(message.decode(text))
  assert(message.encode(again) == text, "what was sent on is what is read")
  local sent, refusal = message.publish("sent", envelope)
  assert(sent or refusal, "it is sent, or why not is said")
end

mqtt.subscribe("in", function(msg)
  check(msg)
  local envelope, why = message.read(msg, { max_age = math.huge })
  assert(envelope or why == nil or #why > 0)
end)
message.subscribe("in", function(msg)
  assert(msg.content ~= nil and (msg.envelope == nil or msg.envelope.metadata.sender))
end)
)lua";

}  // namespace

void one_input(std::string_view input) {
  static ScriptWorld world{kScript};
  world.deliver({.topic = "in", .payload = std::string(input)});
  world.rehearsal().advance(std::chrono::seconds{1});
}

}  // namespace engine::fuzz
