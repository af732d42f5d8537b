#include "core/mqtt/managed_broker.h"

#include <fstream>
#include <iterator>

#include "core/mqtt/broker_certificates.h"
#include "tests/core/mqtt/broker_fixture.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

struct Fixture : test::BrokerFixture {
  std::vector<std::string> ready;
  std::vector<std::string> failed;

  Result<std::unique_ptr<ManagedBroker>> start(ManagedBroker::Options o) {
    return ManagedBroker::start(
        loop.io(), loop.timers(), logs.logs(), std::move(o),
        {.on_ready = [this](const BrokerAccess& access) { ready.push_back(access.url); },
         .on_failed = [this](const std::string& why) { failed.push_back(why); }});
  }
  std::unique_ptr<ManagedBroker> start_ready(BrokerSettings settings = {}) {
    const size_t before = ready.size();
    auto started = start({.folder = folder.path() / "broker", .settings = std::move(settings)});
    REQUIRE(started);
    REQUIRE(run_until([&] { return ready.size() > before; }));
    port = (*started)->port();
    return std::move(*started);
  }
  // As the engine itself connects.
  LinkOptions own(const ManagedBroker& managed) const {
    LinkOptions result = options("engine");
    const BrokerAccess access = managed.access();
    result.brokers = {access.url};
    result.user = access.user;
    result.password = access.password;
    return result;
  }
  LinkOptions as(const std::string& user, const std::string& password) const {
    LinkOptions result = options(user);
    result.user = user;
    result.password = password;
    return result;
  }
  bool is_refused(LinkOptions o) {
    const auto link = make_link(std::move(o));
    const size_t before = logs.count("Cannot connect");
    link->start();
    REQUIRE(run_until([&] { return link->connected() || logs.count("Cannot connect") > before; }));
    return !link->connected();
  }
  std::string first_line(const std::filesystem::path& path) const {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
  }
  // The topics of what arrives at `reader` of what `writer` sends, which ends with shared/last.
  std::vector<std::string> heard(MqttLink& reader, MqttLink& writer,
                                 const std::vector<std::string>& topics) {
    subscribe(reader, "#", 1);
    std::vector<std::string> result;
    reader.on_message = [&](const Message& m) {
      if (m.topic != "fixture/sync") result.push_back(m.topic);
    };
    for (const std::string& topic : topics) {
      writer.publish({.message = {.topic = topic, .payload = "x", .qos = 1}});
    }
    writer.publish({.message = {.topic = "shared/last", .payload = "x", .qos = 1}});
    run_until([&] { return !result.empty() && result.back() == "shared/last"; });
    reader.on_message = nullptr;
    return result;
  }
  // A program that stands in for Mosquitto.
  std::string program(const std::string& script) {
    folder.write("fake", "#!/bin/sh\n" + script);
    std::filesystem::permissions(file("fake"), std::filesystem::perms::owner_all);
    return file("fake");
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "managed broker: it is ready, a link connects, and it ends with us",
                 "[broker]") {
  auto managed = start_ready();
  CHECK(managed->url() == "tcp://127.0.0.1:" + std::to_string(managed->port()));
  CHECK(ready == std::vector<std::string>{managed->url()});
  CHECK(logs.has("[INFO] broker - Mosquitto is ready at " + managed->url()));
  connect(options("x"));
  const int pid = managed->pid();
  managed.reset();
  CHECK(::kill(pid, 0) == -1);
}

TEST_CASE_METHOD(Fixture, "managed broker: killed, it comes back on its port, and the link with it",
                 "[broker]") {
  const auto managed = start_ready();
  const auto link = connect(options("x"));
  const std::string url = managed->url();
  ::kill(managed->pid(), SIGKILL);
  REQUIRE(run_until([&] { return !link->connected(); }));
  CHECK(run_until([&] { return link->connected(); }));
  CHECK(managed->ready());
  CHECK(ready == std::vector<std::string>{url, url});
  CHECK(logs.has("[WARNING] broker - mosquitto ended, status 137: starting it again in"));
}

TEST_CASE_METHOD(Fixture, "managed broker: retained messages survive from one run to the next",
                 "[broker]") {
  {
    const auto managed = start_ready();
    const auto link = connect(options("x"));
    link->publish({.message = {.topic = "kept", .payload = "still", .qos = 1, .retain = true}});
    bool out = false;
    link->flush(5s, [&](bool flushed) { out = flushed; });
    REQUIRE(run_until([&] { return out; }));
  }
  const auto managed = start_ready();
  const auto link = connect(options("x"));
  std::string heard;
  link->on_message = [&](const Message& message) { heard = message.payload; };
  link->subscribe("kept", 0);
  CHECK(run_until([&] { return heard == "still"; }));
}

TEST_CASE_METHOD(Fixture, "managed broker: not installed is an error that says what to install",
                 "[broker]") {
  const auto started = start({.folder = folder.path(), .program = "no-such-mosquitto"});
  REQUIRE_FALSE(started);
  CHECK(started.error().message ==
        "the broker 'no-such-mosquitto' is not installed: apt-get install mosquitto");
}

TEST_CASE_METHOD(Fixture, "managed broker: a folder that cannot be made is an error", "[broker]") {
  folder.write("file", "");
  const auto started = start({.folder = file("file")});
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("/file") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "managed broker: an address that is not this machine's is an error",
                 "[broker]") {
  const auto started = start({.folder = folder.path() / "broker",
                              .settings = {.listen = "192.0.2.1", .allow_anonymous = true}});
  REQUIRE_FALSE(started);
  CHECK(started.error().message.find("broker.listen: 192.0.2.1 is no address of this machine") ==
        0);
}

TEST_CASE_METHOD(Fixture, "managed broker: a port that is taken in between is left for another",
                 "[broker]") {
  const std::string fake = program(
      "cd '" + folder.path().string() + "'\n" +
      "grep '^listener' broker/mosquitto.conf >> ports\n"
      "if [ $(wc -l < ports) -lt 3 ]; then echo 'Error: Address already in use'; exit 1; fi\n"
      "echo 'mosquitto version 9.9 running'; exec sleep 1000\n");
  const auto managed = start({.folder = folder.path() / "broker", .program = fake});
  REQUIRE(managed);
  CHECK(run_until([&] { return !ready.empty(); }));
  CHECK(failed.empty());
  std::ifstream ports(file("ports"));
  std::string first;
  std::string last;
  std::getline(ports, first);
  for (std::string line; std::getline(ports, line);) last = line;
  CHECK(first != last);
  CHECK(last == "listener " + std::to_string((*managed)->port()) + " 127.0.0.1");
}

TEST_CASE_METHOD(Fixture, "managed broker: one that never starts is given up, with its own words",
                 "[broker]") {
  const std::string fake = program("echo 'Error: Invalid bridge configuration.'; exit 3\n");
  const auto managed = start({.folder = folder.path() / "broker", .program = fake});
  REQUIRE(managed);
  CHECK(run_until([&] { return !failed.empty(); }));
  CHECK(failed ==
        std::vector<std::string>{"mosquitto ended (Error: Invalid bridge configuration.)"});
  CHECK(logs.has("[ERROR] broker - Error: Invalid bridge configuration."));
}

TEST_CASE_METHOD(Fixture, "managed broker: one that hangs at the start is given up", "[broker]") {
  const std::string fake = program("exec sleep 1000\n");
  const auto managed =
      start({.folder = folder.path() / "broker", .program = fake, .start_patience = 100ms});
  REQUIRE(managed);
  CHECK(run_until([&] { return !failed.empty(); }));
  CHECK(failed == std::vector<std::string>{"mosquitto is not ready after 0.1 s"});
}

TEST_CASE_METHOD(Fixture, "managed broker: with users nobody else gets in, and the engine does",
                 "[broker]") {
  folder.write("lamp.password", "with:colon and space\n");
  const auto managed = start_ready({.users = {{.name = "generated"},
                                              {.name = "lamp",
                                               .password_file = file("lamp.password"),
                                               .password = "with:colon and space"}}});
  CHECK(managed->access().user == "engine");
  connect(own(*managed));
  connect(as("lamp", "with:colon and space"));
  const auto kept = folder.path() / "broker" / "passwords" / "generated";
  const std::string password = first_line(kept);
  CHECK(password.size() == 24);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(kept).permissions() == (perms::owner_read | perms::owner_write));
  CHECK(std::filesystem::status(folder.path() / "broker").permissions() == perms::owner_all);
  connect(as("generated", password));
  CHECK(is_refused(options("anonymous")));
  CHECK(is_refused(as("lamp", "with")));
  CHECK(is_refused(as("engine", "engine")));
  // No password stands in what Mosquitto reads.
  for (const char* name : {"mosquitto.conf", "passwords.mosquitto"}) {
    std::ifstream in(folder.path() / "broker" / name);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    CHECK(text.find(password) == text.npos);
    CHECK(text.find("colon") == text.npos);
    CHECK(text.find(managed->access().password) == text.npos);
  }
}

