#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "core/base/inbox.h"
#include "core/base/logging.h"
#include "core/base/timers.h"
#include "core/bus/link.h"
#include "core/mqtt/backoff.h"
#include "core/mqtt/link_options.h"
#include "core/mqtt/mqtt_client.h"
#include "core/mqtt/outgoing_queue.h"

namespace engine {

struct LinkStats {
  uint64_t sent = 0;  // Handed to the broker; a repetition counts again.
  uint64_t received = 0;
  uint64_t dropped = 0;     // Never sent, or taken back when the connection was lost: all of them.
  uint64_t displaced = 0;   // Of these: the oldest of a full queue,
  uint64_t expired = 0;     // what had waited longer than it may,
  uint64_t outdated = 0;    // and states of which a later one was there.
  uint64_t reconnects = 0;  // Connections after the first.
  size_t queued = 0;        // Waiting.
  size_t kept = 0;          // Of these: waiting through an outage, and on the disk.
  size_t kept_bytes = 0;
  size_t in_flight = 0;
};

// The connection of a Bus to a broker: connects, reconnects for ever, restores subscriptions before
// anything queued is sent, and owns the outgoing window, so that the MQTT library never has to hold
// back a message. What is to be queued is taken before `start`, too; with a store it outlives the
// engine. Engine thread only.
class MqttLink final : public Link, private MqttClient::Events {
 public:
  // `options` have passed `check`; everything else must outlive the link. Without a store nothing
  // outlives the link.
  MqttLink(LinkOptions options, Timers& timers, Inbox& inbox, Logs& logs, Store* store = nullptr);
  // With another library underneath, and a known jitter: for tests.
  MqttLink(LinkOptions options, Timers& timers, Logs& logs, std::unique_ptr<MqttClients> clients,
           uint32_t seed, Store* store = nullptr, Inbox* inbox = nullptr);
  // As `close`, but what is left in the queue is forgotten without a word.
  ~MqttLink() override;
  MqttLink(const MqttLink&) = delete;
  MqttLink& operator=(const MqttLink&) = delete;

  // Set before `start`.
  std::function<void(const Message&)> on_message;
  // True: connected; comes before the first message of this connection. False: it is lost.
  std::function<void(bool connected)> on_connection;

  void start();
  // The same with other options, for who learns only now where the broker is; what concerns the
  // queue stays as it was.
  void start(LinkOptions options);
  // Calls `done` once, never from within: true when everything handed over is out (and confirmed,
  // for QoS 1 and 2), false when that did not come about within `patience` or cannot now.
  void flush(Duration patience, std::function<void(bool out)> done);
  // Disconnects so that the broker does not publish the last will; returns within half a second.
  // Messages that are still waiting are dropped, but for those that the store keeps for the next
  // run: their publishers hear no more of them.
  void close();

  bool connected() const override;
  PublishOutcome publish(Publication publication) override;
  void subscribe(const std::string& filter, int qos, uint32_t id = 0) override;
  void unsubscribe(const std::string& filter) override;

  LinkStats stats() const;
  // The address that is connected, or tried at the moment or last.
  const std::string& broker() const { return broker_; }

 private:
  enum class State {
    idle,  // Before `start`.
    closed,
    connecting,
    restoring,  // Connected; the broker has not confirmed all subscriptions yet.
    ready,
    waiting,  // For the next try.
  };
  struct Subscription {
    int qos;
    uint32_t id;
  };
  struct Flush {
    TimerId deadline;
    std::function<void(bool)> done;
  };

  void on_connected(const BrokerLimits& limits) override;
  void on_failed(const std::string& why) override;
  void on_lost(const std::string& why) override;
  void on_arrived(const Message& message) override;
  void on_published(uint64_t ticket, Receipt receipt, const std::string& why) override;
  void on_subscribed(uint64_t ticket, const std::string& refusal) override;

  void attempt();
  void retry_later();
  void report_failure(const std::string& why);
  void restore_subscriptions();
  void send_subscription(const std::string& filter);
  void become_ready_if_restored();
  // Hands over what the window has room for.
  void pump();
  bool hand_over(const OutgoingWindow::Outgoing& outgoing);
  void pause();
  // Sees to it that receipts are collected: at once while something waits for them.
  void await_receipts();
  void disconnect();
  void cancel_timers();
  void finish_flushes(bool out);

  // Constant after `start`.
  LinkOptions options_;
  Timers& timers_;
  Inbox* const inbox_;  // None: the clients were given.
  spdlog::logger& log_;

  std::unique_ptr<MqttClients> clients_;
  std::unique_ptr<MqttClient> client_;  // From `connecting` to `ready`.
  State state_ = State::idle;
  std::string broker_;
  size_t next_broker_ = 0;
  size_t maximum_packet_ = 0;
  bool takes_subscription_ids_ = false;
  Backoff backoff_;
  int tries_ = 0;  // Without success.
  SteadyTime connected_since_{};
  bool was_connected_ = false;
  int short_connections_ = 0;                        // In a row.
  std::map<std::string, std::string> last_failure_;  // By broker: said once.
  TimerId timer_;  // The deadline of the attempt, or the next one.
  TimerId awake_;
  TimerId pause_;
  TimerId collecting_;
  bool hurried_ = false;

  OutgoingQueue queue_;
  std::map<std::string, Subscription> subscriptions_;  // By filter.
  std::map<uint64_t, std::string> subscribing_;        // Asked for and not confirmed.
  uint64_t next_subscription_ = 1;
  std::map<uint64_t, Flush> flushes_;
  uint64_t next_flush_ = 1;
  LinkStats stats_;
};

}  // namespace engine
