#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>

#include "bindings/rehearsal/check.h"
#include "core/app/commands/commands.h"
#include "core/app/commands/rehearsal_options.h"
#include "core/config/load.h"

namespace engine {
namespace {

namespace fs = std::filesystem;
using checking::Finding;
using Findings = std::vector<Finding>;

const char* word(Finding::Severity severity) {
  return severity == Finding::Severity::error ? "error" : "warning";
}

// `config/engine.toml:14:8: text` as a finding.
Finding config_finding(const std::string& file, const std::string& message) {
  Finding finding{file, {}, Finding::Severity::error, "config", message};
  std::smatch match;
  if (std::regex_match(message, match, std::regex(R"((.+?):(\d+):(\d+): ([^]*))"))) {
    finding = {match[1],
               {std::stoi(match[2]), std::stoi(match[3])},
               Finding::Severity::error,
               "config",
               match[4]};
  }
  return finding;
}

// The Lua files in a folder and all below it, but for hidden ones.
void add_folder(const fs::path& folder, std::vector<std::string>& files) {
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator it(folder), end; it != end; ++it) {
    const bool hidden = it->path().filename().string().starts_with(".");
    if (hidden && it->is_directory()) it.disable_recursion_pending();
    if (!hidden && it->is_regular_file() && it->path().extension() == ".lua") {
      found.push_back(it->path().lexically_normal().string());
    }
  }
  std::sort(found.begin(), found.end());
  files.insert(files.end(), found.begin(), found.end());
}

void drop_repeated(std::vector<std::string>& files) {
  std::vector<std::string> kept;
  for (std::string& file : files) {
    if (std::find(kept.begin(), kept.end(), file) == kept.end()) kept.push_back(std::move(file));
  }
  files = std::move(kept);
}

std::string counted(size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// engine check PATH...
class CheckCommand final : public Subcommand {
 public:
  const char* name() const override { return "check"; }
  const char* summary() const override {
    return "Finds what is wrong in scripts, without running the show";
  }

  void declare(CLI::App& app) override {
    app.add_option("paths", paths_, "Lua files, or folders of them")->type_name("PATH");
    app.add_option("--config", config_, "Configuration in TOML, which is checked too")
        ->type_name("FILE");
    app.add_flag("--json", json_, "A list of {file, line, col, severity, code, message}");
    app.add_flag("--strict", strict_, "Warnings count as errors");
  }

  int run() override {
    if (paths_.empty() && config_.empty()) {
      return refuse("check: which files or folders? (see engine check --help)");
    }
    const Environment environment = process_environment();
    const auto config =
        load_config({.file = config_.empty() ? std::nullopt : std::optional<fs::path>(config_),
                     .settings = {},
                     .environment = environment});
    Findings findings;
    std::vector<std::string> files;
    if (config) {
      for (const fs::path& file : config->scripts.files) files.push_back(file.string());
    } else {
      for (const Error& error : config.error()) {
        findings.push_back(config_finding(config_, error.message));
      }
    }
    for (const std::string& path : paths_) {
      if (const auto added = add_path(path, files); !added) return refuse(added.error().message);
    }
    drop_repeated(files);
    const Config used = config ? *config : Config{};
    const checking::CheckOptions options{.rehearsal = rehearsal_options(used),
                                         .media_folders = used.media.folders};
    const Findings more = checking::check_files(files, options);
    findings.insert(findings.end(), more.begin(), more.end());
    return tell(findings, files.size() + (config_.empty() ? 0 : 1), environment);
  }

 private:
  static Result<void> add_path(const std::string& path, std::vector<std::string>& files) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      const size_t before = files.size();
      add_folder(path, files);
      if (files.size() == before) return fail(path + ": there is no Lua file in this folder");
    } else if (fs::exists(path, error)) {
      files.push_back(path);
    } else {
      return fail(path + ": there is no such file or folder");
    }
    return {};
  }

  int tell(const Findings& findings, size_t files, const Environment& environment) const {
    const auto is_error = [](const Finding& f) { return f.severity == Finding::Severity::error; };
    const auto errors =
        static_cast<size_t>(std::count_if(findings.begin(), findings.end(), is_error));
    if (json_) {
      tell_json(findings);
    } else {
      tell_people(findings, ::isatty(1) == 1 && !environment("NO_COLOR"));
      std::cout << counted(files, "file") << " checked: " << counted(errors, "error") << ", "
                << counted(findings.size() - errors, "warning") << "\n";
    }
    return errors > 0 || (strict_ && !findings.empty()) ? 1 : 0;
  }

  static void tell_json(const Findings& findings) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Finding& finding : findings) {
      list.push_back({{"file", finding.file},
                      {"line", finding.at.line},
                      {"col", finding.at.column},
                      {"severity", word(finding.severity)},
                      {"code", finding.code},
                      {"message", finding.message}});
    }
    std::cout << list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
  }

  static void tell_people(const Findings& findings, bool colours) {
    for (const Finding& finding : findings) {
      const bool error = finding.severity == Finding::Severity::error;
      const char* colour = !colours ? "" : error ? "\x1b[1;31m" : "\x1b[1;35m";
      std::cout << finding.file << ":" << finding.at.line << ":" << finding.at.column << ": "
                << colour << word(finding.severity) << (colours ? "\x1b[0m" : "") << ": "
                << finding.message << "\n";
    }
  }

  std::vector<std::string> paths_;
  std::string config_;
  bool json_ = false;
  bool strict_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace engine
