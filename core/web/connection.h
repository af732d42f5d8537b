#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/timers.h"
#include "core/web/access.h"
#include "core/web/reply.h"

namespace engine::web {

// One client: reads requests and answers them, until it goes, errs or is too slow. Keeps itself
// alive while it has something to do. Engine thread only.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using Handler = std::function<Reply(const Request&)>;

  static constexpr size_t kLargestHeader = 8 * 1024;
  static constexpr size_t kLargestBody = 64 * 1024;
  // For a request to arrive, counted from the one before; and for a client to take what we write.
  static constexpr Duration kPatience = std::chrono::seconds{15};
  // How often a source that had nothing is asked again.
  static constexpr Duration kPollPeriod = std::chrono::milliseconds{100};

  // `access` and `handler` outlive it until `close`.
  Connection(Socket socket, Timers& timers, const Access& access, const Handler& handler);

  void start() { read(); }
  // At once; nothing given to the constructor is used afterwards.
  void close();
  bool closed() const { return closed_; }
  // Nothing is asked of us at this moment.
  bool waits_for_request() const { return reading_; }

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;
  using Head = boost::beast::http::response<boost::beast::http::empty_body>;
  using HeadWriter = boost::beast::http::response_serializer<boost::beast::http::empty_body>;
  using Error = boost::system::error_code;

  void read();
  void on_read(const Error& error);
  void refuse_malformed(const Error& error);
  Reply answer(const Parser::value_type& message) const;
  void write(Reply reply, bool keep_alive);

  // A reply in pieces.
  void begin_stream(Reply reply);
  void next_piece();
  void write_piece(std::string piece, bool last);
  void notice_end();

  void set_deadline();
  void clear_deadline();

  Socket socket_;
  Timers& timers_;
  const Access& access_;
  const Handler& handler_;
  boost::beast::flat_buffer buffer_{kLargestHeader + kLargestBody};
  std::optional<Parser> parser_;
  std::unique_ptr<Response> response_;
  std::unique_ptr<Head> head_;
  std::unique_ptr<HeadWriter> head_writer_;
  std::unique_ptr<Source> source_;
  std::string piece_;
  TimerId deadline_;
  TimerId poll_;
  bool reading_ = false;
  bool closed_ = false;
};

}  // namespace engine::web
