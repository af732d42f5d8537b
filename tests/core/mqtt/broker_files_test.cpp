#include "core/mqtt/broker_files.h"

#include "tests/support/catch.h"

using namespace engine;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::string configuration(const BrokerSettings& settings, const BrokerPaths& paths = {}) {
  return mosquitto_configuration(
      settings, {.port = 1883, .own = has_own_listener(settings) ? uint16_t{4000} : uint16_t{0}},
      paths);
}

}  // namespace

TEST_CASE("broker files: alone on this machine it is open, on one listener") {
  const std::string text = configuration({}, {.persistence = "/state/broker"});
  CHECK(has(text, "\nlistener 1883 127.0.0.1\nallow_anonymous true\n"));
  CHECK(has(text, "\npersistence true\npersistence_location /state/broker/\n"));
  CHECK(has(text, "\nautosave_interval 60\n"));
  CHECK_FALSE(has(text, "password_file"));
  CHECK_FALSE(has(text, "websockets"));
}

TEST_CASE("broker files: with users nobody is anonymous, unless that is said") {
  BrokerSettings settings{.users = {{.name = "lamp"}}};
  CHECK(has(configuration(settings, {.passwords = "/p"}),
            "allow_anonymous false\npassword_file /p\n"));
  settings.allow_anonymous = true;
  CHECK(has(configuration(settings, {.passwords = "/p"}),
            "allow_anonymous true\npassword_file /p\n"));
}

TEST_CASE("broker files: limit and TLS are those of each public listener, not of the engine's") {
  const BrokerSettings settings{
      .listen = "0.0.0.0",
      .websockets_port = 9001,
      .max_connections = 100,
      .allow_anonymous = true,
      .tls = {.cert_file = "/c", .key_file = "/k", .ca_file = "/a", .require_certificate = true}};
  const std::string common =
      "max_connections 100\ncertfile /c\nkeyfile /k\ncafile /a\nrequire_certificate true\n";
  CHECK(has(configuration(settings, {.certificate = "/c", .key = "/k"}),
            "listener 1883 0.0.0.0\n" + common + "listener 9001 0.0.0.0\nprotocol websockets\n" +
                common + "listener 4000 127.0.0.1\nallow_anonymous true\n"));
}

TEST_CASE("broker files: the engine has a listener of its own when the public one could fail it") {
  CHECK_FALSE(has_own_listener({}));
  CHECK_FALSE(has_own_listener({.listen = "::1"}));
  CHECK(has_own_listener({.listen = "192.168.0.10"}));
  CHECK(has_own_listener({.max_connections = 10}));
  CHECK(has_own_listener({.tls = {.generate = true}}));
}

TEST_CASE("broker files: access rules") {
  using Filters = std::vector<std::string>;
  BrokerSettings settings{.users = {{.name = "lamp", .read = Filters{"lamp/set", "time"}},
                                    {.name = "free"},
                                    {.name = "mute", .write = Filters{}}},
                          .everyone = {.read = {"all/%u/#"}, .write = {"is/%c"}}};
  CHECK(mosquitto_access_rules(settings) ==
        "# Written at every start of the engine.\n"
        "\nuser engine\ntopic readwrite #\ntopic read $SYS/#\n"
        "\nuser lamp\ntopic read lamp/set\ntopic read time\n"
        "\nuser free\ntopic readwrite #\ntopic read $SYS/#\n"
        "\nuser mute\n"
        "\npattern read all/%u/#\npattern write is/%c\n");
}

TEST_CASE("broker files: whoever has no user may do everything, or what everyone may") {
  BrokerSettings settings{.allow_anonymous = true,
                          .users = {{.name = "lamp", .read = std::vector<std::string>{"a"}}}};
  const std::string open = "of the engine.\ntopic readwrite #\ntopic read $SYS/#\n\nuser engine\n";
  CHECK(has(mosquitto_access_rules(settings), open));
  settings.everyone.read = {"b"};
  CHECK_FALSE(has(mosquitto_access_rules(settings), open));
  CHECK(has(mosquitto_access_rules(settings), "pattern read b\n"));
}

TEST_CASE("broker files: rules for anybody give the engine a user of its own") {
  CHECK_FALSE(has_passwords({}));
  CHECK(has_passwords({.everyone = {.read = {"a"}}}));
  CHECK(has(configuration({.everyone = {.read = {"a"}}}), "allow_anonymous false\n"));
}
