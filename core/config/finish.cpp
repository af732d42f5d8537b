#include "core/config/finish.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/config/broker_rules.h"
#include "core/config/listen_address.h"
#include "core/config/text_file.h"
#include "core/config/topic_definitions.h"

namespace engine::config {
namespace {

constexpr size_t kShortestToken = 16;

class Finish {
 public:
  Finish(Config& config, const std::map<std::string, std::string>& places,
         std::vector<Error>& errors)
      : config_(config), places_(places), errors_(errors) {}

  void run(const Environment& environment) {
    Config::Mqtt& mqtt = config_.mqtt;
    if (mqtt.client_id.empty()) mqtt.client_id = "engine_" + config_.site;
    if (config_.prefix.empty()) config_.prefix = "engine/" + config_.site;
    if (config_.prefix.back() == '/') refuse("prefix", "must not end in /");
    if (config_.prefix.front() == '$') {
      refuse("prefix", "must not begin with $: brokers keep such topics to themselves");
    }
    read_password(environment);
    check_readable("mqtt.ca_file", mqtt.ca_file);
    check_readable("mqtt.cert_file", mqtt.cert_file);
    check_readable("mqtt.key_file", mqtt.key_file);
    if (mqtt.cert_file.empty() && !mqtt.key_file.empty()) {
      refuse("mqtt.key_file", "needs mqtt.cert_file");
    }
    if (!mqtt.cert_file.empty() && mqtt.key_file.empty()) {
      refuse("mqtt.cert_file", "needs mqtt.key_file");
    }
    if (mqtt.backoff_min > mqtt.backoff_max) {
      refuse(places_.count("mqtt.backoff_min") ? "mqtt.backoff_min" : "mqtt.backoff_max",
             fmt::format("backoff_min ({} s) is more than backoff_max ({} s)",
                         to_seconds(mqtt.backoff_min), to_seconds(mqtt.backoff_max)));
    }
    if (!mqtt.password_file.empty() && mqtt.user.empty()) {
      refuse("mqtt.password_file", "needs mqtt.user");
    }
    const Config::ServiceRules& services = config_.services;
    if (services.heartbeat_timeout <= services.heartbeat_interval) {
      refuse(places_.count("services.heartbeat_timeout") ? "services.heartbeat_timeout"
                                                         : "services.heartbeat_interval",
             fmt::format("heartbeat_timeout ({} s) must be more than heartbeat_interval ({} s)",
                         to_seconds(services.heartbeat_timeout),
                         to_seconds(services.heartbeat_interval)));
    }
    if (!services.name_space.empty() && services.name_space.back() == '/') {
      refuse("services.namespace", "must not end in /");
    }
    read_token();
    const Config::Topics& topics = config_.topics;
    config_.topics.policies =
        load_topics({topics.files, topics.folders, topics.topic_namespace}, errors_);
    finish_own_broker();
    const double interval = to_seconds(config_.health.interval);
    if (interval > 0 && interval < 1) {
      refuse("health.interval", fmt::format("{} s is less than 1 s (0: never)", interval));
    }
  }

 private:
  void refuse(const std::string& key, const std::string& text) {
    const auto at = places_.find(key);
    const std::string where = at == places_.end() ? "" : at->second + ": ";
    errors_.push_back({fmt::format("{}{}: {}", where, key, text)});
  }

  void check_readable(const std::string& key, const std::filesystem::path& file) {
    if (file.empty()) return;
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      refuse(key, fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
      return;
    }
    ::close(descriptor);
  }

  void read_password(const Environment& environment) {
    if (const auto password = environment("ENGINE_MQTT_PASSWORD")) {
      config_.mqtt.password = *password;
      return;
    }
    if (config_.mqtt.password_file.empty()) return;
    const auto text = read_text_file(config_.mqtt.password_file);
    if (!text) return refuse("mqtt.password_file", text.error().message);
    const std::string line = text->substr(0, text->find_first_of("\r\n"));
    if (line.empty()) return refuse("mqtt.password_file", "the first line is empty");
    config_.mqtt.password = line;
  }

  void read_token() {
    Config::Web& web = config_.web;
    if (web.token_file.empty()) {
      const auto listen = web.listen.empty() ? std::nullopt : parse_listen(web.listen);
      if (listen && !listen->loopback) {
        refuse("web.listen", fmt::format("{} can be reached by other machines, so it needs a "
                                         "web.token_file; 127.0.0.1 needs none",
                                         web.listen));
      }
      return;
    }
    const auto text = read_text_file(web.token_file);
    if (!text) return refuse("web.token_file", text.error().message);
    web.token = text->substr(0, text->find_first_of("\r\n"));
    if (web.token.size() < kShortestToken) {
      refuse("web.token_file",
             fmt::format("{}: the first line has {} characters; a token has {}",
                         web.token_file.string(), web.token.size(), "at least 16"));
    }
  }

  void finish_own_broker() {
    const BrokerSettings::Tls& tls = config_.broker.tls;
    check_readable("broker.tls.cert_file", tls.cert_file);
    check_readable("broker.tls.key_file", tls.key_file);
    check_readable("broker.tls.ca_file", tls.ca_file);
    for (const Problem& problem : finish_broker(config_.broker)) refuse(problem.key, problem.text);
  }

  Config& config_;
  const std::map<std::string, std::string>& places_;
  std::vector<Error>& errors_;
};

}  // namespace

void finish(Config& config, const std::map<std::string, std::string>& places,
            const Environment& environment, std::vector<Error>& errors) {
  Finish(config, places, errors).run(environment);
}

}  // namespace engine::config
