#include "core/config/load.h"
#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;

TEST_CASE("broker config: users with files, lists, and everyone's") {
  ConfigFixture fixture;
  const auto password = fixture.folder().write("lamp.password", "secret word\nsecond line\n");
  const Config config = fixture
                            .file(
                                "[broker]\nlisten = \"0.0.0.0\"\nport = 1883\n"
                                "[[broker.users]]\nname = \"lamp\"\n"
                                "password_file = \"lamp.password\"\n"
                                "read = [\"lamp/#\"]\nwrite = []\n"
                                "[[broker.users]]\nname = \"free\"\n"
                                "[broker.everyone]\nread = [\"devices/%u/+\"]\n")
                            .load();
  REQUIRE(config.broker.users.size() == 2);
  const BrokerUser& lamp = config.broker.users[0];
  CHECK(lamp.password == "secret word");
  CHECK(lamp.read == std::vector<std::string>{"lamp/#"});
  CHECK(lamp.write == std::vector<std::string>{});
  CHECK_FALSE(config.broker.users[1].confined());
  CHECK(config.broker.everyone.read == std::vector<std::string>{"devices/%u/+"});
  for (const std::string& line : changed_keys(config)) CHECK_FALSE(has(line, "secret"));
}

TEST_CASE("broker config: an open broker on the network has to be asked for") {
  const std::string open = "[broker]\nlisten = \"192.168.0.10\"\n";
  CHECK(file_error(open) ==
        "FILE:2:10: broker.listen: 192.168.0.10 can be reached by other machines, so it needs "
        "[[broker.users]], or broker.allow_anonymous = true if anybody there may send commands");
  CHECK(ConfigFixture().file(open + "allow_anonymous = true\n").errors().empty());
  CHECK(ConfigFixture().file(open + "users = [{ name = \"a\" }]\n").errors().empty());
  CHECK(ConfigFixture().file("[broker]\nlisten = \"127.0.0.2\"\n").errors().empty());
  CHECK(has(file_error("[broker]\nlisten = \"museum.local\"\n"), "is not an IP address"));
  CHECK(has(file_error("[broker]\nlisten = \"\"\n"), "is not an IP address"));
}

TEST_CASE("broker config: what a user cannot be") {
  const auto user = [](const std::string& text) {
    return file_error("[broker]\nusers = [" + text + "]\n");
  };
  CHECK(has(user("{ name = \"engine\" }"), "'engine' is the engine's own name"));
  CHECK(has(user("{ name = \"a b\" }"), "'a b' is not a user's name"));
  CHECK(has(user("{ name = \"\" }"), "is not a user's name"));
  CHECK(has(user("{ }"), "has no name"));
  CHECK(has(user("7"), "expected { name = "));
  CHECK(has(user("{ name = \"a\", password = \"x\" }"), "passwords are not accepted here"));
  CHECK(has(user("{ name = \"a\", raed = [] }"), "unknown key 'raed', did you mean 'read'?"));
  CHECK(has(user("{ name = \"a\", read = \"x\" }"), "expected a list of topic filters"));
  CHECK(has(user("{ name = \"a\", read = [\"a/#/b\"] }"), "'#' must be the last level"));
  CHECK(has(user("{ name = \"a\", read = [\"a/%u\"] }"), "stand in [broker.everyone] only"));
  CHECK(has(user("{ name = \"a\", read = [\"a\\nuser engine\"] }"), "no control characters"));
  CHECK(has(user("{ name = \"a\", write = [\" a\"] }"), "no spaces at the ends"));
  CHECK(has(user("{ name = \"a\", password_file = \"nowhere\" }"), "nowhere"));
  CHECK(has(user("{ name = \"a\" }, { name = \"a\" }"), "'a' is there twice"));
}

TEST_CASE("broker config: an empty password is none") {
  ConfigFixture fixture;
  fixture.folder().write("p", "\nsecond\n");
  CHECK(has(fixture.file("[broker]\nusers = [{ name = \"a\", password_file = \"p\" }]\n").error(),
            "the first line is empty"));
}

TEST_CASE("broker config: TLS is generated or given, and whole") {
  ConfigFixture both;
  both.folder().write("c", "x");
  both.folder().write("k", "x");
  CHECK(
      has(both.file("[broker.tls]\ngenerate = true\ncert_file = \"c\"\nkey_file = \"k\"\n").error(),
          "one of the two"));
  ConfigFixture half;
  half.folder().write("c", "x");
  CHECK(has(half.file("[broker.tls]\ncert_file = \"c\"\n").error(), "needs broker.tls.key_file"));
  CHECK(has(file_error("[broker.tls]\nrequire_certificate = true\n"), "needs broker.tls.ca_file"));
  CHECK(has(file_error("[broker]\nport = 1883\nwebsockets_port = 1883\n"), "same as broker.port"));
}

TEST_CASE("broker config: the health interval is a second at least, or 0") {
  CHECK(ConfigFixture().set("health.interval=0").load().health.interval == Duration::zero());
  CHECK(has(set_error("health.interval=0.5"), "0.5 s is less than 1 s (0: never)"));
}
