#include <string>

#include "tests/core/config/config_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

struct Case {
  const char* content;
  const char* error;  // How it begins.
};

const Case kCases[] = {
    // Types: what was expected, what was found.
    {"[mqtt]\nkeepalive = \"long\"",
     "FILE:2:13: mqtt.keepalive: expected a time in seconds, found the text \"long\""},
    // Letters where none can stand: toml++ calls that unreachable (tests/fuzz/toml_parser.cpp).
    {"Ö = 1", "FILE:1:1: Error while parsing root table"},
    {"x = ö", "FILE:1:5: Error while parsing value"},
    {"x = 1 ﷺ", "FILE:1:7: Error while parsing"},
    {"[mqtt]\nverify = 1", "FILE:2:10: mqtt.verify: expected true or false, found the integer 1"},
    {"[mqtt]\nuser = 5", "FILE:2:8: mqtt.user: expected text in quotes, found the integer 5"},
    {"[mqtt]\nfirst_tries = 2.5",
     "FILE:2:15: mqtt.first_tries: expected an integer, found the number 2.5"},
    {"[mqtt]\naddresses = \"a\"",
     "FILE:2:13: mqtt.addresses: expected a list of broker addresses, found the text \"a\""},
    {"[media]\nfolders = [\"a\", 3]",
     "FILE:2:17: media.folders[2]: expected a path in quotes, found the integer 3"},
    {"site = 2026-01-31", "FILE:1:8: site: expected text in quotes, found a date or time"},
    {"[log]\nlevel = true",
     "FILE:2:9: log.level: expected one of \"trace\" \"debug\" \"info\" \"warning\" \"warn\" "
     "\"error\" \"critical\" \"off\", found true"},
    {"[simulate]\ndelay = [2, 1]", "FILE:2:9: simulate.delay: expected two times"},
    {"[simulate]\ndelay = [1]", "FILE:2:9: simulate.delay: expected two times"},
    {"values = 3", "FILE:1:10: values: expected a table, [values], found the integer 3"},
    // Values.
    {"[broker]\nport = 99999", "FILE:2:8: broker.port: 99999 is not a port (0-65535)"},
    {"[mqtt]\naddress = \"tcp://host:99999\"",
     "FILE:2:11: mqtt.address: 99999 is not a port (1-65535)"},
    {"[mqtt]\naddresses = [\"\"]",
     "FILE:2:14: mqtt.addresses[1]: '' is not a broker address: it is empty"},
    {"[feedback]\ntimeout = -1", "FILE:2:11: feedback.timeout: -1 is not a time in seconds"},
    {"[scene]\ngo_debounce = nan", "FILE:2:15: scene.go_debounce: nan is not a time in seconds"},
    {"[mqtt]\nbackoff_max = inf", "FILE:2:15: mqtt.backoff_max: inf is not a time in seconds"},
    {"[media]\ndefault_volume = 70", "FILE:2:18: media.default_volume: 70 is not a volume (0-1)"},
    {"[log]\nlevel = \"debgu\"", "FILE:2:9: log.level: \"debgu\" is not one of"},
    {"site = \"a/b\"", "FILE:1:8: site: 'a/b' is not a site name"},
    {"site = \"..\"", "FILE:1:8: site: '..' is not a site name"},
    {"site = \"\"", "FILE:1:8: site: '' is not a site name"},
    {"prefix = \"a/#\"", "FILE:1:10: prefix: "},
    {"prefix = \"a/\"", "FILE:1:10: prefix: must not end in /"},
    {"prefix = \"$SYS\"", "FILE:1:10: prefix: must not begin with $"},
    {"[services]\nnamespace = \"a/+\"", "FILE:2:13: services.namespace: "},
    {"[services]\nnamespace = \"a/\"", "FILE:2:13: services.namespace: must not end in /"},
    {"[services]\nheartbeat_timeout = 30",
     "FILE:2:21: services.heartbeat_timeout: heartbeat_timeout (30 s) must be more than "
     "heartbeat_interval (30 s)"},
    {"[services]\nheartbeat_interval = 90",
     "FILE:2:22: services.heartbeat_interval: heartbeat_timeout (90 s) must be more than"},
    {"[mqtt.will]\ntopic = \"a/#\"", "FILE:2:9: mqtt.will.topic: "},
    {"[devices]\nstatus_filters = [\"devices/#\"]",
     "FILE:2:19: devices.status_filters[1]: 'devices/#' needs exactly one +"},
    {"[media]\naudio = \"alsa;rm\"", "FILE:2:9: media.audio: 'alsa;rm' is not an output"},
    {"[web]\nlisten = \"8080\"",
     "FILE:2:10: web.listen: '8080' is not an IP address and a port, such as 127.0.0.1:8080"},
    {"[web]\nlisten = \"localhost:8080\"", "FILE:2:10: web.listen: 'localhost:8080' is not an IP"},
    {"[web]\nlisten = \"::1:8080\"", "FILE:2:10: web.listen: '::1:8080' is not an IP"},
    {"[web]\nlisten = \"127.0.0.1:65536\"", "FILE:2:10: web.listen: '127.0.0.1:65536' is not"},
    {"[web]\nlisten = \"127.0.0.1:80x\"", "FILE:2:10: web.listen: '127.0.0.1:80x' is not"},
    {"[web]\nlisten = \"192.168.0.1:80\"",
     "FILE:2:10: web.listen: 192.168.0.1:80 can be reached by other machines, so it needs a "
     "web.token_file"},
    {"[web]\nlisten = \"[::]:80\"", "FILE:2:10: web.listen: [::]:80 can be reached"},
    // Unknown keys and wrong nesting.
    {"[mqtt]\nkeepalve = 3",
     "FILE:2:1: unknown key 'mqtt.keepalve', did you mean 'mqtt.keepalive'?"},
    {"[mqt]\nkeepalive = 3", "FILE:1:2: unknown key 'mqt', did you mean 'mqtt'?"},
    {"go_debounce = 1", "FILE:1:1: unknown key 'go_debounce', did you mean 'scene.go_debounce'?"},
    {"[mqtt.broker]\nport = 1", "FILE:1:7: unknown key 'mqtt.broker', did you mean 'broker'?"},
    {"[log.levels]\nmqtt_feedbak = \"info\"",
     "FILE:2:1: unknown key 'log.levels.mqtt_feedbak', did you mean 'log.levels.mqtt_feedback'?"},
    {"[log.levels]\nplumbing = \"info\"",
     "FILE:2:1: unknown key 'log.levels.plumbing'; [log.levels] has mqtt mqtt_handler"},
    {"\"mqtt.user\" = \"x\"", "FILE:1:1: unknown key 'mqtt.user'"},
    {"[[mqtt]]\nuser = \"x\"", "FILE:1:1: mqtt: expected a table, [mqtt], found a list"},
    {"log = \"debug\"", "FILE:1:7: log: expected a table, [log], found the text \"debug\""},
    // TOML itself.
    {"[mqtt]\nkeepalive = 1\nkeepalive = 2",
     "FILE:3:13: Error while parsing key-value pair: cannot redefine existing integer"},
    {"[mqtt]\n[mqtt]\n", "FILE:2:1: "},
    {"[mqtt]\nkeepalive = \n", "FILE:2:13: "},
    {"[mqtt]\nqueue_limit = 99999999999999999999",
     "FILE:2:35: Error while parsing decimal integer: '99999999999999999999' is not representable"},
    {"[mqtt]\nqueue_limit = 9999999999",
     "FILE:2:15: mqtt.queue_limit: 9999999999 is not a number of messages (0-10000000)"},
    {"site = \"a", "FILE:1:10: "},
};

}  // namespace

