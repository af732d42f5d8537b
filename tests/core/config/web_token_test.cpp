#include "core/config/listen_address.h"
#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;

TEST_CASE("an address that other machines can reach is allowed with a token") {
  const TempFolder folder;
  const auto token = folder.write("token", "0123456789abcdef\nnot this\n");
  const Config config =
      ConfigFixture().set("web.listen=0.0.0.0:8080").set("web.token_file=" + token.string()).load();
  CHECK(config.web.token == "0123456789abcdef");
}

TEST_CASE("this machine's own addresses need no token") {
  for (const char* address : {"127.0.0.1:8080", "127.3.2.1:0", "[::1]:8080"}) {
    CHECK(ConfigFixture().set(std::string("web.listen=") + address).load().web.token.empty());
  }
}

TEST_CASE("where to listen is an IP address and a port") {
  const auto v6 = parse_listen("[::1]:8080");
  REQUIRE(v6);
  CHECK(v6->host == "::1");
  CHECK(v6->port == 8080);
  CHECK(v6->loopback);
  CHECK_FALSE(parse_listen("192.168.0.1:80")->loopback);
  for (const char* wrong : {"", ":", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:-1", "[::1:80",
                            "127.0.0.1: 80", "example.org:80"}) {
    CHECK_FALSE(parse_listen(wrong));
  }
}
