#include "core/mqtt/managed_broker.h"

#include <fstream>

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
        {.on_ready = [this](const std::string& url) { ready.push_back(url); },
         .on_failed = [this](const std::string& why) { failed.push_back(why); }});
  }
  std::unique_ptr<ManagedBroker> start_ready() {
    const size_t before = ready.size();
    auto started = start({.folder = folder.path() / "broker"});
    REQUIRE(started);
    REQUIRE(run_until([&] { return ready.size() > before; }));
    port = (*started)->port();
    return std::move(*started);
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
