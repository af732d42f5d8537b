#include "bench/load/mqtt_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bench {
namespace {

constexpr uint8_t kConnect = 0x10, kConnack = 0x20, kPublish = 0x30, kPuback = 0x40;
constexpr uint8_t kSubscribe = 0x82, kSuback = 0x90;
constexpr int kPatience = 5000;  // Milliseconds.
constexpr size_t kChunk = 256 * 1024;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

uint16_t number(std::string_view bytes) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8 |
                               static_cast<uint8_t>(bytes[1]));
}

}  // namespace

MqttSocket::MqttSocket(int port, const std::string& client_id) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("cannot connect to port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
  handshake(client_id);
}

MqttSocket::~MqttSocket() { ::close(socket_); }

void MqttSocket::handshake(const std::string& client_id) {
  put_header(kConnect, 12 + client_id.size());
  put_text("MQTT");
  out_ += {'\x04', '\x02', '\0', '\0'};  // 3.1.1, clean session, no keepalive.
  put_text(client_id);
  wait_for(kConnack);
}

void MqttSocket::subscribe(const std::string& filter, int qos) {
  put_header(kSubscribe, 5 + filter.size());
  put_id(++last_id_);
  put_text(filter);
  out_ += static_cast<char>(qos);
  wait_for(kSuback);
}

void MqttSocket::wait_for(uint8_t type) {
  last_type_ = 0;
  while (last_type_ != type) {
    if (!receive(kPatience, [](std::string_view, std::string_view) {}) && last_type_ != type) {
      throw std::runtime_error("the broker does not answer");
    }
  }
}

void MqttSocket::publish(std::string_view topic, std::string_view payload, int qos) {
  put_header(static_cast<uint8_t>(kPublish | qos << 1),
             2 + topic.size() + (qos > 0 ? 2 : 0) + payload.size());
  put_text(topic);
  if (qos > 0) {
    if (++last_id_ == 0) last_id_ = 1;
    put_id(last_id_);
  }
  out_ += payload;
}

bool MqttSocket::receive(int milliseconds, const OnMessage& on_message) {
  while (true) {
    if (take_packets(on_message)) return true;
    write_some();
    pollfd wanted{.fd = socket_,
                  .events = static_cast<int16_t>(out_.empty() ? POLLIN : POLLIN | POLLOUT),
                  .revents = 0};
    const int ready = ::poll(&wanted, 1, milliseconds);
    if (ready < 0 && errno != EINTR) fail("poll");
    if (ready <= 0) return false;
    if (wanted.revents & (POLLIN | POLLHUP | POLLERR)) read_some();
  }
}

void MqttSocket::read_some() {
  const size_t had = in_.size();
  in_.resize(had + kChunk);
  const ssize_t got = ::read(socket_, in_.data() + had, kChunk);
  in_.resize(had + static_cast<size_t>(got > 0 ? got : 0));
  if (got == 0) throw std::runtime_error("the broker has closed the connection");
  if (got < 0 && errno != EAGAIN && errno != EINTR) fail("read");
}

void MqttSocket::write_some() {
  if (out_.empty()) return;
  const ssize_t sent =
      ::send(socket_, out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) fail("write");
  if (sent > 0) written_ += static_cast<size_t>(sent);
  if (written_ < out_.size()) return;
  out_.clear();
  written_ = 0;
}

size_t MqttSocket::packet_size(size_t at, size_t& header) const {
  size_t length = 0;
  for (size_t i = 1; i <= 4 && at + i < in_.size(); ++i) {
    const auto byte = static_cast<uint8_t>(in_[at + i]);
    length |= static_cast<size_t>(byte & 0x7f) << (7 * (i - 1));
    if (byte & 0x80) continue;
    header = i + 1;
    const size_t size = header + length;
    return at + size <= in_.size() ? size : 0;
  }
  return 0;
}

bool MqttSocket::take_packets(const OnMessage& on_message) {
  size_t at = 0, header = 0;
  bool any = false;
  while (const size_t size = packet_size(at, header)) {
    const auto first = static_cast<uint8_t>(in_[at]);
    const auto body = std::string_view(in_).substr(at + header, size - header);
    if ((first & 0xf0) == kPublish) {
      take_publish(body, first >> 1 & 3, on_message);
      any = true;
    } else {
      last_type_ = first & 0xf0;
      any |= last_type_ != kPuback;
    }
    at += size;
  }
  in_.erase(0, at);
  return any;
}

void MqttSocket::take_publish(std::string_view body, int qos, const OnMessage& on_message) {
  const size_t length = number(body);
  const std::string_view topic = body.substr(2, length);
  body.remove_prefix(2 + length);
  if (qos > 0) {
    put_header(kPuback, 2);
    put_id(number(body));
    body.remove_prefix(2);
  }
  on_message(topic, body);
}

void MqttSocket::put_header(uint8_t first, size_t length) {
  out_ += static_cast<char>(first);
  do {
    const auto byte = static_cast<uint8_t>(length & 0x7f);
    length >>= 7;
    out_ += static_cast<char>(length > 0 ? byte | 0x80 : byte);
  } while (length > 0);
}

void MqttSocket::put_text(std::string_view text) {
  put_id(static_cast<uint16_t>(text.size()));
  out_ += text;
}

void MqttSocket::put_id(uint16_t id) {
  out_ += static_cast<char>(id >> 8);
  out_ += static_cast<char>(id & 0xff);
}

}  // namespace bench
