#include <fmt/format.h>

#include "core/app/ctl_views.h"
#include "core/app/json_fields.h"
#include "core/app/table.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

using nlohmann::json;

constexpr double kNoticeablyLate = 0.02;  // Seconds.

// What a cue has come to.
Cell outcome_cell(const json& cue) {
  const std::string how = text_of(cue, "how");
  const std::string result = text_of(cue, "result");
  if (how == "failed") return {"✖ " + text_of(cue, "trouble"), Colour::red};
  if (how == "simulated") return {"simulated", Colour::yellow};
  if (result.empty()) return {how};
  if (result == "pending") return {"waits for its confirmation", Colour::yellow};
  const double after = number_of(cue, "answered_after");
  if (result == "confirmed") return {fmt::format("✔ after {:.3f} s", after), Colour::green};
  if (result == "error") {
    return {fmt::format("✖ {} after {:.3f} s", text_of(cue, "answer"), after), Colour::red};
  }
  if (result == "timeout") return {fmt::format("✖ no answer in {:.3f} s", after), Colour::red};
  return {"not answered before the end", Colour::red};
}

Cell late_cell(const json& step) {
  if (!has(step, "late")) return {};
  const double late = number_of(step, "late");
  return {fmt::format("+{:.0f} ms", late * 1000),
          late > kNoticeablyLate ? Colour::yellow : Colour::none};
}

void add_step(Table& table, const json& step) {
  const std::string at = fmt::format("{:.3f}", number_of(step, "at"));
  const std::string kind = text_of(step, "kind");
  if (kind == "cue") {
    table.add({at, late_cell(step), text_of(step, "topic") + " = " + text_of(step, "payload"),
               outcome_cell(step)});
  } else if (kind == "wait") {
    const std::string outcome = text_of(step, "outcome");
    table.add({at,
               {},
               "waited for " + text_of(step, "text"),
               Cell(fmt::format("{:.3f} s: {}", number_of(step, "seconds"), outcome),
                    outcome == "timeout" ? Colour::yellow : Colour::none)});
  } else if (kind == "call") {
    table.add({at, late_cell(step), "function", {}});
  } else {
    table.add({at, {}, Cell(text_of(step, "text"), Colour::grey), {}});
  }
}

std::string counts_text(const json& performance) {
  const json counts = performance.value("counts", json::object());
  std::string text = fmt::format("{:.0f} confirmed, {:.0f} failed, {:.0f} timed out",
                                 number_of(counts, "confirmed"), number_of(counts, "failed"),
                                 number_of(counts, "timed_out"));
  if (const double n = number_of(counts, "unanswered"); n > 0) {
    text += fmt::format(", {:.0f} unanswered", n);
  }
  if (const double n = number_of(counts, "simulated"); n > 0) {
    text += fmt::format(", {:.0f} simulated", n);
  }
  return text;
}

std::string heading(const json& performance, const Paper& paper) {
  const std::string state = text_of(performance, "state");
  std::string line = fmt::format("#{:.0f} {}  {}", number_of(performance, "number"),
                                 printable(text_of(performance, "scene")),
                                 printable(text_of(performance, "started")));
  if (state == "running") return line + "  " + coloured("running", Colour::yellow, paper.colours);
  const Colour colour = flag_of(performance, "good") ? Colour::green : Colour::red;
  line += "  " + coloured(fmt::format("{} after {:.1f} s", printable(state),
                                      number_of(performance, "length")),
                          colour, paper.colours);
  return line + "  (" + counts_text(performance) + ")";
}

}  // namespace

std::string trace_view(const json& answer, const Paper& paper) {
  std::string text;
  for (const json& performance : list_of(answer, "performances")) {
    if (!text.empty()) text += "\n";
    text += heading(performance, paper) + "\n";
    if (const double n = number_of(performance, "left_out"); n > 0) {
      text += fmt::format("... {:.0f} steps before these are not kept\n", n);
    }
    Table table({">AT", ">LATE", "WHAT", "OUTCOME"});
    for (const json& step : list_of(performance, "steps")) add_step(table, step);
    text += table.text(paper.colours, paper.columns);
  }
  const json kept = answer.value("kept", json::object());
  if (text.empty()) return "No such performance is kept.\n";
  return text + fmt::format(
                    "\n{:.0f} performances are kept, {:.0f} of them failed: --last N, "
                    "--failed\n",
                    number_of(kept, "performances"), number_of(kept, "failed"));
}

}  // namespace engine
