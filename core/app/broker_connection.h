#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/logging.h"
#include "core/base/loop.h"
#include "core/bus/bus.h"
#include "core/config/config.h"
#include "core/mqtt/broker_counters.h"
#include "core/mqtt/managed_broker.h"
#include "core/mqtt/mqtt_link.h"

namespace engine {

// Brings the Bus to a broker: one of the configured ones, else one that we run ourselves, else none
// (then the Bus is all the broker there is). Engine thread only.
class BrokerConnection {
 public:
  // `folder` is for what our own broker stores, `store` for messages that wait (none: they do not
  // outlive us). If there is to be a broker, what is published from now on waits for it.
  BrokerConnection(Loop& loop, Bus& bus, Logs& logs, const Config& config,
                   std::filesystem::path folder, Store* store = nullptr);
  ~BrokerConnection();

  // `on_settled` is called once, when the loop runs: connected, or not for now, so that the show
  // may begin.
  void start(std::function<void()> on_settled);
  // Calls `done` when everything sent is out, or after `patience`.
  void flush(Duration patience, std::function<void()> done);
  void close();

  LinkStats stats() const { return link_ ? link_->stats() : LinkStats{}; }
  // What `engine broker status` shows; the fields are those of docs/broker.md.
  nlohmann::json report() const;

 private:
  void start_own_broker();
  void connect(const std::optional<BrokerAccess>& own_broker);
  void settle_soon();
  void settle();

  Loop& loop_;
  Bus& bus_;
  Logs& logs_;
  const Config& config_;
  const std::filesystem::path folder_;
  std::function<void()> on_settled_;
  TimerId patience_;
  std::unique_ptr<ManagedBroker> broker_;
  std::unique_ptr<BrokerCounters> counters_;  // Of our own broker.
  std::unique_ptr<MqttLink> link_;            // None: no broker is wanted.
  bool begun_ = false;                        // To connect.
};

}  // namespace engine
