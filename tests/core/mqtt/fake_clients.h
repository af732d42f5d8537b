#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/mqtt/mqtt_client.h"

namespace engine::test {

// A network under a link, played by the test: it notes what it is asked and says what it is told
// to.
class FakeNetwork {
 public:
  struct Sent {
    uint64_t ticket;
    std::string text;  // topic=payload
  };

  std::unique_ptr<MqttClients> clients() { return std::make_unique<Clients>(*this); }

  void accept(BrokerLimits limits = {}) { events_->on_connected(limits); }
  void refuse(const std::string& why) { events_->on_failed(why); }
  void lose() { events_->on_lost("test"); }
  void arrive(const Message& message) { events_->on_arrived(message); }
  // The broker agrees to all subscriptions it was asked for.
  void confirm_subscriptions() {
    while (!asked_.empty()) {
      const uint64_t ticket = asked_.front();
      asked_.pop_front();
      events_->on_subscribed(ticket, "");
    }
  }
  void refuse_subscription(const std::string& why) {
    const uint64_t ticket = asked_.front();
    asked_.pop_front();
    events_->on_subscribed(ticket, why);
  }
  // What became of the oldest message that is under way.
  void settle(Receipt receipt = Receipt::delivered, const std::string& why = "") {
    const uint64_t ticket = under_way.front().ticket;
    under_way.pop_front();
    events_->on_published(ticket, receipt, why);
  }
  // Of the `n`th one under way, first 0.
  void settle_nth(size_t n, Receipt receipt) {
    const uint64_t ticket = under_way[n].ticket;
    under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(n));
    events_->on_published(ticket, receipt, "");
  }
  void settle_all() {
    while (!under_way.empty()) settle();
  }
  std::string texts() const {
    std::string result;
    for (const Sent& sent : under_way) result += sent.text + " ";
    return result;
  }

  std::vector<std::string> log;
  std::deque<Sent> under_way;
  std::vector<Message> messages;  // All that were handed over.
  bool takes_messages = true;
  bool alive = false;  // There is a client.
  int kept_awake = 0;
  bool hurried = false;
  int collections = 0;

 private:
  class Client final : public MqttClient {
   public:
    explicit Client(FakeNetwork& network) : network_(network) { network_.alive = true; }
    ~Client() override {
      network_.alive = false;
      network_.under_way.clear();
      network_.asked_.clear();
      network_.log.push_back("close");
    }
    bool publish(uint64_t ticket, const Message& message) override {
      if (!network_.takes_messages) return false;
      network_.under_way.push_back({ticket, message.topic + "=" + message.payload});
      network_.messages.push_back(message);
      network_.log.push_back("publish " + message.topic + "=" + message.payload);
      return true;
    }
    void subscribe(uint64_t ticket, const std::string& filter, int qos, uint32_t) override {
      network_.asked_.push_back(ticket);
      network_.log.push_back("subscribe " + filter + " " + std::to_string(qos));
    }
    void unsubscribe(const std::string& filter) override {
      network_.log.push_back("unsubscribe " + filter);
    }
    void keep_awake() override { ++network_.kept_awake; }
    void hurry_receipts(bool waited_for) override { network_.hurried = waited_for; }
    void collect_receipts() override { ++network_.collections; }

   private:
    FakeNetwork& network_;
  };
  class Clients final : public MqttClients {
   public:
    explicit Clients(FakeNetwork& network) : network_(network) {}
    std::unique_ptr<MqttClient> connect(const std::string& url,
                                        MqttClient::Events& events) override {
      network_.events_ = &events;
      network_.log.push_back("connect " + url);
      return std::make_unique<Client>(network_);
    }

   private:
    FakeNetwork& network_;
  };

  MqttClient::Events* events_ = nullptr;
  std::deque<uint64_t> asked_;
};

}  // namespace engine::test
