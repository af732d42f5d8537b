// The link against a real Mosquitto.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <set>

#include "core/bus/bus.h"
#include "tests/core/mqtt/broker_fixture.h"

#ifdef __SANITIZE_ADDRESS__
// The library leaks topic and payload of a message when it finds the connection broken at the
// moment of writing it. What is ours is allocated by code of ours, and still found.
extern "C" const char* __lsan_default_suppressions() { return "leak:libpaho-mqtt3as\n"; }
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
#endif

using namespace engine;
using namespace std::chrono_literals;
using engine::test::BrokerFixture;

namespace {

constexpr int kBurst = 500;

Publication data(const std::string& topic, const std::string& payload, int qos,
                 Offline offline = Offline::queue) {
  return {.message = {.topic = topic, .payload = payload, .qos = qos}, .offline = offline};
}

// The sockets of this process that are connected to `port` on loopback.
std::vector<int> sockets_to(uint16_t port) {
  std::vector<int> result;
  for (int descriptor = 3; descriptor < 256; ++descriptor) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    const bool connected =
        ::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
    if (connected && peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) {
      result.push_back(descriptor);
    }
  }
  return result;
}

}  // namespace

TEST_CASE_METHOD(BrokerFixture, "broker: bursts arrive complete, in order, without a stall",
                 "[broker]") {
  const int version = GENERATE(4, 5);
  const int qos = GENERATE(1, 2);
  CAPTURE(version, qos);
  start_broker();
  const auto listener = connect(options("listener", version));
  subscribe(*listener, "burst/#", 2);
  const auto link = connect(options("sender", version));

  std::vector<std::string> arrived;
  Duration longest_gap{};
  SteadyTime last{};
  listener->on_message = [&](const Message& message) {
    if (!arrived.empty()) longest_gap = std::max(longest_gap, message.received_at - last);
    last = message.received_at;
    arrived.push_back(message.payload);
  };
  int confirmed = 0;
  std::vector<std::string> sent;
  for (int i = 0; i < kBurst; ++i) {
    sent.push_back(std::to_string(i));
    Publication publication = data("burst/x", sent.back(), qos, Offline::drop);
    publication.on_delivery = [&](bool delivered) { confirmed += delivered; };
    link->publish(std::move(publication));
  }
  CHECK(run_until([&] { return arrived.size() >= kBurst && confirmed >= kBurst; }, 30s));
  CHECK(confirmed == kBurst);
  CHECK(arrived == sent);
  CHECK(longest_gap < 500ms);
}

TEST_CASE_METHOD(BrokerFixture, "broker: killed in the middle of a burst, nothing is lost",
                 "[broker]") {
  const int version = GENERATE(4, 5);
  CAPTURE(version);
  start_broker();
  // Hears at once (QoS 0) what the first broker takes, and as retained what the second one took
  // before it was there again.
  std::set<std::string> heard;
  const auto listener = connect(options("listener", version));
  listener->on_message = [&](const Message& message) { heard.insert(message.topic); };
  subscribe(*listener, "reading/#", 0);
  const auto link = connect(options("sender", version));
  int confirmed = 0;
  for (int i = 0; i < kBurst; ++i) {
    Publication publication = data("reading/" + std::to_string(i), "x", 1);
    publication.message.retain = true;
    publication.on_delivery = [&](bool delivered) {
      confirmed += delivered;
      if (confirmed == 100) kill_broker();
    };
    link->publish(std::move(publication));
  }
  REQUIRE(run_until([&] { return !broker && !link->connected() && !listener->connected(); }));
  CHECK(confirmed < kBurst);
  start_broker();
  CHECK(run_until([&] { return confirmed == kBurst && heard.size() == kBurst; }));
  CHECK(confirmed == kBurst);
  CHECK(heard.size() == kBurst);
}

TEST_CASE_METHOD(BrokerFixture,
                 "broker: back again, subscriptions are restored before the queue is sent",
                 "[broker]") {
  start_broker();
  const auto link = connect(options("both"));
  std::vector<std::string> heard;
  link->on_message = [&](const Message& message) { heard.push_back(message.payload); };
  for (int i = 0; i < 50; ++i) link->subscribe("other/" + std::to_string(i), 1);
  link->subscribe("own/#", 1);
  kill_broker();
  REQUIRE(run_until([&] { return !link->connected(); }));
  std::vector<std::string> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back(std::to_string(i));
    CHECK(link->publish(data("own/x", sent.back(), 1)) == PublishOutcome::queued);
  }
  start_broker();
  CHECK(run_until([&] { return heard.size() >= sent.size(); }));
  CHECK(heard == sent);
  CHECK(link->stats().reconnects == 1);
}

