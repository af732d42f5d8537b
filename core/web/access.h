#pragma once

#include <string>
#include <string_view>

namespace engine::web {

// Who may use a listener.
//
// The Unix socket is guarded by its file mode. Over TCP, with a token, every request has to carry
// it (`Authorization: Bearer TOKEN`). Without one only this machine is listened to, and requests
// that a web page of someone else's could have made are refused: those that name another origin,
// or call us by a name that is not this machine's.
struct Access {
  bool by_file_mode = true;
  std::string token = {};

  // The headers of one request; empty where it has none. Returns 0, or the status to refuse with.
  struct Headers {
    std::string_view authorization;
    std::string_view host;
    std::string_view origin;
  };
  int check(const Headers& headers) const;
};

// Whether `host`, as a Host header has it, names this machine: localhost, 127.x.y.z or [::1].
bool is_loopback_name(std::string_view host);

}  // namespace engine::web