TEST_CASE_METHOD(Fixture, "managed broker: a generated password outlives a restart", "[broker]") {
  const auto kept = folder.path() / "broker" / "passwords" / "lamp";
  start_ready({.users = {{.name = "lamp"}}}).reset();
  const std::string password = first_line(kept);
  const auto managed = start_ready({.users = {{.name = "lamp"}}});
  CHECK(first_line(kept) == password);
  connect(as("lamp", password));
}

TEST_CASE_METHOD(Fixture, "managed broker: a confined user writes and reads its own topics only",
                 "[broker]") {
  using Topics = std::vector<std::string>;
  const auto managed =
      start_ready({.users = {{.name = "lamp",
                              .read = Topics{"lamp/set", "shared/#"},
                              .write = Topics{"lamp/is"}},
                             {.name = "free"}},
                   .everyone = {.read = {"fixture/sync"},
                                .write = {"fixture/sync", "shared/%u/#", "shared/last"}}});
  const auto password = [&](const std::string& name) {
    return first_line(folder.path() / "broker" / "passwords" / name);
  };
  const auto engine = connect(own(*managed));
  const auto lamp = connect(as("lamp", password("lamp")));
  const auto free = connect(as("free", password("free")));
  CHECK(heard(*engine, *lamp,
              {"lamp/is", "lamp/set", "other/is", "shared/lamp/a", "shared/free/a"}) ==
        Topics{"lamp/is", "shared/lamp/a", "shared/last"});
  CHECK(heard(*lamp, *engine, {"lamp/is", "lamp/set", "other/is"}) ==
        Topics{"lamp/set", "shared/last"});
  CHECK(heard(*engine, *free, {"lamp/is", "other/is"}) ==
        Topics{"lamp/is", "other/is", "shared/last"});
}