TEST_CASE_METHOD(BrokerFixture, "broker: cues that were under way at a loss are never sent late",
                 "[broker]") {
  start_broker();
  const auto link = connect(options("sender"));
  ::kill(broker->pid(), SIGSTOP);
  int dropped = 0;
  for (int i = 0; i < 100; ++i) {
    Publication cue = data("room1/light", "ON", 1, Offline::drop);
    cue.message.retain = true;
    cue.on_delivery = [&](bool delivered) { dropped += !delivered; };
    link->publish(std::move(cue));
  }
  run_for(50ms);
  kill_broker();
  CHECK(run_until([&] { return dropped == 100; }));
  CHECK(logs.has("Dropped room1/light: ON (the connection is lost"));
  start_broker();
  REQUIRE(run_until([&] { return link->connected(); }));
  std::vector<std::string> heard;
  link->on_message = [&](const Message& message) { heard.push_back(message.topic); };
  link->subscribe("room1/#", 1);
  link->publish(data("room1/end", "", 1));
  CHECK(run_until([&] { return !heard.empty(); }));
  CHECK(heard == std::vector<std::string>{"room1/end"});
}

TEST_CASE_METHOD(BrokerFixture, "broker: a wrong password is one clear line, then silence",
                 "[broker]") {
  const int version = GENERATE(4, 5);
  CAPTURE(version);
  folder.write("passwords", "");
  REQUIRE(std::system(("mosquitto_passwd -b '" + file("passwords") + "' anna right").c_str()) == 0);
  extra_configuration = "allow_anonymous false\npassword_file " + file("passwords") + "\n";
  start_broker();
  LinkOptions wrong = options("anna", version);
  wrong.user = "anna";
  wrong.password = "wrong";
  const auto link = make_link(wrong);
  link->start();
  CHECK(run_until([&] { return logs.count("not authorized: check user name and password") >= 2; }));
  CHECK(logs.count("[WARNING] mqtt - Cannot connect") == 1);
  wrong.password = "right";
  CHECK(connect(wrong)->connected());
}

TEST_CASE_METHOD(BrokerFixture, "broker: a port where nobody listens is refused, clearly",
                 "[broker]") {
  const auto link = make_link(options("x"));
  link->start();
  CHECK(run_until([&] { return logs.has("running in simulation"); }));
  CHECK(logs.count("[WARNING] mqtt - Cannot connect to tcp://127.0.0.1:" + std::to_string(port) +
                   ": connection refused: check that a broker is running") == 1);
  start_broker();
  CHECK(run_until([&] { return link->connected(); }));
}

TEST_CASE_METHOD(BrokerFixture, "broker: an unknown host name is one clear line", "[broker]") {
  LinkOptions unknown = options("x");
  unknown.brokers = {"tcp://no-such-host.invalid:1883"};
  const auto link = make_link(unknown);
  link->start();
  CHECK(run_until([&] { return logs.has("'no-such-host.invalid' cannot be resolved"); }));
}

