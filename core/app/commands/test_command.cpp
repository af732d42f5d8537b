#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "bindings/rehearsal/test_file.h"
#include "core/app/commands/commands.h"
#include "core/app/commands/rehearsal_options.h"
#include "core/app/commands/test_report.h"
#include "core/config/load.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// One test of one file, or a file that does not load.
struct Planned {
  const TestFile* file;
  size_t number;
  TestResult broken;  // Where `file` is null.
};

// engine test PATH...
class TestCommand final : public Subcommand {
 public:
  const char* name() const override { return "test"; }
  const char* summary() const override {
    return "Runs the tests of scripts, *_test.lua, in virtual time and without a broker";
  }

  void declare(CLI::App& app) override {
    app.add_option("paths", paths_, "Files *_test.lua, or folders of them")->type_name("PATH");
    app.add_option("--filter", filter_, "Only tests whose name contains this")->type_name("TEXT");
    app.add_option("--output", output_, "plain, tap or junit")->type_name("FORMAT");
    app.add_option("--output-file", output_file_, "Where to write it; else standard output")
        ->type_name("FILE");
    app.add_option("--config", config_, "Configuration in TOML, for config.values and feedback")
        ->type_name("FILE");
  }

  int run() override {
    if (paths_.empty()) return refuse("test: which files or folders? (see engine test --help)");
    std::vector<std::string> files;
    for (const std::string& path : paths_) {
      if (const auto added = add_path(path, files); !added) return refuse(added.error().message);
    }
    const Environment environment = process_environment();
    const auto config =
        load_config({.file = config_.empty() ? std::nullopt : std::optional<fs::path>(config_),
                     .settings = {},
                     .environment = environment});
    if (!config) {
      for (const Error& error : config.error()) refuse(error.message);
      return 1;
    }
    std::ofstream file;
    if (!output_file_.empty()) file.open(output_file_, std::ios::binary);
    if (!output_file_.empty() && !file) return refuse(output_file_ + ": cannot be written");
    std::ostream& out = output_file_.empty() ? std::cout : file;
    const auto report = make_report(out, environment);
    if (!report) return refuse("test: --output: '" + output_ + "' is not plain, tap or junit");
    return run_files(files, *config, *report);
  }

 private:
  static bool is_test(const fs::path& path) { return path.string().ends_with("_test.lua"); }

  static Result<void> add_path(const std::string& path, std::vector<std::string>& files) {
    std::error_code error;
    if (!fs::exists(path, error)) return fail(path + ": there is no such file or folder");
    if (!fs::is_directory(path, error)) {
      if (!is_test(path)) return fail(path + ": is no test: its name must end in _test.lua");
      files.push_back(path);
      return {};
    }
    const size_t before = files.size();
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file() && is_test(entry.path())) files.push_back(entry.path().string());
    }
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    if (files.size() == before) return fail(path + ": there is no *_test.lua in this folder");
    return {};
  }

  std::unique_ptr<TestReport> make_report(std::ostream& out, const Environment& environment) const {
    if (output_ == "tap") return tap_report(out);
    if (output_ == "junit") return junit_report(out);
    if (output_ != "plain") return nullptr;
    const bool terminal = output_file_.empty() && ::isatty(1) == 1;
    return plain_report(out, terminal, terminal && !environment("NO_COLOR"));
  }

  int run_files(const std::vector<std::string>& paths, const Config& config,
                TestReport& report) const {
    std::vector<TestFile> files;
    files.reserve(paths.size());
    std::vector<Planned> planned;
    for (const std::string& path : paths) {
      files.emplace_back(path, rehearsal_options(config));
      plan(files.back(), path, planned);
    }
    if (planned.empty()) return refuse(no_test());
    report.begin(planned.size());
    bool failed = false;
    for (const Planned& test : planned) {
      const TestResult result = test.file ? test.file->run(test.number) : test.broken;
      failed |= !result.failures.empty();
      report.add(result);
    }
    report.end();
    return failed ? 1 : 0;
  }

  void plan(const TestFile& file, const std::string& path, std::vector<Planned>& planned) const {
    const auto names = file.tests();
    if (!names) {
      planned.push_back({nullptr, 0, {path, "does not load", {names.error().message}, {}, 0}});
      return;
    }
    for (size_t i = 0; i < names->size(); ++i) {
      if ((*names)[i].find(filter_) != std::string::npos) planned.push_back({&file, i, {}});
    }
  }

  std::string no_test() const {
    return filter_.empty() ? "test: there is no test in these files (it \"...\")"
                           : "test: no test has '" + filter_ + "' in its name";
  }

  std::vector<std::string> paths_;
  std::string filter_;
  std::string output_ = "plain";
  std::string output_file_;
  std::string config_;
};

}  // namespace

std::unique_ptr<Subcommand> test_command() { return std::make_unique<TestCommand>(); }

}  // namespace engine
