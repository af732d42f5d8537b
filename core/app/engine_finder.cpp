#include "core/app/engine_finder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/app/state_folder.h"
#include "core/base/utf8.h"
#include "core/config/text_file.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSocket = "ctl.sock";
constexpr const char* kAdvice =
    "start one with `engine --scene FILE`, or say where it is with --state DIR, --socket PATH or "
    "--url http://HOST:PORT";

Result<web::Endpoint> by_url(const EngineChoice& choice) {
  auto endpoint = web::parse_url(choice.url);
  if (!endpoint || choice.token_file.empty()) return endpoint;
  const auto text = read_text_file(choice.token_file);
  if (!text) return tl::unexpected(text.error());
  endpoint->token = text->substr(0, text->find_first_of("\r\n"));
  return endpoint;
}

Result<web::Endpoint> by_socket(const fs::path& socket) {
  if (web::is_listening(socket)) return web::Endpoint{.socket = socket};
  return fail(fmt::format("no engine answers on {}", socket.string()));
}

}  // namespace

std::vector<std::string> running_sites(const fs::path& root) {
  std::vector<std::string> sites;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    if (web::is_listening(entry.path() / kSocket)) sites.push_back(entry.path().filename());
  }
  std::sort(sites.begin(), sites.end());
  return sites;
}

Result<web::Endpoint> find_engine(const EngineChoice& choice, const Environment& environment) {
  if (!choice.url.empty()) return by_url(choice);
  if (!choice.socket.empty()) return by_socket(choice.socket);
  const auto named = choice.state.empty() ? std::nullopt : std::optional<fs::path>(choice.state);
  const auto root = state_root(named, environment);
  if (!root) return tl::unexpected(root.error());
  const std::vector<std::string> sites = running_sites(*root);
  if (!choice.site.empty()) {
    if (std::count(sites.begin(), sites.end(), choice.site)) {
      return web::Endpoint{.socket = *root / choice.site / kSocket};
    }
    return fail(fmt::format(
        "no engine of site '{}' runs under {}{}; {}", printable(choice.site), root->string(),
        sites.empty() ? "" : fmt::format(" (there: {})", fmt::join(sites, ", ")), kAdvice));
  }
  if (sites.size() == 1) return web::Endpoint{.socket = *root / sites.front() / kSocket};
  if (sites.empty()) {
    return fail(fmt::format("no engine runs under {}; {}", root->string(), kAdvice));
  }
  return fail(fmt::format("several engines run under {}: say which with --site ({})",
                          root->string(), fmt::join(sites, ", ")));
}

}  // namespace engine
