#include "core/topics/topic_reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

using nlohmann::ordered_json;

std::string file_of(const TopicPolicy& policy) {
  return policy.place.substr(0, policy.place.rfind(':'));
}

// `100 in 60 s`, in brackets where it only warns.
std::string rate_text(const TopicPolicy& policy) {
  if (!policy.rate) return "";
  const std::string rate =
      fmt::format("{} in {} s{}", policy.rate->messages, to_seconds(policy.rate->window),
                  policy.rate->per_topic ? " for each topic" : "");
  return policy.held_back() ? rate : "(" + rate + ")";
}

std::string limits_text(const TopicPolicy& policy) {
  std::vector<std::string> limits;
  if (policy.max_size != 0) limits.push_back(fmt::format("at most {} bytes", policy.max_size));
  if (policy.max_age != Duration::zero()) {
    limits.push_back(fmt::format("waits at most {} s", to_seconds(policy.max_age)));
  }
  if (policy.compress_over)
    limits.push_back(fmt::format("gzip over {} bytes", *policy.compress_over));
  return fmt::format("{}", fmt::join(limits, ", "));
}

// As text in a cell of a table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '|' || c == '\\') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result;
}

ordered_json seconds_or_null(Duration time) {
  return time == Duration::zero() ? ordered_json() : ordered_json(to_seconds(time));
}

}  // namespace

const char* to_word(Offline offline) {
  switch (offline) {
    case Offline::drop:
      return "drop";
    case Offline::queue:
      return "queue";
    case Offline::latest:
      break;
  }
  return "latest";
}

const char* to_word(TopicPriority priority) {
  switch (priority) {
    case TopicPriority::low:
      return "low";
    case TopicPriority::normal:
      return "normal";
    case TopicPriority::high:
      return "high";
    case TopicPriority::critical:
      break;
  }
  return "critical";
}

std::string topics_markdown(const std::vector<TopicPolicy>& policies) {
  std::string out =
      "# Topics\n\nThe first line that matches a topic counts. A rate in brackets only warns.\n";
  std::string file;
  for (const TopicPolicy& policy : policies) {
    if (file_of(policy) != file) {
      file = file_of(policy);
      out += fmt::format(
          "\n## {}\n\n| topic | QoS | retained | rate | offline | priority | limits | |\n", file);
      out += "|---|---|---|---|---|---|---|---|\n";
    }
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", cell(policy.filter),
                       policy.qos, policy.retain ? "yes" : "", rate_text(policy),
                       to_word(policy.offline), to_word(policy.priority), limits_text(policy),
                       cell(policy.description));
  }
  return out;
}

ordered_json topics_json(const std::vector<TopicPolicy>& policies) {
  ordered_json list = ordered_json::array();
  for (const TopicPolicy& policy : policies) {
    ordered_json rate;
    if (policy.rate) {
      rate = {{"messages", policy.rate->messages},
              {"window", to_seconds(policy.rate->window)},
              {"per", policy.rate->per_topic ? "topic" : "definition"},
              {"held_back", policy.held_back()}};
    }
    const auto size_or_null = [](size_t size) {
      return size == 0 ? ordered_json() : ordered_json(size);
    };
    list.push_back({{"filter", policy.filter},
                    {"qos", policy.qos},
                    {"retain", policy.retain},
                    {"rate", rate},
                    {"max_size", size_or_null(policy.max_size)},
                    {"max_age", seconds_or_null(policy.max_age)},
                    {"offline", to_word(policy.offline)},
                    {"priority", to_word(policy.priority)},
                    {"compress_over", size_or_null(policy.compress_over.value_or(0))},
                    {"description", policy.description},
                    {"place", policy.place}});
  }
  return list;
}

}  // namespace engine
