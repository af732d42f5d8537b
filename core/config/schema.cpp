#include "core/config/schema.h"

#include <algorithm>
#include <utility>

#include "core/config/broker_rules.h"
#include "core/config/checks.h"
#include "core/config/values.h"

namespace engine::config {
namespace {

constexpr double kDay = 86'400;

// Adds the keys of one section of the file, which are the members of one struct of Config.
template <typename S>
class Section {
 public:
  using Get = S& (*)(Config&);

  Section(Schema& schema, std::string name, Get get, std::string doc)
      : schema_(schema), prefix_(name.empty() ? "" : name + "."), get_(get) {
    schema_.sections.push_back({std::move(name), std::move(doc)});
  }

  // Whether keys from here on take effect while the engine runs.
  void live(bool on = true) { live_ = on; }

  template <typename T>
  void key(const std::string& name, T S::*member, const Kind<T>& kind, std::string doc) {
    const auto get = get_;
    computed<T>(
        name, kind, [get, member](Config& config) { return get(config).*member; },
        [get, member](Config& config, T value) { get(config).*member = std::move(value); },
        std::move(doc));
  }

  // A key that is not simply one member.
  template <typename T>
  void computed(const std::string& name, const Kind<T>& kind, std::function<T(Config&)> get,
                std::function<void(Config&, T)> set, std::string doc) {
    const auto read = [kind, set](const toml::node& value, Reader& reader, Config& config) {
      if (auto result = kind.read(value, reader)) set(config, std::move(*result));
    };
    const auto write = [kind, get](const Config& config) {
      Config copy = config;
      return kind.write(get(copy));
    };
    schema_.keys.push_back(
        {prefix_ + name, std::move(doc), kind.is_text, live_, false, read, write});
  }

