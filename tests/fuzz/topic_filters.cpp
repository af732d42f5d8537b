// Topic names and filters: which are valid, which match, and the trie against a plain matcher.
#include <fmt/format.h>

#include <set>

#include "core/bus/topic.h"
#include "core/bus/topic_trie.h"
#include "tests/fuzz/fuzzer.h"

namespace engine::fuzz {
namespace {

using Levels = std::vector<std::string_view>;

// MQTT 5.0 section 4.7, as short as it can be said.
bool matches_from(const Levels& filter, const Levels& name, size_t at) {
  if (at < filter.size() && filter[at] == "#") return true;  // Its parent as well.
  if (at == filter.size() || at == name.size()) return filter.size() == name.size();
  const bool fits = filter[at] == "+" || filter[at] == name[at];
  return fits && matches_from(filter, name, at + 1);
}

bool reference_matches(std::string_view filter, std::string_view name) {
  const bool wild = filter[0] == '+' || filter[0] == '#';
  if (wild && name[0] == '$') return false;
  return matches_from(split(filter, '/'), split(name, '/'), 0);
}

// The filter with what its wildcards stood for in their place.
std::string filled_in(std::string_view filter, std::string_view name) {
  const auto captured = topic::captures(filter, name);
  size_t next = 0;
  std::string result;
  for (const std::string_view level : split(filter, '/')) {
    const bool wild = level == "+" || level == "#";
    expect(!wild || next < captured.size(), "every wildcard has captured something", filter);
    result += fmt::format("/{}", wild ? captured[next++] : level);
  }
  expect(next == captured.size(), "only wildcards capture", filter);
  return result.substr(1);
}

std::set<std::string> found(TopicTrie<std::string>& trie, std::string_view name) {
  std::set<std::string> result;
  trie.match(name, [&](const std::string& filter) {
    expect(result.insert(filter).second, "a filter is found once", filter);
  });
  return result;
}

void check_matching(std::string_view name, const std::set<std::string>& filters) {
  TopicTrie<std::string> trie;
  std::set<std::string> expected;
  for (const std::string& filter : filters) {
    trie[filter] = filter;
    const bool fits = reference_matches(filter, name);
    expect(topic::matches(filter, name) == fits, "matches", filter);
    if (!fits) continue;
    expected.insert(filter);
    const std::string whole = filled_in(filter, name);
    expect(whole == name || whole == fmt::format("{}/", name), "captures", filter);
  }
  expect(trie.size() == filters.size(), "the trie has each filter once");
  expect(found(trie, name) == expected, "the trie finds what matches", name);
  for (const std::string& filter : filters) {
    trie.erase(filter);
    expected.erase(filter);
    expect(found(trie, name) == expected, "an erased filter is gone, and no other", filter);
  }
  expect(trie.size() == 0, "the trie is empty");
}

}  // namespace

// Lines: a name, then filters.
void one_input(std::string_view input) {
  const auto lines = split(input, '\n');
  const std::string_view name = lines[0];
  std::set<std::string> filters;
  for (const std::string_view line : lines) {
    if (topic::check_filter(line) && filters.size() < 64) filters.emplace(line);
    expect(topic::check_name(topic::as_level(std::string(line)) + "x").has_value(), "as_level",
           line);
  }
  if (!topic::check_name(name)) return;
  expect(topic::check_filter(name).has_value(), "a name is a filter", name);
  check_matching(name, filters);
}

}  // namespace engine::fuzz
