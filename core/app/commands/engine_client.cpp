#include "core/app/commands/engine_client.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "core/base/utf8.h"
#include "core/web/reply.h"

namespace engine {
namespace {

// Line by line: a traceback has several.
std::string printable_lines(const std::string& text) {
  std::string result;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    result += (at > 0 ? "\n" : "") + printable(text.substr(at, end - at), 2000);
    at = end + 1;
  }
  return result;
}

std::string error_of(const web::Answer& answer) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_string()) {
    return printable_lines(json["error"].get<std::string>());
  }
  return fmt::format("status {}: {}", answer.status, printable(answer.body));
}

nlohmann::json parsed(const web::Answer& answer) {
  if (answer.status != 200) throw std::runtime_error(error_of(answer));
  auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (!json.is_object()) throw std::runtime_error("the answer is not an engine's");
  return json;
}

}  // namespace

void EngineClient::declare(CLI::App& app) {
  app.add_option("--socket", choice_.socket, "The engine's socket file, <state>/<site>/ctl.sock")
      ->type_name("PATH");
  app.add_option("--state", choice_.state, "The state folder, as the engine has it")
      ->type_name("DIR");
  app.add_option("--site", choice_.site, "Which one, if several engines run")->type_name("NAME");
  app.add_option("--url", choice_.url, "Over TCP, see web.listen: http://host:port")
      ->type_name("URL");
  app.add_option("--token-file", choice_.token_file, "With --url: as web.token_file")
      ->type_name("FILE");
  app.add_flag("--json", json_, "JSON instead of a table, see docs/ctl.md");
}

bool EngineClient::colours() const {
  const Environment environment = process_environment();
  return ::isatty(1) == 1 && environment("TERM") != "dumb" && !environment("NO_COLOR");
}

size_t EngineClient::columns() const {
  winsize size{};
  return ::ioctl(1, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

const web::Endpoint& EngineClient::endpoint() {
  if (endpoint_) return *endpoint_;
  auto found = find_engine(choice_, process_environment());
  if (!found) throw std::runtime_error(found.error().message);
  return endpoint_.emplace(std::move(*found));
}

web::Answer EngineClient::exchange(const std::string& method, const std::string& path,
                                   const std::string& body,
                                   const std::function<void(std::string_view)>& on_piece) {
  auto answer = web::ask(endpoint(), method, path, body, on_piece);
  if (!answer) throw std::runtime_error(answer.error().message);
  return std::move(*answer);
}

nlohmann::json EngineClient::ask(const std::string& method, const std::string& path,
                                 const std::string& body) {
  return parsed(exchange(method, path, body, nullptr));
}

std::optional<nlohmann::json> EngineClient::post_if_known(const std::string& path,
                                                          std::string& why) {
  const web::Answer answer = exchange("POST", path, {}, nullptr);
  if (answer.status != 404) return parsed(answer);
  why = error_of(answer);
  return std::nullopt;
}

void EngineClient::stream(const std::string& path,
                          const std::function<void(std::string_view)>& on_piece) {
  const web::Answer answer = exchange("GET", path, {}, on_piece);
  if (answer.status != 200) throw std::runtime_error(error_of(answer));
}

void EngineClient::print(const nlohmann::json& answer) const { std::cout << web::to_text(answer); }

}  // namespace engine
