// The floor: what paho.mqtt.cpp alone does, without any scripting. Every message is decoded,
// changed, encoded and sent on, in bursts as they come.
#include <MQTTAsync.h>
#include <mqtt/async_client.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/mqtt/socket_tuning.h"

namespace {

// Handed from the library's thread to ours.
struct Arrived {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<mqtt::const_message_ptr> messages;
};

std::string answer(const std::string& payload) {
  auto value = nlohmann::json::parse(payload);
  value["temperature"] = value["temperature"].get<double>() + 0.5;
  return value.dump();
}

}  // namespace

int main(int argc, char** argv) {
  int port = 0, qos = 0;
  bool untraced = false;
  std::string from = "bench/in", to = "bench/out";
  CLI::App app{"Answers every message on a topic; paho.mqtt.cpp and nothing else."};
  app.add_option("--port", port, "Of the broker on this machine")->required();
  app.add_option("--from", from, "The topic it hears");
  app.add_option("--to", to, "The topic it answers on");
  app.add_option("--qos", qos, "0 or 1")->check(CLI::Range(0, 1));
  app.add_flag("--untraced", untraced, "Without the trace that the library keeps in memory");
  CLI11_PARSE(app, argc, argv);

  if (untraced) MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
  Arrived arrived;
  // As the engine does it: MQTT 5, and no limit to what waits.
  const mqtt::create_options create(MQTTVERSION_5, 1'000'000);
  mqtt::async_client client("tcp://127.0.0.1:" + std::to_string(port), "bench-floor", create,
                            nullptr);
  client.set_message_callback([&](const mqtt::const_message_ptr& message) {
    const std::lock_guard lock(arrived.mutex);
    arrived.messages.push_back(message);
    if (arrived.messages.size() == 1) arrived.changed.notify_one();
  });
  mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  options.set_max_inflight(65535);
  client.connect(options)->wait();
  engine::tune_sockets(static_cast<uint16_t>(port));
  client.subscribe(from, qos)->wait();
  std::vector<mqtt::const_message_ptr> burst;
  while (true) {
    {
      std::unique_lock lock(arrived.mutex);
      arrived.changed.wait(lock, [&] { return !arrived.messages.empty(); });
      burst.swap(arrived.messages);
    }
    for (const auto& message : burst) {
      client.publish(mqtt::make_message(to, answer(message->get_payload()), qos, false));
    }
    burst.clear();
  }
}
