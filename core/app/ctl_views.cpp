#include "core/app/ctl_views.h"

#include <fmt/format.h>

#include "core/app/json_fields.h"
#include "core/app/table.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

using nlohmann::json;

Cell state_cell(const std::string& state) {
  if (state == "running" || state == "online") return {state, Colour::green};
  if (state == "idle" || state == "offline" || state == "unknown") return {state, Colour::grey};
  if (state == "failed" || state == "set_aside") return {state, Colour::red};
  return {state, Colour::yellow};
}

std::string seconds_text(double seconds) { return fmt::format("{:.1f}", seconds); }

// `5.2 / 10.0`, or nothing while it does not run.
std::string position_text(const json& scene) {
  if (text_of(scene, "state") == "idle") return "";
  std::string text = seconds_text(number_of(scene, "position"));
  if (has(scene, "duration")) text += " / " + seconds_text(number_of(scene, "duration"));
  return text;
}

std::string next_text(const json& scene) {
  const std::string next = text_of(scene, "next");
  if (next.empty() || !has(scene, "next_at")) return next;
  return fmt::format("{} at {}", next, seconds_text(number_of(scene, "next_at")));
}

// Empty tables say so in words.
std::string drawn(const Table& table, const Paper& paper, const char* when_empty) {
  return table.rows() == 0 ? std::string(when_empty) + "\n"
                           : table.text(paper.colours, paper.columns);
}

Cell count_cell(double count, Colour colour) {
  return {fmt::format("{:.0f}", count), count > 0 ? colour : Colour::none};
}

// What the link to the broker has done.
std::string link_line(const json& answer) {
  if (!has(answer, "mqtt")) return "";  // An older engine.
  const json& link = answer.at("mqtt");
  return fmt::format(
      "{:.0f} messages sent, {:.0f} received, {:.0f} kept for the broker; {:.0f} dropped, of them "
      "{:.0f} for want of room, {:.0f} too old\n",
      number_of(link, "sent"), number_of(link, "received"), number_of(link, "kept"),
      number_of(link, "dropped"), number_of(link, "displaced"), number_of(link, "expired"));
}

}  // namespace

std::string status_view(const json& answer) {
  std::string running;
  for (const json& name : list_of(answer, "running")) {
    if (name.is_string()) running += (running.empty() ? "" : ", ") + name.get<std::string>();
  }
  const double minutes = number_of(answer, "uptime") / 60;
  const std::string text = fmt::format(
      "site {}: engine {}, pid {:.0f}, up {:.0f} min, broker {}\n"
      "{:.0f} scenes, running: {}\n"
      "{:.0f} scripts, {:.0f} kinds of faults; {:.0f} devices online, {:.0f} confirmations "
      "awaited\n",
      printable(text_of(answer, "site")), printable(text_of(answer, "version")),
      number_of(answer, "pid"), minutes, flag_of(answer, "connected") ? "connected" : "away",
      number_of(answer, "scenes"), running.empty() ? "none" : printable(running, 1000),
      number_of(answer, "scripts"), number_of(answer, "faults"),
      number_of(answer, "devices_online"), number_of(answer, "pending_confirmations"));
  return text + link_line(answer);
}

std::string scenes_view(const json& answer, const Paper& paper) {
  Table table({"SCENE", "ROOM", "STATE", ">POSITION", "NEXT"});
  for (const json& scene : list_of(answer, "scenes")) {
    table.add({text_of(scene, "name"), text_of(scene, "room"), state_cell(text_of(scene, "state")),
               position_text(scene), next_text(scene)});
  }
  return drawn(table, paper, "The scripts declare no scene.");
}

std::string scripts_view(const json& answer, const Paper& paper) {
  Table table({"SCRIPT", "STATE", ">FAULTS", ">MEMORY", "PATH"});
  std::string errors;
  for (const json& script : list_of(answer, "scripts")) {
    const double kilobytes = number_of(script, "memory") / 1024;
    table.add({text_of(script, "name"), state_cell(text_of(script, "state")),
               count_cell(number_of(script, "faults"), Colour::red),
               kilobytes > 0 ? fmt::format("{:.0f} kB", kilobytes) : "", text_of(script, "path")});
    const std::string error = text_of(script, "last_error");
    if (!error.empty()) errors += printable(error.substr(0, error.find('\n')), 2000) + "\n";
  }
  return drawn(table, paper, "No script is loaded.") + errors;
}

std::string devices_view(const json& answer, const Paper& paper) {
  Table table({"DEVICE", "PRESENCE", ">OUTAGES", "SINCE", "LAST SEEN"});
  for (const json& device : list_of(answer, "devices")) {
    table.add({text_of(device, "id"), state_cell(text_of(device, "presence")),
               count_cell(number_of(device, "outages"), Colour::yellow), text_of(device, "changed"),
               text_of(device, "last_seen")});
  }
  return drawn(table, paper, "No device has been heard of.");
}

std::string topics_view(const json& answer, const Paper& paper) {
  Table table({"TOPICS", ">SENT", ">RATE LIMITED", ">TOO LARGE", ">COMPRESSED", ">DECOMPRESSED"});
  for (const json& topic : list_of(answer, "topics")) {
    const double over = number_of(topic, "over_rate");
    table.add({text_of(topic, "filter"), count_cell(number_of(topic, "published"), Colour::none),
               over > 0 ? Cell(fmt::format("({:.0f} over)", over), Colour::yellow)
                        : count_cell(number_of(topic, "rate_limited"), Colour::yellow),
               count_cell(number_of(topic, "too_large"), Colour::red),
               count_cell(number_of(topic, "compressed"), Colour::none),
               count_cell(number_of(topic, "decompressed"), Colour::none)});
  }
  return drawn(table, paper, "There is no catalogue of topics.");
}

std::string faults_view(const json& answer, const Paper& paper) {
  Table table({">TIMES", "LAST", "SCRIPT", "CALLBACK", "MESSAGE"});
  for (const json& fault : list_of(answer, "faults")) {
    const std::string topic = text_of(fault, "topic");
    table.add({count_cell(number_of(fault, "count"), Colour::red), text_of(fault, "last_at"),
               text_of(fault, "script"),
               text_of(fault, "callback") + (topic.empty() ? "" : " (" + topic + ")"),
               text_of(fault, "message")});
  }
  return drawn(table, paper, "No faults.");
}

std::string traces_view(const json& answer, const Paper& paper) {
  Table table({"SCENE", "LAST", "RESULT", ">KEPT", ">FAILED"});
  for (const json& trace : list_of(answer, "traces")) {
    const Cell result = flag_of(trace, "running")     ? Cell("running", Colour::green)
                        : flag_of(trace, "last_good") ? Cell("good", Colour::green)
                                                      : Cell("failed", Colour::red);
    table.add({text_of(trace, "scene"), text_of(trace, "last_started"), result,
               count_cell(number_of(trace, "kept"), Colour::none),
               count_cell(number_of(trace, "failed"), Colour::red)});
  }
  return drawn(table, paper, "No scene has been performed yet.");
}

}  // namespace engine
