#include <fmt/format.h>

#include "core/app/ctl_views.h"
#include "core/app/json_fields.h"
#include "core/app/table.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

using nlohmann::json;

std::string megabytes(double bytes) { return fmt::format("{:.1f} MB", bytes / 1024 / 1024); }

std::string first_line(const json& answer) {
  const bool connected = flag_of(answer, "connected");
  const std::string url = printable(text_of(answer, "url"));
  if (!flag_of(answer, "own")) {
    if (url.empty()) return "no broker: what is sent stays in this process\n";
    return fmt::format("{}, which others run: {}\n", url, connected ? "connected" : "away");
  }
  if (!flag_of(answer, "running")) return fmt::format("{}, our own: it does not run\n", url);
  std::string line = url;
  if (has(answer, "websockets_url")) line += ", " + printable(text_of(answer, "websockets_url"));
  return fmt::format("{}: our own, pid {:.0f}, {}\n", line, number_of(answer, "pid"),
                     connected ? "connected" : "not connected");
}

std::string users_line(const json& answer) {
  std::string names;
  for (const json& user : list_of(answer, "users")) {
    if (!user.is_object()) continue;
    names += (names.empty() ? "" : ", ") + printable(text_of(user, "name"));
    if (flag_of(user, "confined")) names += " (confined)";
  }
  return names.empty() ? "" : "users: " + names + "\n";
}

std::string counters_table(const json& counters, const Paper& paper) {
  const auto number = [&](const char* name) { return number_of(counters, name); };
  Table table({"BROKER", ">NOW", ">MOST"});
  table.add({"clients", fmt::format("{:.0f}", number("clients")),
             fmt::format("{:.0f}", number("clients_most"))});
  table.add({"memory", megabytes(number("memory")), megabytes(number("memory_most"))});
  table.add({"messages in", fmt::format("{:.1f}/s", number("received_per_second"))});
  table.add({"messages out", fmt::format("{:.1f}/s", number("sent_per_second"))});
  table.add({"dropped", fmt::format("{:.0f}", number("dropped"))});
  table.add({"retained", fmt::format("{:.0f}", number("retained"))});
  table.add({"subscriptions", fmt::format("{:.0f}", number("subscriptions"))});
  return fmt::format("{}, up {:.0f} min\n", printable(text_of(counters, "version")),
                     number("uptime") / 60) +
         table.text(paper.colours, paper.columns);
}

}  // namespace

std::string broker_view(const json& answer, const Paper& paper) {
  std::string text = first_line(answer);
  if (has(answer, "authority")) {
    text += "certificate by " + printable(text_of(answer, "authority"), 4096) + "\n";
  }
  text += users_line(answer);
  const json link = answer.value("link", json::object());
  if (link.is_object()) {
    text += fmt::format(
        "this engine: {:.0f} sent, {:.0f} received, {:.0f} dropped, {:.0f} wait, {:.0f} "
        "reconnects\n",
        number_of(link, "sent"), number_of(link, "received"), number_of(link, "dropped"),
        number_of(link, "queued"), number_of(link, "reconnects"));
  }
  const json counters = answer.value("counters", json::object());
  if (counters.is_object() && has(counters, "version")) text += counters_table(counters, paper);
  return text;
}

}  // namespace engine
