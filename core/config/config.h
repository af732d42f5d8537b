#pragma once

#include <spdlog/common.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/devices/device_registry.h"
#include "core/feedback/feedback_rules.h"
#include "core/mqtt/broker_settings.h"
#include "core/topics/topic_policy.h"

namespace engine {

// All that can be configured, read and checked, with its defaults. What a key means stands in the
// schema (schema.h), from which config/engine.toml is made.
struct Config {
  enum class MqttVersion { v3_1_1, v5 };
  struct Will {
    std::string topic;  // Empty: no will.
    std::string payload;
    int qos = 1;
    bool retain = true;
  };
  struct Mqtt {
    std::vector<std::string> addresses;  // `tcp://host:port`, `ssl://...`; none: the own broker.
    MqttVersion version = MqttVersion::v5;
    std::string client_id;  // Never empty once loaded.
    std::string user;
    std::string password;  // From ENGINE_MQTT_PASSWORD, else from password_file.
    std::filesystem::path password_file;
    std::filesystem::path ca_file;
    std::filesystem::path cert_file;
    std::filesystem::path key_file;
    bool verify = true;
    Duration keepalive = std::chrono::seconds{30};
    Duration connect_timeout = std::chrono::seconds{10};
    int first_tries = 5;
    Duration first_tries_spacing = std::chrono::seconds{2};
    Duration backoff_min = std::chrono::seconds{1};
    Duration backoff_max = std::chrono::seconds{60};
    int max_inflight = 16;
    int queue_limit = 10'000;
    int queue_limit_mb = 32;
    Will will;
  };
  using Broker = BrokerSettings;
  struct Health {
    Duration interval = std::chrono::seconds{30};  // 0: never.
  };
  struct Topics {
    std::vector<std::filesystem::path> files;
    std::vector<std::filesystem::path> folders;
    std::string topic_namespace;  // Empty: as the files say.
    int max_decompressed = 8 * 1024 * 1024;
    std::vector<TopicPolicy> policies;  // From the files, once loaded.
  };
  struct Media {
    std::vector<std::filesystem::path> folders;
    std::string audio = "auto";
    std::string video = "auto";
    bool fullscreen = true;
    double default_volume = 0.7;
  };
  struct Log {
    spdlog::level::level_enum level = spdlog::level::info;
    std::filesystem::path file;  // Empty: none.
    int max_size_mb = 10;
    int files = 5;
    std::map<std::string, spdlog::level::level_enum> levels;  // By logger, where it differs.
  };
  struct Scripts {
    std::vector<std::filesystem::path> files;
    std::vector<std::filesystem::path> scenes;  // Folders; every script in them runs.
    std::vector<std::filesystem::path> folders;
    int memory_mb = 32;
    std::chrono::milliseconds slow_callback{20};
    std::chrono::milliseconds hard_budget{500};
    int fault_limit = 10;  // 0: any number.
    Duration fault_window = std::chrono::seconds{60};
    bool allow_eval = false;
  };
  struct Web {
    std::string listen;  // `127.0.0.1:8080`; empty: the socket file only.
    std::filesystem::path token_file;
    std::string token;  // From token_file.
  };
  struct Scene {
    Duration go_debounce = std::chrono::milliseconds{300};
  };
  struct ServiceRules {
    std::string name_space = "lawnberry";
    Duration heartbeat_interval = std::chrono::seconds{30};
    Duration heartbeat_timeout = std::chrono::seconds{90};
    Duration dependency_timeout = std::chrono::seconds{60};
    Duration command_timeout = std::chrono::seconds{30};
    Duration max_message_age = std::chrono::seconds{300};
  };
  struct Simulate {
    bool enabled = false;
    Duration delay_min = std::chrono::milliseconds{50};
    Duration delay_max = std::chrono::milliseconds{300};
    double failure_probability = 0.0;
    std::vector<std::string> devices = {"esp32_01", "esp32_02"};
  };

  std::string site = "site";
  std::string prefix;  // Never empty once loaded.
  Mqtt mqtt;
  Broker broker;
  Health health;
  FeedbackRules feedback;
  DeviceOptions devices;
  Topics topics;
  Media media;
  Log log;
  Scripts scripts;
  Scene scene;
  ServiceRules services;
  Web web;
  Simulate simulate;
  nlohmann::json values = nlohmann::json::object();  // For scripts.
};

}  // namespace engine
