#include "core/config/topic_definitions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/config/checks.h"
#include "core/config/kinds.h"
#include "core/config/text_file.h"

namespace engine::config {
namespace {

namespace fs = std::filesystem;

constexpr int kLargestPayload = 268'435'455;  // MQTT 5.0 section 1.5.5.
constexpr int kCompressOver = 1000;           // Where only `compress = true` is said.
constexpr double kYear = 366.0 * 86'400;
constexpr size_t kMostFiles = 1000;

// A definition as it is written.
struct Written {
  TopicPolicy policy = {};
  std::optional<std::string> topic_namespace = std::nullopt;
  std::optional<Offline> offline = std::nullopt;
  std::optional<bool> compress = std::nullopt;
};

Result<std::string> check_filter(std::string filter) {
  if (auto valid = topic::check_filter(filter); !valid) return tl::unexpected(valid.error());
  return filter;
}

using Read = std::function<void(const toml::node&, Reader&, Written&)>;
using Keys = std::map<std::string, Read, std::less<>>;

template <typename T, typename Set>
Read read(Kind<T> kind, Set set) {
  return [kind = std::move(kind), set](const toml::node& value, Reader& reader, Written& written) {
    if (auto result = kind.read(value, reader)) set(written, std::move(*result));
  };
}

std::string unknown_key(const std::string& name, const std::vector<std::string>& known,
                        const char* where) {
  const std::string shown = printable(name, 80);
  if (const auto meant = nearest(name, known)) {
    return fmt::format("unknown key '{}', did you mean '{}'?", shown, *meant);
  }
  return fmt::format("unknown key '{}'; {} has {}", shown, where, fmt::join(known, " "));
}

template <typename Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// { messages = 100, window = 60, per = "topic" }
std::optional<RateLimit> read_rate(const toml::node& value, Reader& reader) {
  static const Kind<int> kMessages = integer(1, 1'000'000, "a number of messages");
  static const Kind<Duration> kWindow = seconds(0.001, kYear);
  static const Kind<bool> kPer = choice<bool>({{"definition", false}, {"topic", true}});
  const toml::table* table = value.as_table();
  if (!table || !table->contains("messages")) {
    reader.refuse(value, "expected { messages = ..., window = seconds }");
    return std::nullopt;
  }
  RateLimit rate{.messages = 1, .window = std::chrono::seconds{60}};
  static const std::vector<std::string> kKnown = {"messages", "per", "window"};
  for (const auto& [key, item] : *table) {
    const std::string name(key.str());
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
      reader.refuse(key.source(), unknown_key(name, kKnown, "a rate"));
      continue;
    }
    const Reader::Step step(reader, "." + name);
    if (name == "messages") {
      rate.messages = kMessages.read(item, reader).value_or(1);
    } else if (name == "window") {
      rate.window = kWindow.read(item, reader).value_or(rate.window);
    } else {
      rate.per_topic = kPer.read(item, reader).value_or(false);
    }
  }
  return rate;
}

const Keys& keys() {
  using P = TopicPriority;
  static const Words<Offline> kOffline = {
      {"drop", Offline::drop}, {"queue", Offline::queue}, {"latest", Offline::latest}};
  static const Words<P> kPriority = {
      {"low", P::low}, {"normal", P::normal}, {"high", P::high}, {"critical", P::critical}};
  static const Keys kKeys = {
      {"filter", read(text(check_filter), [](Written& w, auto v) { w.policy.filter = v; })},
      {"namespace", read(text(check_namespace), [](Written& w, auto v) { w.topic_namespace = v; })},
      {"description", read(text(), [](Written& w, auto v) { w.policy.description = v; })},
      {"qos", read(integer(0, 2, "a QoS"), [](Written& w, int v) { w.policy.qos = v; })},
      {"retain", read(flag(), [](Written& w, bool v) { w.policy.retain = v; })},
      {"rate",
       read(Kind<RateLimit>{read_rate, nullptr}, [](Written& w, auto v) { w.policy.rate = v; })},
      {"max_size", read(integer(1, kLargestPayload, "a size in bytes"),
                        [](Written& w, int v) { w.policy.max_size = static_cast<size_t>(v); })},
      {"max_age", read(seconds(0.001, kYear), [](Written& w, auto v) { w.policy.max_age = v; })},
      {"offline", read(choice(kOffline), [](Written& w, auto v) { w.offline = v; })},
      {"priority", read(choice(kPriority), [](Written& w, auto v) { w.policy.priority = v; })},
      {"compress", read(flag(), [](Written& w, bool v) { w.compress = v; })},
      {"compress_over",
       read(integer(1, kLargestPayload, "a size in bytes"),
            [](Written& w, int v) { w.policy.compress_over = static_cast<size_t>(v); })},
  };
  return kKeys;
}

// Never doubled: `lawnberry/power/battery` in `lawnberry` stays what it is.
std::string in_namespace(const std::string& name, const std::string& filter) {
  if (name.empty() || filter == name || filter.starts_with(name + "/")) return filter;
  return name + "/" + filter;
}

Offline usual_offline(const TopicPolicy& policy) {
  if (policy.qos == 0) return Offline::drop;
  return policy.retain ? Offline::latest : Offline::queue;
}

std::string_view file_of(const TopicPolicy& policy) {
  return std::string_view(policy.place).substr(0, policy.place.rfind(':'));
}

// Two systems that share topics each have them in their catalogue.
bool agrees_with_another_file(const TopicPolicy& earlier, TopicPolicy policy) {
  if (file_of(earlier) == file_of(policy)) return false;
  policy.description = earlier.description;
  policy.place = earlier.place;
  return policy == earlier;
}

// Whether every topic of `filter` is one of `general`.
bool covers(const std::string& general, const std::string& filter) {
  if (filter[0] == '$' && general[0] != '$') return false;
  const auto above = topic::levels(general);
  const auto below = topic::levels(filter);
  for (size_t i = 0; i < above.size(); ++i) {
    if (above[i] == "#") return true;
    if (i >= below.size() || below[i] == "#") return false;
    if (above[i] != "+" && above[i] != below[i]) return false;
  }
  return above.size() == below.size();
}

class Loader {
 public:
  Loader(const TopicFiles& from, std::vector<Error>& errors) : from_(from), errors_(errors) {}

