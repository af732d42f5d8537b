#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/bus/topic.h"

namespace engine {

// Values by topic filter. Finding the filters that match a topic costs by its levels, not by the
// number of filters.
template <typename Value>
class TopicTrie {
 public:
  // The value of `filter`, made when it is not there. Valid until that filter is erased.
  Value& operator[](std::string_view filter) {
    Node* node = &root_;
    topic::each_level(filter, [&](std::string_view level) {
      node = &node->child(level);
      return true;
    });
    if (!node->value) {
      node->value = std::make_unique<Value>();
      ++size_;
    }
    return *node->value;
  }

  Value* find(std::string_view filter) {
    Node* node = &root_;
    topic::each_level(filter, [&](std::string_view level) {
      node = node->find(level);
      return node != nullptr;
    });
    return node ? node->value.get() : nullptr;
  }

  void erase(std::string_view filter) {
    if (erase(root_, topic::levels(filter), 0)) --size_;
  }

  // Calls `visit(Value&)` for every filter that matches; `visit` must not change the trie.
  template <typename Visit>
  void match(std::string_view name, Visit&& visit) {
    match(root_, name, 0, visit);
  }

  size_t size() const { return size_; }

 private:
  struct StringHash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  struct Node {
    std::unordered_map<std::string, std::unique_ptr<Node>, StringHash, std::equal_to<>> named;
    std::unique_ptr<Node> plus;
    std::unique_ptr<Node> hash;
    std::unique_ptr<Value> value;

    Node& child(std::string_view level) {
      std::unique_ptr<Node>& place = level == "+"   ? plus
                                     : level == "#" ? hash
                                                    : named[std::string(level)];
      if (!place) place = std::make_unique<Node>();
      return *place;
    }
    Node* find(std::string_view level) {
      if (level == "+") return plus.get();
      if (level == "#") return hash.get();
      const auto it = named.find(level);
      return it == named.end() ? nullptr : it->second.get();
    }
    void drop(std::string_view level) {
      if (level == "+") {
        plus.reset();
      } else if (level == "#") {
        hash.reset();
      } else {
        named.erase(named.find(level));
      }
    }
    bool empty() const { return !value && !plus && !hash && named.empty(); }
  };

  static bool erase(Node& node, const std::vector<std::string_view>& levels, size_t depth) {
    if (depth == levels.size()) {
      const bool had = node.value != nullptr;
      node.value.reset();
      return had;
    }
    Node* next = node.find(levels[depth]);
    if (!next) return false;
    const bool had = erase(*next, levels, depth + 1);
    if (next->empty()) node.drop(levels[depth]);
    return had;
  }

  template <typename Visit>
  static void match(Node& node, std::string_view name, size_t begin, Visit& visit) {
    // Wildcards at the first level never match names such as $SYS/... (MQTT 5.0 section 4.7.2).
    const bool wild = begin != 0 || name.empty() || name[0] != '$';
    if (wild && node.hash && node.hash->value) visit(*node.hash->value);
    if (begin > name.size()) {
      if (node.value) visit(*node.value);
      return;
    }
    const size_t slash = name.find('/', begin);
    const size_t end = slash == name.npos ? name.size() : slash;
    const auto named = node.named.find(name.substr(begin, end - begin));
    if (named != node.named.end()) match(*named->second, name, end + 1, visit);
    if (wild && node.plus) match(*node.plus, name, end + 1, visit);
  }

  Node root_;
  size_t size_ = 0;
};

}  // namespace engine
