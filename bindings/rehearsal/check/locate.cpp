#include "bindings/rehearsal/check/locate.h"

#include <algorithm>
#include <map>
#include <regex>
#include <string_view>
#include <vector>

namespace engine::checking {
namespace {

using Item = TableText::Item;

std::vector<std::string> split(const std::string& message) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= message.size();) {
    const size_t end = std::min(message.find(": ", begin), message.size());
    parts.push_back(message.substr(begin, end - begin));
    begin = end + 2;
  }
  return parts;
}

std::optional<std::string> first_group(const std::string& text, const char* pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) return std::nullopt;
  return match[1].str();
}

// What messages call the elements of a list, where that is not the name of the list.
std::string list_name(const std::string& element) {
  static const std::map<std::string, std::string> kLists = {{"cue", "cues"},
                                                            {"transition", "transitions"}};
  const auto found = kLists.find(element);
  return found == kLists.end() ? element : found->second;
}

// Something in a table, and whether it can be left out alone: an option, or an element of a list. A
// cue's time cannot.
struct Step {
  const Item* item;
  const TableText* within;
  bool separable;
  std::string element = {};  // `cue 4`.
};

// Follows a message, part by part, from a table to what is in it.
class Trail {
 public:
  explicit Trail(const TableText* table) : table_(table) {}

  void follow(const std::string& part) {
    if (!table_) return;
    std::smatch match;
    if (std::regex_match(part, match, std::regex(R"((\w+) (\d+))"))) {
      if (step(table_->find(list_name(match[1]))))
        step_to_element(std::stoul(match[2]), true, part);
    } else if (const auto state = first_group(part, R"(^state '(.*)'$)")) {
      if (step(table_->find("states"))) step(table_->find(*state));
    } else if (const auto key = first_group(part, R"(option '([^']*)')")) {
      step(table_->find(*key));
    } else if (part.starts_with("its time")) {
      step_to_element(1, false);
    } else if (!step(table_->find(part.substr(0, part.find(' '))))) {
      step_to_text(part);
    }
  }

  const std::vector<Step>& steps() const { return steps_; }

 private:
  bool step(const Item* item, bool separable = true, const std::string& element = {}) {
    if (!item) return false;
    steps_.push_back({item, table_, separable, element});
    table_ = item->value.table.get();
    return true;
  }
  void step_to_element(size_t number, bool separable, const std::string& element = {}) {
    if (table_) step(table_->element(number), separable, element);
  }
  // `room1/steam`, or `topic 'room1/+' has a wildcard`.
  void step_to_text(const std::string& part) {
    const std::string text = first_group(part, R"(^topic '(.*)' )").value_or(part);
    for (const Item& item : table_->items) {
      if (item.value.kind == Value::Kind::text && item.value.text == text) {
        step(&item, false);
        return;
      }
    }
  }

  const TableText* table_;
  std::vector<Step> steps_;
};

// The call on that line that the message is about.
const CallText* find_call(const Outline& outline, int line, const std::string& message) {
  const auto name = first_group(message, R"(bad argument #\d+ to '([^']*)')");
  const CallText* best = nullptr;
  int best_score = -1;
  for (const CallText& call : outline.calls) {
    if (call.arguments_at.line != line) continue;
    const bool named_here = name && call.name == *name;
    const bool about = !call.arguments.empty() && call.arguments[0].kind == Value::Kind::text &&
                       message.find("'" + call.arguments[0].text + "'") != message.npos;
    const int score = 4 * named_here + 2 * about + (call.statement ? 1 : 0);
    if (score < best_score) continue;
    best = &call;
    best_score = score;
  }
  return best;
}

const TableText* last_table(const CallText& call) {
  for (auto value = call.arguments.rbegin(); value != call.arguments.rend(); ++value) {
    if (value->table) return value->table.get();
  }
  return nullptr;
}

// `bad argument #3 to 'subscribe'`; methods do not count their object.
const Value* argument_of(const CallText& call, const std::string& message) {
  const auto number = first_group(message, R"(bad argument #(\d+) to )");
  const size_t index = number ? std::stoul(*number) : 0;
  return index > 0 && index <= call.arguments.size() ? &call.arguments[index - 1] : nullptr;
}

std::vector<Step> steps_to(const CallText& call, const std::string& message) {
  if (const Value* argument = argument_of(call, message)) {
    Trail trail(argument->table.get());
    trail.follow(message);
    return trail.steps();
  }
  Trail trail(last_table(call));
  for (const std::string& part : split(message)) trail.follow(part);
  return trail.steps();
}

// A scene without cues, or a list without elements, would be the next error.
bool is_needed(const Step& step) {
  const std::string& key = step.item->key;
  return key == "cues" || key == "story" || (key.empty() && !step.within->element(2));
}

void describe(const CallText& call, const std::vector<Step>& steps, Place& place) {
  for (const Step& step : steps) {
    if (step.element.empty()) continue;
    place.element = step.element;
    place.element_at = step.item->at;
  }
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const TableText* table = step->item->value.table.get();
    if (table && table->find("name")) return;  // Others may speak of it.
    if (!step->separable) continue;
    if (is_needed(*step)) break;
    place.culprit = {step->item->begin, step->item->end};
    place.key = step->item->key;
    return;
  }
  place.culprit = call.statement;
}

// The token that the message quotes, else the first of the line.
Position position_in_line(const Outline& outline, int line, const std::string& message) {
  const Token* first = nullptr;
  for (const Token& token : outline.tokens) {
    if (token.at.line != line || token.kind == Token::Kind::end) continue;
    if (!first) first = &token;
    const bool name = token.kind == Token::Kind::name || token.kind == Token::Kind::text;
    if (name && message.find("'" + token.text + "'") != message.npos) return token.at;
  }
  return first ? first->at : Position{line, 1};
}

}  // namespace

Place locate(const Outline& outline, int line, const std::string& message) {
  const CallText* call = find_call(outline, line, message);
  if (!call) {
    Place place;
    place.at = position_in_line(outline, line, message);
    return place;
  }
  const auto steps = steps_to(*call, message);
  Place place;
  place.at = call->at;
  describe(*call, steps, place);
  if (!steps.empty()) {
    place.at = steps.back().item->at;
  } else if (const Value* argument = argument_of(*call, message)) {
    place.at = argument->at;
  } else if (message.find("attempt to") != message.npos) {
    place.at = position_in_line(outline, line, message);
  }
  return place;
}

size_t number_of(const Outline& outline, Position at) {
  for (const auto& table : outline.tables) {
    size_t number = 0;
    for (const Item& item : table->items) {
      number += item.key.empty();
      if (item.key.empty() && item.at == at) return number;
    }
  }
  return 0;
}

}  // namespace engine::checking