TEST_CASE_METHOD(Fixture, "managed broker: TLS by a certificate of our own making", "[broker]") {
  const auto managed = start_ready({.tls = {.generate = true}});
  CHECK(managed->url() == "ssl://127.0.0.1:" + std::to_string(managed->port()));
  connect(own(*managed));  // Over its own listener.
  LinkOptions trusting = options("x");
  trusting.brokers = {managed->url()};
  trusting.tls.ca_file = managed->authority().string();
  connect(trusting);
  LinkOptions by_name = trusting;
  by_name.client_id = "y";
  by_name.brokers = {"ssl://localhost:" + std::to_string(managed->port())};
  connect(by_name);
  LinkOptions wary = trusting;
  wary.tls.ca_file.clear();
  CHECK(is_refused(wary));
}

TEST_CASE_METHOD(Fixture, "managed broker: the certificates are kept from one run to the next",
                 "[broker]") {
  const auto tls = folder.path() / "tls";
  const auto text = [&](const char* name) {
    std::ifstream in(tls / name);
    return std::string{std::istreambuf_iterator<char>(in), {}};
  };
  REQUIRE(make_certificates(tls, {"DNS:a"}));
  const std::string authority = text("ca.crt"), server = text("server.crt");
  REQUIRE_FALSE(authority.empty());
  REQUIRE(make_certificates(tls, {"DNS:a"}));
  CHECK(text("server.crt") == server);
  REQUIRE(make_certificates(tls, {"DNS:b", "IP:192.0.2.1"}));
  CHECK(text("server.crt") != server);
  CHECK(text("ca.crt") == authority);
  const auto bad = make_certificates(tls, {"nonsense"});
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find("openssl failed: ") == 0);
  REQUIRE(make_certificates(tls, {"DNS:b"}));
}

TEST_CASE_METHOD(Fixture, "managed broker: a full broker refuses others, and never the engine",
                 "[broker]") {
  const auto managed = start_ready({.max_connections = 1});
  const auto first = connect(options("first"));
  CHECK(is_refused(options("second")));
  connect(own(*managed));
}

TEST_CASE_METHOD(Fixture, "managed broker: without persistence nothing is kept", "[broker]") {
  {
    const auto managed = start_ready({.persistence = false});
    const auto link = connect(options("x"));
    link->publish({.message = {.topic = "kept", .payload = "still", .qos = 1, .retain = true}});
    bool out = false;
    link->flush(5s, [&](bool flushed) { out = flushed; });
    REQUIRE(run_until([&] { return out; }));
  }
  CHECK_FALSE(std::filesystem::exists(folder.path() / "broker" / "mosquitto.db"));
}

TEST_CASE_METHOD(Fixture, "managed broker: a taken websockets port is named", "[broker]") {
  boost::asio::ip::tcp::acceptor taken(loop.io(), {boost::asio::ip::address_v4::loopback(), 0});
  const int number = taken.local_endpoint().port();
  const auto managed =
      start({.folder = folder.path() / "broker", .settings = {.websockets_port = number}});
  REQUIRE(managed);
  CHECK(run_until([&] { return !failed.empty(); }));
  CHECK(failed == std::vector<std::string>{
                      "port " + std::to_string(number) +
                      " is in use by another program: set broker.websockets_port to another one"});
}
