#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <string>

#include "core/base/timers.h"
#include "core/web/server.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace engine::test {

// A client that writes bytes as it likes, and reads what there is.
class RawClient {
 public:
  explicit RawClient(int descriptor) : descriptor_(descriptor) {}
  RawClient(RawClient&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { hang_up(); }

  void write(const std::string& bytes) {
    REQUIRE(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void hang_up() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  // All that has arrived so far.
  const std::string& received() {
    char bytes[65536];
    ssize_t count;
    while ((count = ::recv(descriptor_, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
      received_.append(bytes, static_cast<size_t>(count));
    }
    let_go_ = let_go_ || count == 0 || (count < 0 && errno != EAGAIN);
    return received_;
  }
  // Whether the server has hung up.
  bool let_go() {
    received();
    return let_go_;
  }

 private:
  int descriptor_;
  std::string received_;
  bool let_go_ = false;
};

// A server on a socket file, driven turn by turn in virtual time.
struct WebFixture {
  TempFolder folder;
  VirtualClock clock;
  Timers timers{clock};
  boost::asio::io_context io;
  std::vector<web::Request> requests;
  std::optional<web::Reply> reply;
  const std::filesystem::path socket = folder / "ctl.sock";
  std::optional<web::Server> server;

  WebFixture() {
    server.emplace(io, timers, [this](const web::Request& request) {
      requests.push_back(request);
      if (!reply) return web::Reply{.body = "{}\n"};
      web::Reply given = std::move(*reply);
      reply.reset();
      return given;
    });
  }

  void listen() { REQUIRE(server->listen(socket)); }
  RawClient connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    run();
    return RawClient(descriptor);
  }
  void run() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
  void tick(Duration by) {
    advance(clock, timers, by);
    run();
  }
  // What a client of its own gets for these bytes.
  std::string answer(const std::string& bytes) {
    RawClient client = connect();
    client.write(bytes);
    run();
    return client.received();
  }
  static std::string status_of(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
  }
};

}  // namespace engine::test
