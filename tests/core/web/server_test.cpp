#include "core/web/server.h"

#include <sys/stat.h>

#include "tests/core/web/web_fixture.h"

using namespace engine;
using namespace engine::test;
using namespace std::chrono_literals;
using web::Connection;
using web::Server;

namespace {

struct Fixture : WebFixture {
  Fixture() { listen(); }
  static std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
};

// Says `line` as often as it is asked, until it is told to end.
struct Ticker final : web::Source {
  explicit Ticker(std::string text) : line(std::move(text)) {}
  Next next(std::string& out) override {
    if (line == "end") return Next::end;
    if (line.empty()) return Next::later;
    out += line;
    line.clear();
    return Next::piece;
  }
  std::string line;
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a request is answered, with its path and query decoded") {
  const std::string answered = answer(
      "POST /api/scenes/the%20ghost/jump?cue=a+b%26c&x HTTP/1.1\r\nHost: x\r\n"
      "Content-Length: 5\r\n\r\nhello");
  CHECK(status_of(answered) == "HTTP/1.1 200 OK");
  CHECK(answered.ends_with("\r\n\r\n{}\n"));
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].path == std::vector<std::string>{"api", "scenes", "the ghost", "jump"});
  CHECK(requests[0].query.at("cue") == "a b&c");
  CHECK(requests[0].query.at("x").empty());
  CHECK(requests[0].body == "hello");
}

TEST_CASE_METHOD(Fixture, "one connection takes several requests") {
  RawClient client = connect();
  client.write(get("/a") + get("/b"));
  run();
  client.write(get("/c"));
  run();
  CHECK(requests.size() == 3);
  CHECK_FALSE(client.let_go());
}

TEST_CASE_METHOD(Fixture, "the socket file is for its owner alone, and goes with the server") {
  struct stat status {};
  REQUIRE(::stat(socket.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  server.reset();
  CHECK_FALSE(std::filesystem::exists(socket));
}

TEST_CASE_METHOD(WebFixture, "a socket file that a dead engine left behind is replaced") {
  {
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::close(dead);
  }
  listen();
  CHECK(status_of(answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == "HTTP/1.1 200 OK");
}

TEST_CASE_METHOD(WebFixture, "what lies there and is no socket is left alone") {
  folder.write("ctl.sock", "precious");
  CHECK_FALSE(server->listen(socket));
  CHECK(read_file(socket) == "precious");
}

TEST_CASE_METHOD(WebFixture, "the socket's path may be longer than an address") {
  const auto deep = folder.path() / std::string(200, 'x');
  std::filesystem::create_directory(deep);
  REQUIRE(server->listen(deep / "ctl.sock"));
  CHECK(std::filesystem::exists(deep / "ctl.sock"));
}

TEST_CASE_METHOD(Fixture, "what is not HTTP gets a 400, as JSON, and nobody is asked") {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), std::string("hello\r\n\r\n"),
        std::string("GET\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nbad header\r\n\r\n"),
        std::string("GET relative HTTP/1.1\r\n\r\n"), std::string("GET /%zz HTTP/1.1\r\n\r\n"),
        std::string("GET /%00 HTTP/1.1\r\n\r\n"), std::string("GET /%ff HTTP/1.1\r\n\r\n"),
        std::string("GET /a?b=%4 HTTP/1.1\r\n\r\n")}) {
    INFO(bytes);
    const std::string answered = answer(bytes);
    CHECK(status_of(answered) == "HTTP/1.1 400 Bad Request");
    CHECK(answered.find("{\"error\":") != std::string::npos);
  }
  CHECK(requests.empty());
}

TEST_CASE_METHOD(Fixture, "headers and bodies that are too large are refused") {
  const std::string long_header = "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n";
  CHECK(status_of(answer(long_header)).starts_with("HTTP/1.1 431"));
  const std::string head = "POST /api/eval HTTP/1.1\r\nContent-Length: ";
  CHECK(status_of(answer(head + "70000\r\n\r\n")).starts_with("HTTP/1.1 413"));
  CHECK(status_of(answer(head + "99999999999999999999999\r\n\r\n")).starts_with("HTTP/1.1 400"));
  CHECK(requests.empty());
}

