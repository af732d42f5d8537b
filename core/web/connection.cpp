#include "core/web/connection.h"

#include <boost/asio/write.hpp>
#include <utility>

#include "core/web/target.h"

namespace engine::web {

namespace http = boost::beast::http;
namespace asio = boost::asio;

namespace {

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

template <typename Message>
void describe(Message& message, const Reply& reply) {
  message.result(static_cast<unsigned>(reply.status));
  message.set(http::field::content_type, reply.type);
  message.set(http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  if (!reply.allow.empty()) message.set(http::field::allow, reply.allow);
  if (reply.status == 401) message.set(http::field::www_authenticate, "Bearer");
}

}  // namespace

Connection::Connection(Socket socket, Timers& timers, const Access& access, const Handler& handler)
    : socket_(std::move(socket)), timers_(timers), access_(access), handler_(handler) {}

void Connection::close() {
  if (std::exchange(closed_, true)) return;
  timers_.cancel(deadline_);
  timers_.cancel(poll_);
  Error ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  source_.reset();
}

void Connection::set_deadline() {
  timers_.cancel(deadline_);
  deadline_ = timers_.after(kPatience, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close();
  });
}

void Connection::clear_deadline() { timers_.cancel(deadline_); }

void Connection::read() {
  parser_.emplace();
  parser_->header_limit(kLargestHeader);
  parser_->body_limit(kLargestBody);
  reading_ = true;
  set_deadline();
  http::async_read(socket_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, size_t) {
                     if (!self->closed_) self->on_read(error);
                   });
}

void Connection::on_read(const Error& error) {
  reading_ = false;
  clear_deadline();
  if (error) return refuse_malformed(error);
  const auto& message = parser_->get();
  const bool streams = message.version() >= 11;
  const bool head = message.method() == http::verb::head;  // Refused; it would not read why.
  Reply reply = answer(message);
  if (reply.source && streams && !head) {
    return begin_stream(std::move(reply));
  }
  if (reply.source) reply = error_reply(505, "this answer comes in pieces: ask with HTTP/1.1");
  write(std::move(reply), message.keep_alive() && !head);
}

void Connection::refuse_malformed(const Error& error) {
  static const auto& kHttpErrors = http::make_error_code(http::error::bad_target).category();
  if (error == http::error::end_of_stream || error.category() != kHttpErrors) return close();
  if (error == http::error::body_limit) {
    return write(error_reply(413, "the body is larger than 64 kB"), false);
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return write(error_reply(431, "the headers are larger than 8 kB"), false);
  }
  write(error_reply(400, "this is not HTTP/1.1: " + error.message()), false);
}

Reply Connection::answer(const Parser::value_type& message) const {
  const auto field = [&](http::field name) { return view(message[name]); };
  const int refused = access_.check({.authorization = field(http::field::authorization),
                                     .host = field(http::field::host),
                                     .origin = field(http::field::origin)});
  if (refused == 401) return error_reply(401, "the token is missing or wrong (web.token_file)");
  if (refused) return error_reply(refused, "requests from other origins are refused");

  Request request{.method = std::string(view(message.method_string())), .body = message.body()};
  if (const auto read = read_target(view(message.target()), request); !read) {
    return error_reply(400, read.error().message);
  }
  try {
    return handler_(request);
  } catch (const std::exception& e) {
    return error_reply(500, e.what());
  }
}

void Connection::write(Reply reply, bool keep_alive) {
  response_ = std::make_unique<Response>();
  describe(*response_, reply);
  response_->body() = std::move(reply.body);
  response_->keep_alive(keep_alive);
  response_->prepare_payload();
  set_deadline();
  http::async_write(socket_, *response_,
                    [self = shared_from_this(), keep_alive](const Error& error, size_t) {
                      if (self->closed_) return;
                      if (error || !keep_alive) return self->close();
                      self->read();
                    });
}

void Connection::begin_stream(Reply reply) {
  source_ = std::move(reply.source);
  head_ = std::make_unique<Head>();
  describe(*head_, reply);
  head_->chunked(true);
  head_->keep_alive(false);
  head_writer_ = std::make_unique<HeadWriter>(*head_);
  set_deadline();
  notice_end();
  http::async_write_header(socket_, *head_writer_,
                           [self = shared_from_this()](const Error& error, size_t) {
                             if (self->closed_) return;
                             if (error) return self->close();
                             self->next_piece();
                           });
}

void Connection::next_piece() {
  clear_deadline();
  std::string piece;
  switch (source_->next(piece)) {
    case Source::Next::piece:
      return write_piece(std::move(piece), false);
    case Source::Next::end:
      return write_piece({}, true);
    case Source::Next::later:
      break;
  }
  poll_ = timers_.after(kPollPeriod, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->next_piece();
  });
}

void Connection::write_piece(std::string piece, bool last) {
  const auto written = [self = shared_from_this(), last](const Error& error, size_t) {
    if (self->closed_) return;
    if (error || last) return self->close();
    self->next_piece();
  };
  set_deadline();
  piece_ = std::move(piece);
  if (last) return asio::async_write(socket_, http::make_chunk_last(), written);
  asio::async_write(socket_, http::make_chunk(asio::buffer(piece_)), written);
}

void Connection::notice_end() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(512),
                          [self = shared_from_this()](const Error& error, size_t) {
                            if (self->closed_) return;
                            if (error) return self->close();
                            self->notice_end();
                          });
}

}  // namespace engine::web
