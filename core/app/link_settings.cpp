#include "core/app/link_settings.h"

namespace engine {

std::string status_topic(const Config& config) { return config.prefix + "/status"; }

bool will_tells_status(const Config& config) {
  const std::string& topic = config.mqtt.will.topic;
  return topic.empty() || topic == status_topic(config);
}

LinkOptions link_options(const Config& config, const std::optional<BrokerAccess>& own_broker) {
  const Config::Mqtt& mqtt = config.mqtt;
  LinkOptions options;
  options.brokers = own_broker ? std::vector{own_broker->url} : mqtt.addresses;
  options.version = mqtt.version == Config::MqttVersion::v5 ? 5 : 4;
  options.client_id = mqtt.client_id;
  options.user = own_broker ? own_broker->user : mqtt.user;
  options.password = own_broker ? own_broker->password : mqtt.password;
  options.tls = {.ca_file = mqtt.ca_file.string(),
                 .certificate_file = mqtt.cert_file.string(),
                 .key_file = mqtt.key_file.string(),
                 .verify = mqtt.verify};
  if (mqtt.will.topic.empty()) {
    options.last_will =
        Message{.topic = status_topic(config), .payload = "offline", .qos = 1, .retain = true};
  } else {
    options.last_will = Message{.topic = mqtt.will.topic,
                                .payload = mqtt.will.payload,
                                .qos = mqtt.will.qos,
                                .retain = mqtt.will.retain};
  }
  options.keepalive = std::chrono::duration_cast<std::chrono::seconds>(mqtt.keepalive);
  options.connect_timeout = mqtt.connect_timeout;
  options.first_tries = mqtt.first_tries;
  options.first_spacing = mqtt.first_tries_spacing;
  options.backoff_min = mqtt.backoff_min;
  options.backoff_max = mqtt.backoff_max;
  options.max_inflight = static_cast<size_t>(mqtt.max_inflight);
  options.queue_limit = static_cast<size_t>(mqtt.queue_limit);
  options.queue_bytes = static_cast<size_t>(mqtt.queue_limit_mb) * 1024 * 1024;
  return options;
}

}  // namespace engine
