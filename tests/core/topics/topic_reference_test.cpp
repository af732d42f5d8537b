#include "core/topics/topic_reference.h"

#include "tests/support/catch.h"

using namespace engine;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<TopicPolicy> kPolicies = {{.filter = "a/+",
                                             .description = "One | two",
                                             .qos = 1,
                                             .offline = Offline::queue,
                                             .rate = RateLimit{20, 60s},
                                             .max_size = 10,
                                             .max_age = 30s,
                                             .place = "a.toml:1"},
                                            {.filter = "b",
                                             .rate = RateLimit{5, 60s, true},
                                             .priority = TopicPriority::critical,
                                             .compress_over = 1000,
                                             .place = "b.toml:1"}};

}  // namespace

TEST_CASE("topics as Markdown: a table for each file") {
  const std::string text = topics_markdown(kPolicies);
  CHECK(has(text, "\n## a.toml\n\n| topic |"));
  CHECK(has(text, "\n## b.toml\n\n| topic |"));
  CHECK(has(text,
            "| `a/+` | 1 |  | 20 in 60 s | queue | normal | at most 10 bytes, waits at most "
            "30 s | One \\| two |\n"));
  CHECK(has(text,
            "| `b` | 0 |  | (5 in 60 s for each topic) | drop | critical | gzip over 1000 "
            "bytes |  |\n"));
}

TEST_CASE("topics as JSON: every field is there") {
  const auto json = topics_json(kPolicies);
  CHECK(json[0]["rate"].dump() ==
        R"({"messages":20,"window":60.0,"per":"definition","held_back":true})");
  CHECK(json[0]["compress_over"].is_null());
  CHECK(json[1]["max_age"].is_null());
  CHECK(json[1]["rate"]["held_back"] == false);
  CHECK(json[1]["compress_over"] == 1000);
  CHECK(topics_json({}).dump() == "[]");
}
