#include "core/web/access.h"

#include "tests/support/catch.h"

using engine::web::Access;
using engine::web::is_loopback_name;

TEST_CASE("the socket file's mode is all the access control it needs") {
  CHECK(Access{}.check({"", "anything", "http://evil.example"}) == 0);
}

TEST_CASE("over TCP without a token, a web page of someone else's is refused") {
  const Access access{.by_file_mode = false};
  CHECK(access.check({"", "127.0.0.1:8080", ""}) == 0);
  CHECK(access.check({"", "localhost:8080", "http://localhost:8080"}) == 0);
  CHECK(access.check({"", "127.0.0.1:8080", "http://evil.example"}) == 403);
  CHECK(access.check({"", "127.0.0.1:8080", "null"}) == 403);
  // DNS rebinding: the page's own name has been made to point here.
  CHECK(access.check({"", "evil.example:8080", "http://evil.example:8080"}) == 403);
  CHECK(access.check({"", "", ""}) == 403);
}

TEST_CASE("with a token, every request over TCP has to carry it") {
  const Access access{.by_file_mode = false, .token = "0123456789abcdef"};
  CHECK(access.check({"Bearer 0123456789abcdef", "museum:8080", ""}) == 0);
  CHECK(access.check({"", "127.0.0.1:8080", ""}) == 401);
  CHECK(access.check({"Bearer 0123456789abcdeF", "museum", ""}) == 401);
  CHECK(access.check({"Bearer 0123456789abcdef0", "museum", ""}) == 401);
  CHECK(access.check({"Bearer ", "museum", ""}) == 401);
  CHECK(access.check({"0123456789abcdef", "museum", ""}) == 401);
  CHECK(access.check({"Bearer 0123456789abcdef", "museum", "http://evil.example"}) == 403);
}

TEST_CASE("names of this machine") {
  for (const char* name : {"localhost", "localhost:1", "127.0.0.1", "127.1.2.3:80", "[::1]:80"}) {
    CHECK(is_loopback_name(name));
  }
  for (const char* name : {"", "example.org", "127.0.0.1.example.org", "192.168.0.1", "[::2]:80",
                           "localhost.example.org", "["}) {
    CHECK_FALSE(is_loopback_name(name));
  }
}
