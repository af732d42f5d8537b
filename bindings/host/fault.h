#pragma once

#include <string>
#include <string_view>

namespace engine {

// What went wrong in a script's callback.
struct Fault {
  std::string script;
  std::string callback;  // "timer.after", "mqtt.subscribe room1/+", ...
  std::string topic;     // Of the message that was being handled, if any.
  std::string message;   // With the script's file and line.
  std::string traceback;
};

}  // namespace engine
