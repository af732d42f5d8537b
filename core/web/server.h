#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/timers.h"
#include "core/web/connection.h"

namespace engine::web {

// An HTTP/1.1 server on the engine thread. Whatever clients do, the engine thread is held for a
// moment only: sizes, times and the number of clients are bounded. Engine thread only.
class Server {
 public:
  // Of more clients, the one that has waited longest without asking anything is let go.
  static constexpr size_t kMostClients = 32;

  Server(boost::asio::io_context& io, Timers& timers, Connection::Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // A socket file that only its owner can use. One that is there already is taken to be a dead
  // engine's: the caller sees to it that no other engine lives there.
  Result<void> listen(const std::filesystem::path& socket);
  // `host` is an IP address; with port 0 any free port. Returns the port.
  Result<int> listen(const std::string& host, int port, const std::string& token);

  size_t clients();

 private:
  template <typename Protocol>
  struct Listener {
    Access access;
    typename Protocol::acceptor acceptor;
    TimerId pause = {};
  };
  using UnixListener = Listener<boost::asio::local::stream_protocol>;
  using TcpListener = Listener<boost::asio::ip::tcp>;

  template <typename Protocol>
  void accept(Listener<Protocol>& listener);
  void serve(Connection::Socket socket, const Access& access);
  void forget_closed();
  void make_room();

  boost::asio::io_context& io_;
  Timers& timers_;
  const Connection::Handler handler_;
  std::unique_ptr<UnixListener> unix_;
  std::filesystem::path socket_;
  std::unique_ptr<TcpListener> tcp_;
  std::vector<std::weak_ptr<Connection>> connections_;  // In the order in which they came.
};

}  // namespace engine::web
