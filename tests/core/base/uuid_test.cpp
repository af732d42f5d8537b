#include "core/base/uuid.h"

#include <regex>
#include <set>

#include "tests/support/catch.h"

using namespace engine;

TEST_CASE("uuid: version 4, as RFC 9562 writes them, and no two the same") {
  static const std::regex kForm(
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  Uuids uuids, others;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    for (const std::string& id : {uuids.next(), others.next()}) {
      CHECK(std::regex_match(id, kForm));
      CHECK(seen.insert(id).second);
    }
  }
}

TEST_CASE("uuid: the same ones for the same seed") {
  Uuids first("hardware"), second("hardware"), other("safety");
  const std::string id = first.next();
  CHECK(second.next() == id);
  CHECK(first.next() != id);
  CHECK(other.next() != id);
}
