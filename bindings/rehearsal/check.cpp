#include "bindings/rehearsal/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "bindings/rehearsal/check/dry_load.h"
#include "bindings/rehearsal/check/scenes.h"
#include "bindings/rehearsal/check/text_checks.h"

namespace engine::checking {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestSource = 16 * 1024 * 1024;

Result<std::string> read_source(const std::string& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return fail("there is no such file");
  if (fs::file_size(path, error) > kLargestSource) return fail("is larger than 16 MB: no script");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("cannot be read (permissions?)");
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

void append(std::vector<Finding>& to, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

// As when it is run: beside the script, then as configured.
std::vector<fs::path> media_folders(const std::string& path, const CheckOptions& options) {
  std::vector<fs::path> folders = options.media_folders;
  const fs::path beside = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
  folders.push_back(beside / "media");
  folders.push_back(beside);
  return folders;
}

// An error at load that the text has told already, and more exactly.
bool told_twice(const Finding& finding, const std::vector<Finding>& all) {
  if (finding.code != "load") return false;
  return std::any_of(all.begin(), all.end(), [&](const Finding& other) {
    static const std::set<std::string> kStronger = {"unknown-global", "unknown-field", "topic"};
    return other.file == finding.file && other.at.line == finding.at.line &&
           kStronger.count(other.code) > 0;
  });
}

std::vector<Finding> in_order(std::vector<Finding> findings) {
  std::vector<Finding> kept;
  for (const Finding& finding : findings) {
    if (!told_twice(finding, findings)) kept.push_back(finding);
  }
  const auto key = [](const Finding& f) {
    return std::tie(f.file, f.at.line, f.at.column, f.severity, f.code, f.message);
  };
  std::sort(kept.begin(), kept.end(),
            [&](const Finding& a, const Finding& b) { return key(a) < key(b); });
  const auto same = [&](const Finding& a, const Finding& b) { return key(a) == key(b); };
  kept.erase(std::unique(kept.begin(), kept.end(), same), kept.end());
  return kept;
}

}  // namespace

std::vector<Finding> check_files(const std::vector<std::string>& files,
                                 const CheckOptions& options) {
  std::vector<Finding> findings;
  std::vector<CheckedFile> loaded;
  const VirtualClock clock;
  Logs silent(std::vector<spdlog::sink_ptr>{});
  TopicPolicies policies(clock, silent);
  policies.set(options.rehearsal.topics, options.rehearsal.most_decompressed);
  for (const std::string& path : files) {
    const auto source = read_source(path);
    if (!source) {
      findings.push_back({path, {}, Finding::Severity::error, "file", source.error().message});
      continue;
    }
    if (source->starts_with("---@meta")) continue;  // Types for the language server: no script.
    if (path.ends_with("_test.lua")) {
      append(findings, check_syntax(path, *source));
      continue;
    }
    DryLoad dry = dry_load(path, *source, options);
    append(findings, std::move(dry.findings));
    if (dry.environment.empty()) continue;
    CheckedFile file{path, outline(*source), std::move(dry.scenes)};
    append(findings, check_globals(path, file.outline, dry.environment));
    append(findings, check_topics(path, file.outline));
    append(findings, check_policies(path, file.outline, policies));
    append(findings, check_media(path, file.outline, dry.media, media_folders(path, options)));
    append(findings, check_cue_order(path, file.outline));
    loaded.push_back(std::move(file));
  }
  append(findings, check_scenes(loaded));
  return in_order(std::move(findings));
}

}  // namespace engine::checking
