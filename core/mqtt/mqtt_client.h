#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "core/bus/message.h"

namespace engine {

// What the broker said about itself when it let us in.
struct BrokerLimits {
  size_t receive_maximum = 65535;  // QoS 1 and 2 messages in flight.
  size_t maximum_packet = std::numeric_limits<size_t>::max();
  bool subscription_ids = true;  // MQTT 5.
};

// What became of a message that was handed over.
enum class Receipt {
  delivered,  // QoS 0: written. QoS 1 and 2: the broker has it.
  returned,   // It may be sent again.
  refused,    // Sending it again would be refused again.
};

// One attempt to reach a broker and the connection that comes of it. Destroying it ends the
// connection cleanly, in the background. Engine thread only; nothing here blocks.
class MqttClient {
 public:
  // Called on the engine thread, never from within a call to the client (but `on_published` from
  // `collect_receipts`), and never after the client is destroyed.
  class Events {
   public:
    virtual void on_connected(const BrokerLimits& limits) = 0;
    // The attempt has failed: why, and what to check.
    virtual void on_failed(const std::string& why) = 0;
    virtual void on_lost(const std::string& why) = 0;
    virtual void on_arrived(const Message& message) = 0;
    virtual void on_published(uint64_t ticket, Receipt receipt, const std::string& why) = 0;
    // `refusal` is empty when the broker agreed.
    virtual void on_subscribed(uint64_t ticket, const std::string& refusal) = 0;

   protected:
    ~Events() = default;
  };

  virtual ~MqttClient() = default;
  // The following are for after `on_connected`. False when the message was not taken.
  virtual bool publish(uint64_t ticket, const Message& message) = 0;
  // `id` as in Link::subscribe; 0: none.
  virtual void subscribe(uint64_t ticket, const std::string& filter, int qos, uint32_t id) = 0;
  virtual void unsubscribe(const std::string& filter) = 0;
  // Receipts wake the engine thread only while they are waited for: waking it for each one is a
  // third of the work (measured). Others lie until they are collected.
  virtual void hurry_receipts(bool waited_for) = 0;
  virtual void collect_receipts() = 0;
  // To be called every `kAwakePeriod` while connected: a library that dozes off when nothing
  // arrives can be kept from it here.
  virtual void keep_awake() = 0;
  static constexpr std::chrono::milliseconds kAwakePeriod{400};
};

// Makes clients. Destroying it waits a moment for those that are closing.
class MqttClients {
 public:
  virtual ~MqttClients() = default;
  // Begins an attempt; `url` is valid and `events` outlives the client.
  virtual std::unique_ptr<MqttClient> connect(const std::string& url,
                                              MqttClient::Events& events) = 0;
};

}  // namespace engine