TEST_CASE_METHOD(Fixture, "a client that says nothing, or half of it, is let go in time") {
  RawClient silent = connect();
  RawClient slow = connect();
  slow.write("GET / HTT");
  tick(Connection::kPatience - 1s);
  CHECK_FALSE(silent.let_go());
  CHECK_FALSE(slow.let_go());
  slow.write("P");
  run();
  tick(2s);
  CHECK(silent.let_go());
  CHECK(slow.let_go());
  CHECK(server->clients() == 0);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "a client that does not take its answer is let go in time") {
  reply = web::Reply{.body = std::string(8'000'000, 'x')};
  RawClient client = connect();
  client.write(get("/"));
  run();
  CHECK(server->clients() == 1);
  tick(Connection::kPatience + 1s);
  CHECK(server->clients() == 0);
}

TEST_CASE_METHOD(Fixture, "of too many clients the one that has waited longest makes room") {
  std::vector<RawClient> clients;
  for (size_t i = 0; i < Server::kMostClients; ++i) clients.push_back(connect());
  CHECK_FALSE(clients[0].let_go());
  CHECK(status_of(answer(get("/"))) == "HTTP/1.1 200 OK");
  CHECK(clients[0].let_go());
  CHECK_FALSE(clients[1].let_go());
  CHECK(server->clients() == Server::kMostClients);
}

TEST_CASE_METHOD(Fixture, "who follows a stream is not the one to make room") {
  reply.emplace();
  reply->source = std::make_unique<Ticker>("line\n");
  RawClient follower = connect();
  follower.write(get("/"));
  run();
  std::vector<RawClient> clients;
  for (size_t i = 0; i < Server::kMostClients; ++i) clients.push_back(connect());
  CHECK_FALSE(follower.let_go());
  CHECK(clients[0].let_go());
}

TEST_CASE_METHOD(Fixture, "a long answer comes in pieces, as there are some") {
  auto source = std::make_unique<Ticker>("first\n");
  Ticker& ticker = *source;
  reply.emplace();
  reply->source = std::move(source);
  RawClient client = connect();
  client.write(get("/"));
  run();
  CHECK(client.received().find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK(client.received().ends_with("6\r\nfirst\n\r\n"));
  ticker.line = "second\n";
  tick(Connection::kPollPeriod);
  CHECK(client.received().ends_with("7\r\nsecond\n\r\n"));
  tick(1h);  // Silence is no reason to let it go.
  CHECK_FALSE(client.let_go());
  ticker.line = "end";
  tick(Connection::kPollPeriod);
  CHECK(client.received().ends_with("0\r\n\r\n"));
  CHECK(client.let_go());
}

TEST_CASE_METHOD(Fixture, "a follower that hangs up is noticed at once") {
  reply.emplace();
  reply->source = std::make_unique<Ticker>("");
  RawClient client = connect();
  client.write(get("/"));
  run();
  CHECK(server->clients() == 1);
  client.hang_up();
  run();
  CHECK(server->clients() == 0);
  CHECK(timers.size() == 0);
}

TEST_CASE_METHOD(Fixture, "an exception in a handler is a 500, and the server goes on") {
  server.reset();
  server.emplace(io, timers,
                 [](const web::Request&) -> web::Reply { throw std::runtime_error("oops"); });
  listen();
  CHECK(status_of(answer(get("/"))) == "HTTP/1.1 500 Internal Server Error");
  CHECK(status_of(answer(get("/"))) == "HTTP/1.1 500 Internal Server Error");
}

TEST_CASE_METHOD(WebFixture, "an address that is taken is refused with its name") {
  const auto port = server->listen("127.0.0.1", 0, "");
  REQUIRE(port);
  Server second(io, timers, [](const web::Request&) { return web::Reply{}; });
  const auto refused = second.listen("127.0.0.1", *port, "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("127.0.0.1:" + std::to_string(*port)) != std::string::npos);
}