  void read_file(const fs::path& file) {
    const auto content = read_text_file(file);
    if (!content) return errors_.push_back(content.error());
    Reader reader(file.string(), file.parent_path(), true);
    try {
      const toml::table table = toml::parse(std::string_view(*content));
      file_ = file.string();
      read_top(table, reader);
    } catch (const toml::parse_error& e) {
      reader.refuse(e.source(), e.description());
    }
    for (Error& error : reader.take_errors()) errors_.push_back(std::move(error));
  }

  std::vector<TopicPolicy> take() { return std::move(policies_); }

 private:
  void read_top(const toml::table& table, Reader& reader) {
    static const Kind<std::string> kNamespace = text(check_namespace);
    std::string own;
    const toml::array* topics = nullptr;
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      const Reader::Step step(reader, name == "namespace" || name == "topics" ? name : "");
      if (name == "namespace") {
        own = kNamespace.read(value, reader).value_or("");
      } else if (name != "topics") {
        reader.refuse(key.source(), unknown_key(name, {"namespace", "topics"}, "a catalogue"));
      } else if (topics = value.as_array(); !topics) {
        reader.expected(value, "definitions, [[topics]]");
      }
    }
    if (!topics) return;
    for (size_t i = 0; i < topics->size(); ++i) {
      const Reader::Step step(reader, fmt::format("topics[{}]", i + 1));
      read_definition((*topics)[i], own, reader);
    }
  }

  void read_definition(const toml::node& node, const std::string& own, Reader& reader) {
    const toml::table* table = node.as_table();
    if (!table) return reader.expected(node, "a definition, [[topics]]");
    Written written;
    for (const auto& [key, value] : *table) {
      const auto known = keys().find(key.str());
      if (known == keys().end()) {
        reader.refuse(key.source(),
                      unknown_key(std::string(key.str()), names_of(keys()), "[[topics]]"));
        continue;
      }
      const Reader::Step step(reader, "." + known->first);
      known->second(value, reader, written);
    }
    if (!table->contains("filter")) return reader.refuse(node, "has no filter");
    if (!written.policy.filter.empty()) add(std::move(written), own, *table, reader);
  }

  void add(Written written, const std::string& own, const toml::table& table, Reader& reader) {
    TopicPolicy& policy = written.policy;
    policy.filter = in_namespace(written.topic_namespace.value_or(
                                     from_.topic_namespace.empty() ? own : from_.topic_namespace),
                                 policy.filter);
    policy.offline = written.offline.value_or(usual_offline(policy));
    if (written.compress == false) policy.compress_over.reset();
    if (written.compress == true && !policy.compress_over) policy.compress_over = kCompressOver;
    policy.place = fmt::format("{}:{}", file_, table.source().begin.line);
    for (const TopicPolicy& earlier : policies_) {
      if (!covers(earlier.filter, policy.filter)) continue;
      if (agrees_with_another_file(earlier, policy)) return;
      return reader.refuse(
          *table.get("filter"),
          fmt::format("'{}' is never reached: '{}' ({}) comes first", printable(policy.filter),
                      printable(earlier.filter), earlier.place));
    }
    policies_.push_back(std::move(policy));
  }

  const TopicFiles& from_;
  std::vector<Error>& errors_;
  std::string file_;
  std::vector<TopicPolicy> policies_;
};

}  // namespace

Result<std::vector<fs::path>> topic_files(const TopicFiles& from) {
  std::vector<fs::path> files = from.files;
  for (const fs::path& folder : from.folders) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      const fs::path& path = it->path();
      const bool hidden = path.filename().string().starts_with(".");
      if (path.extension() == ".toml" && !hidden) found.push_back(path.lexically_normal());
    }
    if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  std::vector<fs::path> once;
  for (fs::path& file : files) {
    if (std::find(once.begin(), once.end(), file) == once.end()) once.push_back(std::move(file));
  }
  if (once.size() > kMostFiles) return fail(fmt::format("{} files are too many", once.size()));
  return once;
}

std::vector<TopicPolicy> load_topics(const TopicFiles& from, std::vector<Error>& errors) {
  const auto files = topic_files(from);
  if (!files) {
    errors.push_back({"topics.folders: " + files.error().message});
    return {};
  }
  Loader loader(from, errors);
  for (const fs::path& file : *files) loader.read_file(file);
  return loader.take();
}

}  // namespace engine::config
