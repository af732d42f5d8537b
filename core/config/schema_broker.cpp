#include <utility>

#include "core/config/broker_rules.h"
#include "core/config/checks.h"
#include "core/config/schema_sections.h"
#include "core/config/section.h"

namespace engine::config {
namespace {

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

}  // namespace

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

namespace {

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

}  // namespace

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

}  // namespace engine::config
