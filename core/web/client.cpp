#include "core/web/client.h"

#include <fmt/format.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <limits>
#include <optional>

#include "core/base/utf8.h"
#include "core/web/unix_path.h"

namespace engine::web {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::generic::stream_protocol;
using asio::ip::tcp;
using Error = boost::system::error_code;

constexpr std::chrono::seconds kPatience{10};

class Exchange {
 public:
  explicit Exchange(const Endpoint& endpoint) : endpoint_(endpoint) {}

  Result<Answer> run(const std::string& method, const std::string& target, const std::string& body,
                     const std::function<void(std::string_view)>& on_piece) {
    if (auto connected = connect(); !connected) return tl::unexpected(connected.error());
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.set(http::field::host, endpoint_.socket.empty() ? host() : "localhost");
    if (!endpoint_.token.empty()) {
      request.set(http::field::authorization, "Bearer " + endpoint_.token);
    }
    request.body() = body;
    request.prepare_payload();
    request.keep_alive(false);
    const auto sent = await([&](auto done) { http::async_write(socket_, request, done); }, true);
    if (sent) return trouble(sent);
    return receive(on_piece);
  }

  Error connect_to(const stream_protocol::endpoint& address) {
    Error ignored;
    socket_.close(ignored);
    return await(
        [&](auto done) {
          socket_.async_connect(address, [done](const Error& error) { done(error, 0); });
        },
        true);
  }

 private:
  Result<void> connect() {
    if (!endpoint_.socket.empty()) {
      const auto path = UnixPath::of(endpoint_.socket);
      if (!path) return tl::unexpected(path.error());
      const Error error = connect_to(path->endpoint());
      if (error) return trouble(error);
      return {};
    }
    Error error;
    const auto found = tcp::resolver(io_).resolve(endpoint_.host, endpoint_.port, error);
    if (error) return trouble(error);
    for (const auto& entry : found) {
      error = connect_to(entry.endpoint());
      if (!error) return {};
    }
    return trouble(error);
  }

  Result<Answer> receive(const std::function<void(std::string_view)>& on_piece) {
    boost::beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(std::numeric_limits<uint64_t>::max());
    auto error =
        await([&](auto done) { http::async_read_header(socket_, buffer, parser, done); }, true);
    if (error) return trouble(error);
    Answer answer{.status = static_cast<int>(parser.get().result_int()), .body = {}};
    const bool streams = on_piece && answer.status == 200;
    std::array<char, 16 * 1024> piece;
    while (!parser.is_done()) {
      parser.get().body().data = piece.data();
      parser.get().body().size = piece.size();
      error =
          await([&](auto done) { http::async_read_some(socket_, buffer, parser, done); }, !streams);
      if (error == http::error::need_buffer) error = {};
      const size_t got = piece.size() - parser.get().body().size;
      if (streams && got > 0) on_piece({piece.data(), got});
      if (!streams) answer.body.append(piece.data(), got);
      if (error) return trouble(error);
    }
    return answer;
  }

  // Starts something and waits until it is done, or, with `hurry`, for ten seconds.
  template <typename Start>
  Error await(Start start, bool hurry) {
    std::optional<Error> result;
    start([&result](const Error& error, size_t) { result = error; });
    io_.restart();
    if (hurry) {
      io_.run_for(kPatience);
    } else {
      io_.run();
    }
    if (result) return *result;
    Error ignored;
    socket_.close(ignored);
    io_.run();
    return asio::error::timed_out;
  }

  std::string host() const {
    const bool v6 = endpoint_.host.find(':') != std::string::npos;
    return (v6 ? "[" + endpoint_.host + "]" : endpoint_.host) + ":" + endpoint_.port;
  }

  tl::unexpected<engine::Error> trouble(const Error& error) const {
    const bool silent = error == asio::error::timed_out;
    const bool gone = error == http::error::partial_message ||
                      error == http::error::end_of_stream || error == asio::error::eof ||
                      error == asio::error::connection_reset;
    return fail(fmt::format("{}: {}", endpoint_.name(),
                            silent ? "no answer within 10 s"
                            : gone ? "the engine has closed the connection"
                                   : error.message()));
  }

  const Endpoint& endpoint_;
  asio::io_context io_{1};
  stream_protocol::socket socket_{io_};
};

}  // namespace

std::string Endpoint::name() const {
  return socket.empty() ? fmt::format("http://{}:{}", host, port) : socket.string();
}

Result<Endpoint> parse_url(std::string_view url) {
  const auto refused = [&] {
    return fail(fmt::format("'{}' is not of the form http://host:port", printable(url)));
  };
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return refused();
  std::string_view rest = url.substr(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  Endpoint endpoint{.port = "80"};
  if (rest.starts_with('[')) {
    const size_t end = rest.find(']');
    if (end == rest.npos) return refused();
    endpoint.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
  } else {
    endpoint.host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(endpoint.host.size());
  }
  if (rest.starts_with(':')) endpoint.port = rest.substr(1);
  const bool digits = endpoint.port.find_first_not_of("0123456789") == std::string::npos;
  const bool host = !endpoint.host.empty() && endpoint.host.find('/') == std::string::npos;
  if (!host || !digits || endpoint.port.empty() || (!rest.empty() && rest[0] != ':')) {
    return refused();
  }
  return endpoint;
}

bool is_listening(const std::filesystem::path& socket) {
  const auto path = UnixPath::of(socket);
  if (!path) return false;
  const Endpoint endpoint{.socket = socket};
  return !Exchange(endpoint).connect_to(path->endpoint());
}

Result<Answer> ask(const Endpoint& endpoint, const std::string& method, const std::string& target,
                   const std::string& body, const std::function<void(std::string_view)>& on_piece) {
  return Exchange(endpoint).run(method, target, body, on_piece);
}

}  // namespace engine::web
