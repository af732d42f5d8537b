#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace engine::web {

// Where an engine's API is: a socket file, else a TCP address.
struct Endpoint {
  std::filesystem::path socket = {};
  std::string host = {};
  std::string port = {};
  std::string token = {};  // Over TCP, where the engine wants one.

  std::string name() const;
};

// `http://host:port`, with port 80 when there is none. Fails on anything else.
Result<Endpoint> parse_url(std::string_view url);

// Whether an engine listens there. A socket file may outlive its engine.
bool is_listening(const std::filesystem::path& socket);

struct Answer {
  int status = 0;
  std::string body;
};

// One request, which blocks the calling thread: for commands. `on_piece`, if there is one, hears a
// successful answer's body as it arrives, for as long as it lasts; else it is returned, and it
// fails after ten seconds without.
Result<Answer> ask(const Endpoint& endpoint, const std::string& method, const std::string& target,
                   const std::string& body = {},
                   const std::function<void(std::string_view)>& on_piece = nullptr);

}  // namespace engine::web
