#include "core/web/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/web/unix_path.h"

namespace engine::web {
namespace {

using boost::asio::ip::tcp;
using boost::asio::local::stream_protocol;
using Error = boost::system::error_code;

constexpr Duration kPauseAfterTrouble = std::chrono::milliseconds{100};

// The first of several steps that fails counts.
template <typename... Step>
Error first_error(Step... steps) {
  Error error;
  ((steps(error), !error) && ...);
  return error;
}

// Programs that we start do not get it.
template <typename Socket>
void keep_from_children(Socket& socket, Error& error) {
  if (::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC) != 0) {
    error.assign(errno, boost::system::system_category());
  }
}

bool is_socket_file(const std::filesystem::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

Server::Server(boost::asio::io_context& io, Timers& timers, Connection::Handler handler)
    : io_(io), timers_(timers), handler_(std::move(handler)) {}

Server::~Server() {
  for (const auto& weak : connections_) {
    if (const auto connection = weak.lock()) connection->close();
  }
  if (unix_) {
    timers_.cancel(unix_->pause);
    ::unlink(socket_.c_str());
  }
  if (tcp_) timers_.cancel(tcp_->pause);
}

Result<void> Server::listen(const std::filesystem::path& socket) {
  if (is_socket_file(socket)) ::unlink(socket.c_str());
  const auto path = UnixPath::of(socket);
  if (!path) return tl::unexpected(path.error());
  auto listener =
      std::make_unique<UnixListener>(UnixListener{Access{}, stream_protocol::acceptor(io_)});
  auto& acceptor = listener->acceptor;
  const Error error = first_error(
      [&](Error& e) { acceptor.open(stream_protocol(), e); },
      [&](Error& e) { keep_from_children(acceptor, e); },
      // Before it has a name: it never has another mode.
      [&](Error& e) {
        if (::fchmod(acceptor.native_handle(), 0600) != 0) {
          e.assign(errno, boost::system::system_category());
        }
      },
      [&](Error& e) { acceptor.bind(path->endpoint(), e); },
      [&](Error& e) { acceptor.listen(boost::asio::socket_base::max_listen_connections, e); });
  if (error) return fail(fmt::format("{}: {}", socket.string(), error.message()));
  socket_ = socket;
  unix_ = std::move(listener);
  accept(*unix_);
  return {};
}

Result<int> Server::listen(const std::string& host, int port, const std::string& token) {
  Error error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) return fail(fmt::format("web.listen: '{}' is not an IP address", host));
  const tcp::endpoint endpoint(address, static_cast<unsigned short>(port));
  auto listener = std::make_unique<TcpListener>(
      TcpListener{Access{.by_file_mode = false, .token = token}, tcp::acceptor(io_)});
  auto& acceptor = listener->acceptor;
  error = first_error(
      [&](Error& e) { acceptor.open(endpoint.protocol(), e); },
      [&](Error& e) { keep_from_children(acceptor, e); },
      [&](Error& e) { acceptor.set_option(tcp::acceptor::reuse_address(true), e); },
      [&](Error& e) { acceptor.bind(endpoint, e); },
      [&](Error& e) { acceptor.listen(boost::asio::socket_base::max_listen_connections, e); });
  if (error) return fail(fmt::format("web.listen: {}:{}: {}", host, port, error.message()));
  tcp_ = std::move(listener);
  accept(*tcp_);
  return tcp_->acceptor.local_endpoint().port();
}

template <typename Protocol>
void Server::accept(Listener<Protocol>& listener) {
  listener.acceptor.async_accept(
      [this, &listener](const Error& error, typename Protocol::socket socket) {
        if (error == boost::asio::error::operation_aborted) return;
        if (!error) {
          serve(Connection::Socket(std::move(socket)), listener.access);
          return accept(listener);
        }
        // Out of descriptors, most likely: asking again at once would only spin.
        listener.pause = timers_.after(kPauseAfterTrouble, [this, &listener] { accept(listener); });
      });
}

void Server::serve(Connection::Socket socket, const Access& access) {
  make_room();
  Error ignored;
  keep_from_children(socket, ignored);
  const auto connection =
      std::make_shared<Connection>(std::move(socket), timers_, access, handler_);
  connections_.push_back(connection);
  connection->start();
}

void Server::make_room() {
  forget_closed();
  if (connections_.size() < kMostClients) return;
  auto leaves = std::find_if(connections_.begin(), connections_.end(),
                             [](const auto& weak) { return weak.lock()->waits_for_request(); });
  if (leaves == connections_.end()) leaves = connections_.begin();
  leaves->lock()->close();
  connections_.erase(leaves);
}

void Server::forget_closed() {
  std::erase_if(connections_, [](const auto& weak) {
    const auto connection = weak.lock();
    return !connection || connection->closed();
  });
}

size_t Server::clients() {
  forget_closed();
  return connections_.size();
}

}  // namespace engine::web
