#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/app/engine_finder.h"

namespace CLI {
class App;
}

namespace engine {

// How commands find a running engine and speak with it. Failures are exceptions, whose text is what
// the user reads: Subcommand::run turns them into exit status 1.
class EngineClient {
 public:
  // --socket --state --site --url --token-file --json
  void declare(CLI::App& app);

  bool json() const { return json_; }
  bool colours() const;
  // The terminal's width; 0: no terminal.
  size_t columns() const;

  // The answer, or an exception with what the engine has to say against it.
  nlohmann::json get(const std::string& path) { return ask("GET", path, {}); }
  nlohmann::json post(const std::string& path, const std::string& body = {}) {
    return ask("POST", path, body);
  }
  // As `post`; nothing when there is no such thing (404), and then `why` says so.
  std::optional<nlohmann::json> post_if_known(const std::string& path, std::string& why);
  // Text as it arrives, for as long as it lasts.
  void stream(const std::string& path, const std::function<void(std::string_view)>& on_piece);

  void print(const nlohmann::json& answer) const;

 private:
  nlohmann::json ask(const std::string& method, const std::string& path, const std::string& body);
  web::Answer exchange(const std::string& method, const std::string& path, const std::string& body,
                       const std::function<void(std::string_view)>& on_piece);
  const web::Endpoint& endpoint();

  EngineChoice choice_;
  bool json_ = false;
  std::optional<web::Endpoint> endpoint_;
};

}  // namespace engine