 private:
  Schema& schema_;
  const std::string prefix_;
  const Get get_;
  bool live_ = false;
};

Kind<spdlog::level::level_enum> level() {
  namespace level = spdlog::level;
  return choice<level::level_enum>({{"trace", level::trace},
                                    {"debug", level::debug},
                                    {"info", level::info},
                                    {"warning", level::warn},
                                    {"warn", level::warn},
                                    {"error", level::err},
                                    {"critical", level::critical},
                                    {"off", level::off}});
}

Kind<std::vector<std::string>> texts(Check<std::string> check, std::string expected) {
  return list_of(text(std::move(check)), std::move(expected));
}

Kind<std::vector<std::filesystem::path>> paths() { return list_of(path(), "a list of paths"); }

void add_top(Schema& schema) {
  Section<Config> top(
      schema, "", [](Config& c) -> Config& { return c; },
      "The configuration of engine, with every key and its default. Remove the # in front of a\n"
      "key to change it. Times are seconds, with or without a fraction; relative paths are\n"
      "relative to this file. `engine --set mqtt.version=5` sets a key for one run.\n"
      "An engine that runs follows this file when it is saved, where not said otherwise.");
  top.key("site", &Config::site, text(check_site),
          "The name of this installation: part of the client id, and one engine per site and\n"
          "state folder. Letters, digits, _ - .");
  top.key("prefix", &Config::prefix, text(check_topic),
          "Where the engine speaks of itself: <prefix>/status, /health, /alerts, /scenes/<name>,\n"
          "/scripts/<name>. With none: engine/<site>.");
}

using Mqtt = Config::Mqtt;

void add_tls_keys(Section<Mqtt>& s) {
  s.key("ca_file", &Mqtt::ca_file, path(),
        "TLS: the certificate authority to trust, PEM. With none: those of the system.");
  s.key("cert_file", &Mqtt::cert_file, path(), "TLS: the client's own certificate, PEM.");
  s.key("key_file", &Mqtt::key_file, path(), "TLS: the key of the client's certificate, PEM.");
  s.key("verify", &Mqtt::verify, flag(),
        "TLS: refuse a broker whose certificate or host name is wrong.");
}

void add_flow_keys(Section<Mqtt>& s) {
  s.key("keepalive", &Mqtt::keepalive, seconds(1, 65'535),
        "A broker that is silent for one and a half times as long counts as gone.");
  s.key("connect_timeout", &Mqtt::connect_timeout, seconds(0.1, 3'600),
        "How long one attempt to connect may take.");
  s.key("first_tries", &Mqtt::first_tries, integer(1, 1'000, "a number of tries"),
        "Attempts at the start, before scenes run in simulation.");
  s.key("first_tries_spacing", &Mqtt::first_tries_spacing, seconds(0, 3'600),
        "The time between those.");
  s.key(
      "backoff_min", &Mqtt::backoff_min, seconds(0.1, 3'600),
      "After that the wait between attempts grows from here, doubling, with some chance in it ...");
  s.key("backoff_max", &Mqtt::backoff_max, seconds(0.1, kDay), "... to here.");
  s.key(
      "max_inflight", &Mqtt::max_inflight, integer(1, 65'535, "a number of messages"),
      "QoS 1 and 2 messages on their way at once; the rest waits here. Stock Mosquitto takes 20.");
  s.key("queue_limit", &Mqtt::queue_limit, integer(0, 10'000'000, "a number of messages"),
        "Messages kept while the broker is away, on disk too; the oldest give way.");
  s.key("queue_limit_mb", &Mqtt::queue_limit_mb, integer(1, 4'096, "a number of megabytes"),
        "The same in megabytes. They are held in memory as well.");
}

void add_mqtt(Schema& schema) {
  Section<Mqtt> s(
      schema, "mqtt", [](Config& c) -> Mqtt& { return c.mqtt; }, "The connection to the broker.");
  s.computed<std::string>(
      "address", text(check_address),
      [](Config& c) { return c.mqtt.addresses.size() == 1 ? c.mqtt.addresses.front() : ""; },
      [](Config& c, const std::string& address) {
        c.mqtt.addresses.clear();
        if (!address.empty()) c.mqtt.addresses.push_back(address);
      },
      "The broker: tcp://host:1883, ssl://host:8883 for TLS, ws:// and wss:// over HTTP. With "
      "none,\n"
      "the engine runs a Mosquitto of its own, see [broker].");
  s.computed<std::vector<std::string>>(
      "addresses", texts(check_listed_address, "a list of broker addresses"),
      [](Config& c) {
        return c.mqtt.addresses.size() > 1 ? c.mqtt.addresses : std::vector<std::string>{};
      },
      [](Config& c, std::vector<std::string> addresses) {
        if (!addresses.empty()) c.mqtt.addresses = std::move(addresses);
      },
      "Several brokers instead of one, tried in turn.");
  s.key("version", &Mqtt::version,
        choice<Config::MqttVersion>(
            {{"5", Config::MqttVersion::v5}, {"3.1.1", Config::MqttVersion::v3_1_1}}),
        "The protocol: \"5\" or \"3.1.1\".");
  s.key("client_id", &Mqtt::client_id, text(), "With none: engine_<site>.");
  s.key("user", &Mqtt::user, text(), "With none: no user and no password are sent.");
  s.key("password_file", &Mqtt::password_file, path(),
        "A file whose first line is the password. The environment variable ENGINE_MQTT_PASSWORD\n"
        "wins over it. Passwords are accepted neither here nor on the command line.");
  add_tls_keys(s);
  add_flow_keys(s);
}

void add_will(Schema& schema) {
  using Will = Config::Will;
  Section<Will> s(
      schema, "mqtt.will", [](Config& c) -> Will& { return c.mqtt.will; },
      "What the broker publishes when the connection to the engine is lost.");
  s.key("topic", &Will::topic, text(check_topic), "With none: no will.");
  s.key("payload", &Will::payload, text(), "For instance \"offline\".");
  s.key("qos", &Will::qos, integer(0, 2, "a QoS"), "0, 1 or 2.");
  s.key("retain", &Will::retain, flag(), "Whether the broker keeps it for later subscribers.");
}

using Broker = Config::Broker;

void add_broker_storage(Section<Broker>& s) {
  s.key("persistence", &Broker::persistence, flag(),
        "Retained messages, and what waits for clients that are away, outlive a restart.");
  s.key("save_interval", &Broker::save_interval, seconds(1, kDay),
        "How often they are saved; a power cut loses what came since.");
}

void add_broker_tls(Schema& schema) {
  using Tls = Broker::Tls;
  Section<Tls> s(
      schema, "broker.tls", [](Config& c) -> Tls& { return c.broker.tls; },
      "Encryption for those who connect to it from elsewhere.");
  s.key("generate", &Tls::generate, flag(),
        "A certificate of the engine's own making. Clients trust broker/tls/ca.crt of the state\n"
        "folder.");
  s.key("cert_file", &Tls::cert_file, path(), "Or: the broker's certificate, PEM.");
  s.key("key_file", &Tls::key_file, path(), "And its key, PEM.");
  s.key("ca_file", &Tls::ca_file, path(),
        "The authority that signs the clients' certificates, PEM.");
  s.key("require_certificate", &Tls::require_certificate, flag(),
        "Refuse clients that have none by it.");
}

void add_broker_everyone(Schema& schema) {
  using Everyone = Broker::Everyone;
  Section<Everyone> s(
      schema, "broker.everyone", [](Config& c) -> Everyone& { return c.broker.everyone; },
      "What every client may do besides what its user may, and all that one without a user may.\n"
      "%u stands for the user's name, %c for the client id.");
  s.key("read", &Everyone::read, texts(check_pattern, "a list of topic filters"),
        "For instance [\"devices/%u/#\"].");
  s.key("write", &Everyone::write, texts(check_pattern, "a list of topic filters"),
        "For instance [\"devices/%u/status\"].");
}

void add_broker(Schema& schema) {
  Section<Broker> s(
      schema, "broker", [](Config& c) -> Broker& { return c.broker; },
      "The Mosquitto that the engine runs when no address is given, see docs/broker.md.");
  s.key("enabled", &Broker::enabled, flag(), "If not, scenes without an address are simulated.");
  s.key("listen", &Broker::listen, text(check_ip),
        "The address at which it can be reached; 0.0.0.0: all of this machine's. Other than\n"
        "127.0.0.1 it needs users.");
  s.key("port", &Broker::port, integer(0, 65'535, "a port"), "0: any free one.");
  s.key("websockets_port", &Broker::websockets_port, integer(0, 65'535, "a port"),
        "MQTT over websockets, for web pages. 0: none.");
  s.key("max_connections", &Broker::max_connections, integer(0, 1'000'000, "a number of clients"),
        "Clients at once, of each port; the engine's own does not count. 0: any number.");
  s.key("users", &Broker::users, list_of(broker_user(), "a list of users, [[broker.users]]", true),
        "Who may connect; with none: everybody of this machine. Better written as\n"
        "[[broker.users]] tables: name, and if wanted password_file (else one is generated, in\n"
        "broker/passwords/<name> of the state folder), read and write (lists of topic filters; a\n"
        "user with neither may do everything).");
  s.key("allow_anonymous", &Broker::allow_anonymous, flag(),
        "Clients without a user, too: also from other machines, if it listens to them.");
  add_broker_storage(s);
  add_broker_tls(schema);
  add_broker_everyone(schema);
}

void add_health(Schema& schema) {
  using Health = Config::Health;
  Section<Health> s(
      schema, "health", [](Config& c) -> Health& { return c.health; },
      "What the engine says of itself and its machine, see docs/topics.md.");
  s.key("interval", &Health::interval, seconds(0, kDay),
        "How often <prefix>/health is published. 0: never.");
}

void add_feedback(Schema& schema) {
  Section<FeedbackRules> s(
      schema, "feedback", [](Config& c) -> FeedbackRules& { return c.feedback; },
      "How devices confirm the commands of scenes.");
  s.live();
  s.key("timeout", &FeedbackRules::timeout, seconds(0.001, kDay),
        "How long a device may take, where the cue does not say (confirm = seconds).");
  s.key("success", &FeedbackRules::success, texts(check_not_empty, "a list of payloads"),
        "Payloads that confirm, in any case.");
  s.key("failure", &FeedbackRules::failure, texts(check_not_empty, "a list of payloads"),
        "Payloads that report an error.");
  s.key("unconfirmed_levels", &FeedbackRules::unconfirmed_levels,
        texts(check_level_name, "a list of topic levels"),
        "Topics with one of these levels are not confirmed.");
  s.key(
      "rules", &FeedbackRules::rules,
      list_of(feedback_rule(), "a list of rules, [[feedback.rules]]", true),
      "Where the confirmation of a command comes; the first rule that matches counts. A level may\n"
      "end in *. {1} {2} ... are what the wildcard levels stood for, {topic} is the command's "
      "topic,\n"
      "{parent} that without its last level. Can also be written as [[feedback.rules]] tables.");
}

void add_devices(Schema& schema) {
  Section<DeviceOptions> s(
      schema, "devices", [](Config& c) -> DeviceOptions& { return c.devices; },
      "Which devices are there, by what they say: online, offline, updating.");
  s.key("status_filters", &DeviceOptions::status_filters,
        texts(check_status_filter, "a list of topic filters"),
        "Where they say it; the + is the device's id.");
  s.key("timeout", &DeviceOptions::timeout, seconds_or_none(30 * kDay),
        "A device that is silent for so long counts as offline. 0: never.");
}

void add_topics(Schema& schema) {
  using Topics = Config::Topics;
  Section<Topics> s(
      schema, "topics", [](Config& c) -> Topics& { return c.topics; },
      "The catalogue of topics: how each is sent, limited and kept. See docs/topic-catalogue.md.");
  s.live();
  s.key("files", &Topics::files, paths(), "Of two definitions that match, the first one counts.");
  s.key("folders", &Topics::folders, paths(), "Folders of which every *.toml file is read.");
  s.key(
      "namespace", &Topics::topic_namespace, text(check_namespace),
      "What all topics of the catalogue begin with here: \"lawnberry\" for lawnberry/sensors/...\n"
      "With none: what the files say.");
  s.key("max_decompressed", &Topics::max_decompressed, integer(1, 268'435'455, "a size in bytes"),
        "A compressed message that would become larger is taken as it came.");
}

void add_media(Schema& schema) {
  using Media = Config::Media;
  Section<Media> s(
      schema, "media", [](Config& c) -> Media& { return c.media; },
      "Sound and video, played here by mpv: topics that end in /audio and /video.");
  s.live();
  s.key("folders", &Media::folders, paths(),
        "Where the files are, searched in order, after the folder of the scene.");
  s.live(false);
  s.key("audio", &Media::audio, text(check_output),
        "\"auto\", \"null\" for silence, or an audio output of mpv's (alsa, pulse, pipewire ...).");
  s.key("video", &Media::video, text(check_output),
        "\"auto\", \"null\" for no picture, \"off\" for no video at all, or a video output of "
        "mpv's.");
  s.key("fullscreen", &Media::fullscreen, flag(), "Video fills the screen.");
  s.key("default_volume", &Media::default_volume, number(0, 1, "a volume"),
        "For sound that is played without one, 0 to 1.");
}

void add_log(Schema& schema) {
  using Log = Config::Log;
  Section<Log> s(
      schema, "log", [](Config& c) -> Log& { return c.log; }, "What is logged, and where.");
  s.live();
  s.key("level", &Log::level, level(), "trace, debug, info, warning, error, critical or off.");
  s.live(false);
  s.key("file", &Log::file, path(), "A file besides the terminal. With none: the terminal only.");
  s.key("max_size_mb", &Log::max_size_mb, integer(1, 100'000, "a size in megabytes"),
        "A full file is renamed (engine.1.log) and a new one is begun ...");
  s.key("files", &Log::files, integer(1, 1'000, "a number of files"),
        "... and so many are kept, the one in use included.");

  Section<Log> levels(
      schema, "log.levels", [](Config& c) -> Log& { return c.log; },
      "Levels of single loggers. Those not given here have log.level.");
  levels.live();
  for (const std::string& name : logger_names()) {
    levels.computed<spdlog::level::level_enum>(
        name, level(),
        [name](Config& c) {
          const auto at = c.log.levels.find(name);
          return at == c.log.levels.end() ? c.log.level : at->second;
        },
        [name](Config& c, spdlog::level::level_enum value) { c.log.levels[name] = value; }, "");
  }
}

void add_scripts(Schema& schema) {
  using Scripts = Config::Scripts;
  Section<Scripts> s(
      schema, "scripts", [](Config& c) -> Scripts& { return c.scripts; },
      "The Lua files that run.");
  s.live();
  s.key("files", &Scripts::files, paths(), "Besides those on the command line.");
  s.key(
      "scenes", &Scripts::scenes, paths(),
      "Folders of which every *.lua file runs, but not *_test.lua; new files are loaded, deleted\n"
      "ones released. Folders within them are not looked into. Also: engine --scenes DIR.");
  s.key("folders", &Scripts::folders, paths(),
        "Where `require` looks for libraries, after the script's own folder.");
  s.key("memory_mb", &Scripts::memory_mb, integer(1, 4'096, "a size in megabytes"),
        "What one script may use. Counts for those that are loaded from then on.");
  s.key("slow_callback_ms", &Scripts::slow_callback, milliseconds(1, 3'600'000),
        "A callback that takes longer is logged.");
  s.key(
      "hard_budget_ms", &Scripts::hard_budget, milliseconds(10, 3'600'000),
      "A callback that takes longer is stopped; only the time counts in which it had a processor.");
  s.key("allow_eval", &Scripts::allow_eval, flag(),
        "Whether `engine ctl eval` may run code in a script, in the middle of the show.");
  s.key("fault_limit", &Scripts::fault_limit, integer(0, 1'000'000, "a number of faults"),
        "A script with so many faults within the window is set aside: its scenes are stopped, and\n"
        "it is loaded again when it is saved, or by `engine ctl resume`. 0: never.");
  s.key("fault_window", &Scripts::fault_window, seconds(0.1, kDay),
        "The time within which they are counted.");
}

void add_scene(Schema& schema) {
  using Scene = Config::Scene;
  Section<Scene> s(
      schema, "scene", [](Config& c) -> Scene& { return c.scene; }, "How scenes are run.");
  s.live();
  s.key("go_debounce", &Scene::go_debounce, seconds(0, 60),
        "A second GO within so long counts as the same.");
}

void add_services(Schema& schema) {
  using Rules = Config::ServiceRules;
  Section<Rules> s(
      schema, "services", [](Config& c) -> Rules& { return c.services; },
      "Services that speak in envelopes, see docs/messages.md: scripts with engine.service.");
  s.live();
  s.key("namespace", &Rules::name_space, text(check_topic),
        "What their topics begin with: <namespace>/system/services/<id>/status and the like.");
  s.key("heartbeat_interval", &Rules::heartbeat_interval, seconds(0.1, kDay),
        "How often a service says that it is there.");
  s.key("heartbeat_timeout", &Rules::heartbeat_timeout, seconds(0.1, kDay),
        "A service whose last word is older, by its own time stamp, counts as offline.");
  s.key("dependency_timeout", &Rules::dependency_timeout, seconds(0, 3'600),
        "How long a service waits for those it depends on before it runs without, degraded.");
  s.key("command_timeout", &Rules::command_timeout, seconds(0.01, 3'600),
        "How long an answer may take, where the call does not say.");
  s.key("max_message_age", &Rules::max_message_age, seconds(0.1, kDay),
        "Envelopes that are older when they arrive are dropped. Retained ones are not.");
}

void add_web(Schema& schema) {
  using Web = Config::Web;
  Section<Web> s(
      schema, "web", [](Config& c) -> Web& { return c.web; },
      "The HTTP interface, see docs/ctl.md. `engine ctl` needs none of this: it uses a socket "
      "file\n"
      "in the state folder, which only its owner can open.");
  s.key(
      "listen", &Web::listen, text(check_listen),
      "An address besides, such as \"127.0.0.1:8080\". One that other machines can reach needs a\n"
      "token_file. With none: the socket file only.");
  s.key("token_file", &Web::token_file, path(),
        "A file whose first line, of at least 16 characters, every request over TCP has to carry:\n"
        "Authorization: Bearer ...");
}

void add_simulate(Schema& schema) {
  using Simulate = Config::Simulate;
  Section<Simulate> s(
      schema, "simulate", [](Config& c) -> Simulate& { return c.simulate; },
      "Virtual devices that answer commands as real ones would (also: engine --simulate).");
  s.live();
  s.key("enabled", &Simulate::enabled, flag(), "Whether they are there.");
  s.computed<std::pair<Duration, Duration>>(
      "delay", seconds_range(3'600),
      [](Config& c) { return std::pair(c.simulate.delay_min, c.simulate.delay_max); },
      [](Config& c, const std::pair<Duration, Duration>& delay) {
        std::tie(c.simulate.delay_min, c.simulate.delay_max) = delay;
      },
      "How long they take to confirm: shortest and longest.");
  s.key("failure_probability", &Simulate::failure_probability, number(0, 1, "a probability"),
        "How often one answers ERROR or nothing, 0 to 1.");
  s.key("devices", &Simulate::devices, texts(check_level_name, "a list of device ids"),
        "The devices that announce themselves.");
}

void add_values(Schema& schema) {
  schema.sections.push_back({"values",
                             "Values of your own, which scripts read as config.values.\n"
                             "For instance: fog_seconds = 4.5"});
  Key key{"values", "", false, true, true, nullptr, nullptr};
  key.read = [](const toml::node& value, Reader&, Config& config) {
    config.values.merge_patch(to_json(value));
  };
  key.write = [](const Config& config) { return to_toml(config.values); };
  schema.keys.push_back(std::move(key));
}

Schema make_schema() {
  Schema schema;
  add_top(schema);
  add_mqtt(schema);
  add_will(schema);
  add_broker(schema);
  add_health(schema);
  add_feedback(schema);
  add_devices(schema);
  add_topics(schema);
  add_media(schema);
  add_log(schema);
  add_scripts(schema);
  add_scene(schema);
  add_services(schema);
  add_web(schema);
  add_simulate(schema);
  add_values(schema);
  return schema;
}

}  // namespace

const Key* Schema::find(std::string_view name) const {
  const auto at =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return at == keys.end() ? nullptr : &*at;
}

bool Schema::is_section(std::string_view name) const {
  return std::any_of(sections.begin(), sections.end(),
                     [&](const SectionDoc& section) { return section.name == name; });
}

std::vector<std::string> Schema::names_in(const std::string& section) const {
  std::vector<std::string> names;
  const std::string prefix = section.empty() ? "" : section + ".";
  const auto add = [&](const std::string& name) {
    if (name.size() <= prefix.size() || !name.starts_with(prefix)) return;
    const std::string rest = name.substr(prefix.size());
    if (rest.find('.') == rest.npos) names.push_back(rest);
  };
  for (const Key& key : keys) add(key.name);
  for (const SectionDoc& each : sections) {
    if (!find(each.name)) add(each.name);
  }
  return names;
}

const Schema& schema() {
  static const Schema kSchema = make_schema();
  return kSchema;
}

const std::vector<std::string>& logger_names() {
  static const std::vector<std::string> kNames = {
      "mqtt",  "mqtt_handler", "mqtt_feedback", "mqtt_devices", "script",
      "scene", "broker",       "media",         "store",        "engine"};
  return kNames;
}

}  // namespace engine::config
