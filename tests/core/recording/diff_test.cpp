#include "core/recording/diff.h"

#include <vector>

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

RecordedMessage at(Duration time, const std::string& topic, const std::string& payload, int qos = 0,
                   bool retain = false) {
  return {time, {.topic = topic, .payload = payload, .qos = qos, .retain = retain}};
}

// The differences, as a driver that has both finds them.
Lines differences(const std::vector<RecordedMessage>& before,
                  const std::vector<RecordedMessage>& now, Duration tolerance = 1ms) {
  Lines lines;
  RecordingDiff diff(tolerance, [&](const std::string& line) { lines.push_back(line); });
  auto next = before.begin();
  for (const RecordedMessage& each : now) {
    while (next != before.end() && next->at <= each.at + diff.ahead()) diff.add_before(*next++);
    diff.add_now(each);
  }
  for (; next != before.end(); ++next) {
    diff.add_before(*next);
    diff.pass(next->at);
  }
  diff.finish();
  CHECK(diff.differences() == lines.size());
  return lines;
}

}  // namespace

TEST_CASE("diff: the same messages do not differ, within the tolerance") {
  const std::vector<RecordedMessage> old = {at(1s, "a", "x"), at(1s, "a", "x"), at(9s, "b", "y")};
  CHECK(differences(old, old).empty());
  CHECK(differences(old, {at(1s, "a", "x"), at(1001ms, "a", "x"), at(9001ms, "b", "y")}).empty());
  CHECK(differences({}, {}).empty());
}

TEST_CASE("diff: what is gone and what is new") {
  CHECK(differences({at(1s, "a", "x"), at(2s, "b", "y"), at(20s, "c", "z")}, {at(1s, "a", "x")}) ==
        Lines{"- 2.000  b = y", "- 20.000  c = z"});
  CHECK(differences({at(1s, "a", "x")}, {at(1s, "a", "x"), at(1s, "a", "x"), at(2s, "b", "y")}) ==
        Lines{"+ 1.000  a = x", "+ 2.000  b = y"});
}

TEST_CASE("diff: another payload, other flags, another time") {
  CHECK(differences({at(1s, "a", "x")}, {at(1s, "a", "y")}) == Lines{"~ 1.000  a = x -> y"});
  CHECK(differences({at(1s, "a", "x")}, {at(1s, "a", "x", 1, true)}) ==
        Lines{"~ 1.000  a = x -> x (qos 1, retained)"});
  CHECK(differences({at(1s, "a", "x")}, {at(1250ms, "a", "x")}) ==
        Lines{"~ 1.000  a = x, 0.250 s later"});
  CHECK(differences({at(1250ms, "a", "x")}, {at(1s, "a", "y")}) ==
        Lines{"~ 1.250  a = x -> y, 0.250 s earlier"});
  CHECK(differences({at(1s, "a", "x")}, {at(3s, "a", "x")}) ==
        Lines{"- 1.000  a = x", "+ 3.000  a = x"});
}

TEST_CASE("diff: the tolerance can be wide") {
  CHECK(differences({at(1s, "a", "x")}, {at(3s, "a", "x")}, 2s).empty());
  CHECK(differences({at(1s, "a", "x")}, {at(3s, "a", "x")}, 1999ms) ==
        Lines{"- 1.000  a = x", "+ 3.000  a = x"});
}

TEST_CASE("diff: one message more among many shifts none of them") {
  std::vector<RecordedMessage> old, now;
  for (int i = 0; i < 100; ++i) {
    old.push_back(at(i * 10ms, "a", std::to_string(i)));
    if (i == 50) now.push_back(at(i * 10ms, "a", "extra"));
    now.push_back(old.back());
  }
  CHECK(differences(old, now) == Lines{"+ 0.500  a = extra"});
}

TEST_CASE("diff: payloads that are no text are shown on one line") {
  CHECK(differences({}, {at(1s, "a", "\xff\n")}) == Lines{"+ 1.000  a = \\xff\\x0a"});
}
