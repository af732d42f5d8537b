#include <fmt/format.h>

#include "bindings/rehearsal/check/text_checks.h"

namespace engine::checking {
namespace {

void check_list(const std::string& path, const TableText& cues, std::vector<Finding>& findings) {
  double latest = 0;
  for (const TableText::Item& item : cues.items) {
    const auto* time = item.value.table ? item.value.table->element(1) : nullptr;
    if (!time || time->value.kind != Value::Kind::number) continue;
    if (time->value.number < 0) continue;  // That is an error of its own.
    if (time->value.number < latest) {
      findings.push_back({path, time->at, Finding::Severity::warning, "cue-order",
                          fmt::format("a cue at {} s stands after one at {} s: cues are played in "
                                      "order of time",
                                      time->value.number, latest)});
    } else {
      latest = time->value.number;
    }
  }
}

}  // namespace

std::vector<Finding> check_cue_order(const std::string& path, const Outline& outline) {
  std::vector<Finding> findings;
  for (const auto& table : outline.tables) {
    for (const char* key : {"cues", "timeline"}) {
      const auto* list = table->find(key);
      if (list && list->value.table) check_list(path, *list->value.table, findings);
    }
  }
  return findings;
}

}  // namespace engine::checking
