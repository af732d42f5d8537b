#include "core/web/client.h"

#include <thread>

#include "tests/core/web/web_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

// The server in a thread of its own for as long as `ask` blocks this one.
struct Fixture : WebFixture {
  web::Endpoint endpoint{.socket = socket};

  Result<web::Answer> ask(const std::string& target,
                          const std::function<void(std::string_view)>& on_piece = nullptr) {
    auto work = boost::asio::make_work_guard(io);
    std::thread thread([this] { io.run(); });
    auto answer = web::ask(endpoint, "GET", target, {}, on_piece);
    work.reset();
    io.stop();
    thread.join();
    io.restart();
    return answer;
  }
};

struct Pieces final : web::Source {
  Next next(std::string& out) override {
    out += std::string(20'000, static_cast<char>('a' + count));
    return ++count < 4 ? Next::piece : Next::end;
  }
  int count = 0;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a client hears the status and the whole body") {
  listen();
  reply = web::error_reply(409, "no");
  const auto answer = ask("/");
  REQUIRE(answer);
  CHECK(answer->status == 409);
  CHECK(answer->body == "{\"error\":\"no\"}\n");
  reply = web::Reply{.body = std::string(3'000'000, 'x')};
  CHECK(ask("/")->body.size() == 3'000'000);
}

TEST_CASE_METHOD(Fixture, "a client hears a long answer piece by piece, or whole") {
  listen();
  reply.emplace();
  reply->source = std::make_unique<Pieces>();
  std::string heard;
  const auto streamed = ask("/", [&](std::string_view piece) { heard += piece; });
  REQUIRE(streamed);
  CHECK(streamed->body.empty());
  CHECK(heard.size() == 60'000);
  reply.emplace();
  reply->source = std::make_unique<Pieces>();
  CHECK(ask("/")->body == heard);
}

TEST_CASE_METHOD(Fixture, "a client says who does not answer") {
  CHECK_FALSE(web::is_listening(socket));
  const auto answer = web::ask(endpoint, "GET", "/");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.find(socket.string()) == 0);
  listen();
  CHECK(web::is_listening(socket));
}

TEST_CASE("addresses that a client understands") {
  CHECK(web::parse_url("http://127.0.0.1:8080")->port == "8080");
  CHECK(web::parse_url("http://museum/")->host == "museum");
  CHECK(web::parse_url("http://museum")->port == "80");
  CHECK(web::parse_url("http://[::1]:8080")->host == "::1");
  for (const char* wrong : {"", "museum", "https://museum", "http://", "http://:80", "http://a:b",
                            "http://a:", "http://a/b", "http://[::1"}) {
    CHECK_FALSE(web::parse_url(wrong));
  }
}
