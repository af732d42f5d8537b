#include "core/app/store_finder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "core/app/state_folder.h"
#include "core/base/utf8.h"
#include "core/config/load.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStore = "store.sqlite";

std::vector<std::string> sites_with_store(const fs::path& root) {
  std::vector<std::string> sites;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root, error)) {
    if (fs::exists(entry.path() / kStore, error)) sites.push_back(entry.path().filename());
  }
  std::sort(sites.begin(), sites.end());
  return sites;
}

// The name in the configuration that was named, or that lies here; empty when neither.
Result<std::string> configured_site(const SiteChoice& choice, const Environment& environment) {
  std::error_code error;
  fs::path file = choice.config;
  if (file.empty() && fs::is_regular_file("engine.toml", error)) file = "engine.toml";
  if (file.empty()) return std::string{};
  const auto config = load_config({.file = file, .settings = {}, .environment = environment});
  if (!config) return tl::unexpected(config.error().front());
  return config->site;
}

}  // namespace

Result<fs::path> find_store(const SiteChoice& choice, const Environment& environment) {
  const auto named = choice.state.empty() ? std::nullopt : std::optional<fs::path>(choice.state);
  const auto root = state_root(named, environment);
  if (!root) return tl::unexpected(root.error());
  const std::vector<std::string> sites = sites_with_store(*root);
  const auto configured =
      choice.site.empty() ? configured_site(choice, environment) : Result<std::string>(choice.site);
  if (!configured) return tl::unexpected(configured.error());
  const std::string& site = *configured;
  if (std::count(sites.begin(), sites.end(), site)) return *root / site / kStore;
  if (site.empty() && sites.size() == 1) return *root / sites.front() / kStore;
  if (site.empty() && sites.size() > 1) {
    return fail(fmt::format("several sites have a store under {}: say which with --site ({})",
                            root->string(), fmt::join(sites, ", ")));
  }
  const std::string who = site.empty() ? "no site has a" : "site '" + printable(site) + "' has no";
  return fail(
      fmt::format("{} store under {}{}; --state DIR names another folder", who, root->string(),
                  sites.empty() ? "" : fmt::format(" (there: {})", fmt::join(sites, ", "))));
}

}  // namespace engine
