#include "core/bus/topic.h"

#include <set>
#include <string>

#include "core/bus/topic_trie.h"
#include "tests/support/catch.h"

using namespace engine;

namespace {

struct Case {
  const char* filter;
  const char* name;
  bool matches;
};

// MQTT 5.0 section 4.7, its examples included.
const Case kCases[] = {
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/tennis/player1/#", "sport/tennis/player2", false},
    {"sport/#", "sport", true},
    {"#", "anything/at/all", true},
    {"#", "/", true},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"+", "/finance", false},
    {"+/b", "/b", true},
    {"a//b", "a//b", true},
    {"a/+/b", "a//b", true},
    {"a/b", "a//b", false},
    {"a", "a/", false},
    {"a/", "a", false},
    {"A", "a", false},
    {"#", "$SYS/broker/uptime", false},
    {"+/broker/uptime", "$SYS/broker/uptime", false},
    {"$SYS/#", "$SYS/broker/uptime", true},
    {"$SYS/broker/+", "$SYS/broker/uptime", true},
    {"a/#", "a/$SYS", true},
    {"a/+", "a/$SYS", true},
    {"+/+/#", "a", false},
    {"+/+/#", "a/b", true},
    {"+/#", "a", true},
    {"room1/light.", "room1/lightX", false},
};

}  // namespace

TEST_CASE("topic filters match by MQTT's rules") {
  for (const Case& c : kCases) {
    INFO(c.filter << " and " << c.name);
    CHECK(topic::matches(c.filter, c.name) == c.matches);
    TopicTrie<int> trie;
    trie[c.filter] = 1;
    int found = 0;
    trie.match(c.name, [&](int) { ++found; });
    CHECK(found == (c.matches ? 1 : 0));
  }
}

TEST_CASE("the trie finds every filter that matches, and forgets erased ones") {
  TopicTrie<std::string> trie;
  for (const Case& c : kCases) trie[c.filter] = c.filter;
  for (const Case& c : kCases) {
    std::set<std::string> expected, found;
    for (const Case& other : kCases) {
      if (topic::matches(other.filter, c.name)) expected.insert(other.filter);
    }
    trie.match(c.name, [&](const std::string& filter) { found.insert(filter); });
    CHECK(found == expected);
  }
  for (const Case& c : kCases) trie.erase(c.filter);
  CHECK(trie.size() == 0);
  trie.match("sport", [](const std::string&) { FAIL(); });
  CHECK(trie.find("sport/#") == nullptr);
}

TEST_CASE("topic names and filters are checked") {
  CHECK(topic::check_name("room1/light"));
  CHECK(topic::check_name("/"));
  CHECK(topic::check_name("räum/⏰"));
  CHECK_FALSE(topic::check_name(""));
  CHECK_FALSE(topic::check_name("room1/+"));
  CHECK_FALSE(topic::check_name("room1/#"));
  CHECK_FALSE(topic::check_name(std::string("a\0b", 3)));
  CHECK_FALSE(topic::check_name("a\xff"));
  CHECK_FALSE(topic::check_name("a\xed\xa0\x80"));  // A surrogate.
  CHECK_FALSE(topic::check_name(std::string(65536, 'a')));
  CHECK(topic::check_name(std::string(65535, 'a')));
  CHECK(topic::check_filter("room1/+/#"));
  CHECK(topic::check_filter("#"));
  CHECK_FALSE(topic::check_filter("room1/#/x"));
  CHECK_FALSE(topic::check_filter("room1/a+"));
  CHECK_FALSE(topic::check_filter("room1/#a"));
  CHECK(topic::check_filter("a+").error().message.find("'a+'") != std::string::npos);
}

TEST_CASE("captures are what the wildcards stood for") {
  using V = std::vector<std::string_view>;
  CHECK(topic::captures("a/+/c/#", "a/b/c/d/e") == V{"b", "d/e"});
  CHECK(topic::captures("a/#", "a") == V{""});
  CHECK(topic::captures("+/+", "/x") == V{"", "x"});
  CHECK(topic::captures("a/b", "a/b").empty());
}