TEST_CASE("a bad configuration is refused with place, value and rule") {
  for (const Case& c : kCases) {
    INFO(c.content);
    const std::string error = file_error(c.content);
    INFO(error);
    CHECK(error.starts_with(c.error));
  }
}

TEST_CASE("all errors of a file are reported, in its order") {
  const auto errors = ConfigFixture()
                          .file(
                              "site = 1\n[mqtt]\nversion = \"4\"\nkeepalve = 1\n[broker]\n"
                              "port = 99999\nenabled = \"x\"\n[log]\nlevel = 3")
                          .errors();
  REQUIRE(errors.size() == 6);
  const char* kPlaces[] = {
      "FILE:1:8:", "FILE:3:11:", "FILE:4:1:", "FILE:6:8:", "FILE:7:11:", "FILE:9:9:"};
  for (size_t i = 0; i < 6; ++i) CHECK(errors[i].starts_with(kPlaces[i]));
}

TEST_CASE("a flood of errors is cut short and counted") {
  std::string content;
  for (int i = 0; i < 50; ++i) content += "unheard_of_" + std::to_string(i) + " = 1\n";
  const auto errors = ConfigFixture().file(content).errors();
  REQUIRE(errors.size() == 21);
  CHECK(errors[19].starts_with("FILE:20:1:"));
  CHECK(errors[20] == "... and 30 more errors");
}

TEST_CASE("what is no configuration file is refused clearly") {
  ConfigFixture fixture;
  CHECK(fixture.path(fixture.folder() / "none.toml").error() ==
        "FILE: cannot be read: No such file or directory");
  CHECK(fixture.path(fixture.folder().path()).error() == "FILE: cannot be read: it is a folder");
  CHECK(file_error("") == "FILE is empty (0 bytes)");
  CHECK(file_error(" \n\t\n") == "FILE is empty (4 bytes)");
  CHECK(file_error(std::string("a = 1\n\x7f"
                               "ELF\0\1",
                               12)) == "FILE:2:5: a NUL byte: this is not a text file");
  CHECK(file_error("# fine\n# caf\xe9\n") == "FILE:2:6: the byte 0xe9 is not UTF-8");
  CHECK(file_error("# ok ✅ \xed\xa0\x80") == "FILE:1:10: the byte 0xed is not UTF-8");
  CHECK(ConfigFixture().file("# only a comment").errors().empty());
}

TEST_CASE("large files are read up to a megabyte") {
  std::string comments;
  while (comments.size() < 1'000'000) comments += "# " + std::string(70, 'x') + "\n";
  CHECK(ConfigFixture().file(comments + "site = \"big\"\n").load().site == "big");
  comments += comments;
  CHECK(file_error(comments) == "FILE is larger than 1048576 bytes");
}

TEST_CASE("nesting that is too deep is refused, not crashed on") {
  std::string deep = "a";
  for (int i = 0; i < 400'000; ++i) deep += ".a";
  CHECK(file_error(deep + " = 1") == "FILE:1:1: a line of 800005 bytes (at most 8192)");
  CHECK(file_error("a = " + std::string(4'000, '[')).starts_with("FILE:1:"));
  const std::string allowed = deep.substr(0, 4'001);
  CHECK(has(file_error("[" + allowed + "]\n" + allowed + " = 1"), "unknown key 'a'"));
}
