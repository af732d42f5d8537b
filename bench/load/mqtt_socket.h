#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bench {

// MQTT 3.1.1 on a raw socket, with buffered reads and writes: so little of it that the load
// generator is not what is measured. QoS 0 and 1. Throws std::runtime_error when the connection
// fails.
class MqttSocket {
 public:
  using OnMessage = std::function<void(std::string_view topic, std::string_view payload)>;

  // To a broker on this machine.
  MqttSocket(int port, const std::string& client_id);
  ~MqttSocket();
  MqttSocket(const MqttSocket&) = delete;
  MqttSocket& operator=(const MqttSocket&) = delete;

  // Returns when the broker has it.
  void subscribe(const std::string& filter, int qos);
  // Into the buffer: `receive` sends it.
  void publish(std::string_view topic, std::string_view payload, int qos);
  // Sends what is buffered, and hands over what arrives within `milliseconds`; returns after the
  // first that did, with all that came with it. False: nothing did.
  bool receive(int milliseconds, const OnMessage& on_message);

 private:
  void handshake(const std::string& client_id);
  void wait_for(uint8_t type);
  void read_some();
  void write_some();
  // How many bytes the first packet in `in_` has from `at`, 0 while it is incomplete.
  size_t packet_size(size_t at, size_t& header) const;
  bool take_packets(const OnMessage& on_message);
  void take_publish(std::string_view body, int qos, const OnMessage& on_message);
  void put_header(uint8_t first, size_t length);
  void put_text(std::string_view text);
  void put_id(uint16_t id);

  int socket_ = -1;
  std::string in_, out_;
  size_t written_ = 0;  // Of out_.
  uint16_t last_id_ = 0;
  uint8_t last_type_ = 0;  // Of the last packet that was no PUBLISH.
};

}  // namespace bench