TEST_CASE_METHOD(BrokerFixture, "broker: TLS with our own CA and a client certificate",
                 "[broker]") {
  const std::string script =
      "cd '" + folder.path().string() + "' && exec >/dev/null 2>&1 && " +
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt"
      " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key"
      " -out other.crt && printf 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names"
      " && for who in broker client; do openssl req -newkey rsa:2048 -nodes -subj /CN=$who"
      " -keyout $who.key -out $who.csr && openssl x509 -req -in $who.csr -CA ca.crt -CAkey ca.key"
      " -CAcreateserial -days 2 -extfile names -out $who.crt || exit 1; done";
  REQUIRE(std::system(script.c_str()) == 0);
  extra_configuration = "cafile " + file("ca.crt") + "\ncertfile " + file("broker.crt") +
                        "\nkeyfile " + file("broker.key") + "\nrequire_certificate true\n";
  start_broker();
  LinkOptions tls = options("tls");
  tls.brokers = {"ssl://localhost:" + std::to_string(port)};
  tls.tls = {.ca_file = file("ca.crt"),
             .certificate_file = file("client.crt"),
             .key_file = file("client.key")};
  SECTION("with both, messages travel") {
    const auto link = connect(tls);
    std::string heard;
    link->on_message = [&](const Message& message) { heard = message.payload; };
    link->subscribe("a", 1);
    link->publish(data("a", std::string(100'000, 'x'), 1));
    CHECK(run_until([&] { return heard == std::string(100'000, 'x'); }));
  }
  SECTION("a broker that another CA vouches for is not trusted") {
    tls.tls.ca_file = file("other.crt");
    const auto link = make_link(tls);
    link->start();
    CHECK(run_until([&] { return logs.has("TLS handshake"); }));
    CHECK(logs.has("check the CA file, the client certificate and its key"));
    CHECK_FALSE(link->connected());
  }
  SECTION("without a client certificate the broker does not let us in") {
    tls.tls.certificate_file = tls.tls.key_file = "";
    const auto link = make_link(tls);
    link->start();
    CHECK(run_until([&] { return logs.has("TLS handshake"); }));
    CHECK_FALSE(link->connected());
  }
  SECTION("a broker that speaks TLS is not found without") {
    LinkOptions plain = options("plain");
    const auto link = make_link(plain);
    link->start();
    CHECK(run_until([&] { return logs.has("address must begin with ssl://"); }));
  }
}

TEST_CASE_METHOD(BrokerFixture,
                 "broker: the last will is sent when we are torn off, not when we go", "[broker]") {
  const int version = GENERATE(4, 5);
  CAPTURE(version);
  const uint16_t other_port = free_port();
  extra_configuration = "listener " + std::to_string(other_port) + " 127.0.0.1\n";
  start_broker();
  const auto listener = connect(options("listener", version));
  std::vector<std::string> heard;
  listener->on_message = [&](const Message& message) { heard.push_back(message.payload); };
  subscribe(*listener, "engine/status", 1);

  LinkOptions with_will = options("engine", version);
  with_will.brokers = {"tcp://127.0.0.1:" + std::to_string(other_port)};
  with_will.last_will =
      Message{.topic = "engine/status", .payload = "offline", .qos = 1, .retain = true};
  const auto link = connect(with_will);
  SECTION("torn off") {
    for (const int socket : sockets_to(other_port)) ::shutdown(socket, SHUT_RDWR);
    CHECK(run_until([&] { return !heard.empty(); }));
    CHECK(heard == std::vector<std::string>{"offline"});
    CHECK(run_until([&] { return link->stats().reconnects == 1; }));
  }
  SECTION("closed") {
    const SteadyTime before = clock.now();
    link->close();
    CHECK(clock.now() - before < 500ms);
    run_for(100ms);
    listener->publish(data("engine/status", "end", 1));
    CHECK(run_until([&] { return !heard.empty(); }));
    CHECK(heard == std::vector<std::string>{"end"});
  }
}

TEST_CASE_METHOD(BrokerFixture, "broker: MQTT 5 properties make the round trip", "[broker]") {
  start_broker();
  const auto link = connect(options("five"));
  Message sent{.topic = "a/b",
               .payload = "x",
               .qos = 1,
               .response_topic = "reply/here",
               .correlation_data = std::string("\0\xff\x01", 3),
               .content_type = "application/json",
               .user_properties = {{"name", "value"}, {"name", "again"}, {"empty", ""}}};
  std::vector<Message> heard;
  link->on_message = [&](const Message& message) { heard.push_back(message); };
  link->subscribe("a/#", 1);
  link->publish({.message = sent, .offline = Offline::queue});
  REQUIRE(run_until([&] { return !heard.empty(); }));
  CHECK(heard[0].response_topic == sent.response_topic);
  CHECK(heard[0].correlation_data == sent.correlation_data);
  CHECK(heard[0].content_type == sent.content_type);
  CHECK(heard[0].user_properties == sent.user_properties);
  CHECK(heard[0].received_at <= clock.now());
  CHECK(heard[0].received_at > clock.now() - 10s);
}

TEST_CASE_METHOD(BrokerFixture, "broker: overlapping filters call each handler once", "[broker]") {
  const int version = GENERATE(4, 5);
  CAPTURE(version);
  start_broker();
  const auto link = connect(options("overlap", version));
  Bus bus(loop.timers());
  link->on_message = [&](const Message& message) { bus.deliver(message); };
  bus.attach(link.get());
  int all = 0, rooms = 0, exact = 0, last = 0;
  bus.subscribe("#", 0, [&](const Message& m) { all += m.topic == "room1/status"; });
  bus.subscribe("room1/+", 1, [&](const Message&) { ++rooms; });
  bus.subscribe("room1/status", 2, [&](const Message&) { ++exact; });
  bus.subscribe("last", 0, [&](const Message&) { ++last; });
  bus.publish({.message = {.topic = "room1/status", .payload = "OK", .qos = 1}});
  bus.publish({.message = {.topic = "last", .payload = "", .qos = 1}});
  REQUIRE(run_until([&] { return last == 1; }));
  CHECK(all == 1);
  CHECK(rooms == 1);
  CHECK(exact == 1);
  bus.attach(nullptr);
}

TEST_CASE_METHOD(BrokerFixture, "broker: payloads are bytes: none, binary, a megabyte",
                 "[broker]") {
  const int version = GENERATE(4, 5);
  const int qos = GENERATE(0, 1, 2);
  CAPTURE(version, qos);
  start_broker();
  const auto link = connect(options("bytes", version));
  std::vector<std::string> heard;
  link->on_message = [&](const Message& message) { heard.push_back(message.payload); };
  link->subscribe("b/#", 2);
  std::string megabyte(1 << 20, '\0');
  for (size_t i = 0; i < megabyte.size(); ++i) megabyte[i] = static_cast<char>(i * 31 >> 3);
  const std::vector<std::string> sent = {"", std::string("\0\xff\n", 3), megabyte, "0042"};
  for (const std::string& payload : sent) link->publish(data("b/\xc3\xa4 b", payload, qos));
  CHECK(run_until([&] { return heard.size() == sent.size(); }));
  CHECK(heard == sent);
}

TEST_CASE_METHOD(BrokerFixture, "broker: retained messages are marked, live ones are not",
                 "[broker]") {
  start_broker();
  const auto link = connect(options("retain"));
  Publication kept = data("r", "old", 1);
  kept.message.retain = true;
  link->publish(std::move(kept));
  std::vector<std::pair<std::string, bool>> heard;
  link->on_message = [&](const Message& m) { heard.emplace_back(m.payload, m.retain); };
  bool out = false;
  link->flush(5s, [&](bool flushed) { out = flushed; });
  REQUIRE(run_until([&] { return out; }));
  link->subscribe("r", 1);
  REQUIRE(run_until([&] { return heard.size() == 1; }));
  link->publish(data("r", "new", 1));
  REQUIRE(run_until([&] { return heard.size() == 2; }));
  CHECK(heard == std::vector<std::pair<std::string, bool>>{{"old", true}, {"new", false}});
  link->subscribe("r", 1);  // Once more: the broker tells again.
  CHECK(run_until([&] { return heard.size() == 3 && heard[2].second; }));
}

TEST_CASE_METHOD(BrokerFixture, "broker: what it forbids is refused with a name, and does not clog",
                 "[broker]") {
  folder.write("acl", "topic readwrite open/#\n");
  extra_configuration = "acl_file " + file("acl") + "\n";
  start_broker();
  const auto link = connect(options("acl"));
  bool refused = false;
  bool delivered = false;
  Publication forbidden = data("closed/x", "1", 1);
  forbidden.on_delivery = [&](bool ok) { refused = !ok; };
  Publication allowed = data("open/x", "2", 1);
  allowed.on_delivery = [&](bool ok) { delivered = ok; };
  link->publish(std::move(forbidden));
  link->publish(std::move(allowed));
  CHECK(run_until([&] { return refused && delivered; }));
  CHECK(logs.has("The broker refuses closed/x: 1 (not authorized, code 135)"));
}

TEST_CASE_METHOD(BrokerFixture, "broker: a burst of QoS 0, larger than any queue, is out at once",
                 "[broker]") {
  start_broker();
  LinkOptions o = options("burst");
  o.queue_limit = 10;
  const auto link = connect(o);
  int written = 0;
  for (int i = 0; i < 5000; ++i) {
    Publication publication = data("cue", std::string(100, 'x'), 0, Offline::drop);
    publication.on_delivery = [&](bool delivered) { written += delivered; };
    CHECK(link->publish(std::move(publication)) == PublishOutcome::sent);
  }
  CHECK(run_until([&] { return written == 5000; }));
  CHECK(link->stats().dropped == 0);
}

TEST_CASE_METHOD(BrokerFixture, "broker: what comes after a quiet second is not late", "[broker]") {
  start_broker();
  const auto link = connect(options("quiet"));
  std::vector<Duration> ages;
  SteadyTime sent{};
  link->on_message = [&](const Message& message) { ages.push_back(message.received_at - sent); };
  subscribe(*link, "button", 0);
  for (int i = 0; i < 4; ++i) {
    // Where the library would sleep: 1000 to 1100 ms after the last packet.
    run_for(1010ms + i * 12ms);
    sent = clock.now();
    const std::string port_text = std::to_string(port);
    REQUIRE(std::system(("mosquitto_pub -p " + port_text + " -t button -m x").c_str()) == 0);
    CHECK(run_until([&] { return ages.size() == static_cast<size_t>(i) + 1; }));
  }
  std::sort(ages.begin(), ages.end());
  CHECK(ages[2] < 40ms);
}

TEST_CASE_METHOD(BrokerFixture, "broker: a broker that falls silent is noticed by the keepalive",
                 "[broker]") {
  start_broker();
  LinkOptions o = options("alive");
  o.keepalive = 1s;
  const auto link = connect(o);
  ::kill(broker->pid(), SIGSTOP);
  CHECK(run_until([&] { return !link->connected(); }));
  ::kill(broker->pid(), SIGCONT);
  CHECK(run_until([&] { return link->connected(); }));
}

TEST_CASE_METHOD(BrokerFixture, "broker: small packets are sent at once", "[broker]") {
  start_broker();
  const auto link = connect(options("quick"));
  const auto sockets = sockets_to(port);
  REQUIRE(sockets.size() == 1);
  int on = 0;
  socklen_t size = sizeof(on);
  REQUIRE(::getsockopt(sockets[0], IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0);
  CHECK(on != 0);
}

TEST_CASE_METHOD(BrokerFixture, "a link destroyed while it connects neither hangs nor crashes",
                 "[broker]") {
  // The kernel takes the connection, and nobody ever answers the CONNECT.
  boost::asio::ip::tcp::acceptor silent(loop.io(), {boost::asio::ip::address_v4::loopback(), 0});
  port = silent.local_endpoint().port();
  for (const Duration age : {0ms, 0ms, 1ms, 5ms, 50ms, 300ms}) {
    auto link = make_link(options("hasty"));
    link->start();
    run_for(age);
    const SteadyTime before = clock.now();
    link.reset();
    CHECK(clock.now() - before < 1s);
  }
  run_for(50ms);
}

TEST_CASE_METHOD(BrokerFixture, "a link destroyed under a flood neither hangs nor crashes",
                 "[broker]") {
  start_broker();
  const auto source = connect(options("source"));
  for (int i = 0; i < 2; ++i) {
    auto link = connect(options("drain"));
    int heard = 0;
    link->on_message = [&](const Message&) { ++heard; };
    subscribe(*link, "flood", 0);
    for (int n = 0; n < 2000; ++n) source->publish(data("flood", std::string(200, 'x'), 0));
    for (int n = 0; n < 100; ++n) link->publish(data("up", "x", 1));
    REQUIRE(run_until([&] { return heard > 10; }));
    link.reset();
  }
  run_for(50ms);
}

TEST_CASE_METHOD(BrokerFixture, "broker: coming and going leaves no thread and no socket behind",
                 "[broker]") {
  start_broker();
  const auto count = [](const char* path) {
    return std::distance(std::filesystem::directory_iterator(path),
                         std::filesystem::directory_iterator());
  };
  connect(options("warm"))->close();
  run_for(300ms);
  const auto threads = count("/proc/self/task");
  const auto descriptors = count("/proc/self/fd");
  for (int i = 0; i < 5; ++i) connect(options("visitor"))->close();
  CHECK(run_until([&] {
    return count("/proc/self/task") <= threads && count("/proc/self/fd") <= descriptors;
  }));
}
