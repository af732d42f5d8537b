#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <regex>

#include "core/app/commands/commands.h"
#include "core/config/load.h"
#include "core/config/topic_definitions.h"
#include "core/topics/topic_reference.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// `mower.toml:3:1: error: text`, as engine check has it.
int tell(const std::vector<Error>& errors) {
  static const std::regex kPlace(R"(^(.+?:\d+:\d+: ))");
  for (const Error& error : errors) {
    std::cerr << std::regex_replace(error.message, kPlace, "$1error: ") << "\n";
  }
  return 1;
}

// engine topics [FILE...]
class TopicsCommand final : public Subcommand {
 public:
  const char* name() const override { return "topics"; }
  const char* summary() const override { return "Prints the catalogue of topics as documentation"; }

  void declare(CLI::App& app) override {
    app.add_option("files", files_,
                   "Catalogues, or folders of them, instead of the configuration's")
        ->type_name("FILE");
    app.add_option("--config", config_, "Configuration in TOML; else engine.toml, if there is one")
        ->type_name("FILE");
    app.add_option("--namespace", namespace_, "What all topics begin with: topics.namespace")
        ->type_name("NAME");
    app.add_flag("--json", json_, "As a list of objects");
  }

  int run() override {
    ConfigSources sources{.file = {}, .settings = {}, .environment = process_environment()};
    if (!config_.empty()) sources.file = config_;
    if (config_.empty() && files_.empty() && fs::is_regular_file("engine.toml")) {
      sources.file = "engine.toml";
    }
    if (files_.empty() && !sources.file) {
      return refuse("topics: which catalogue? Give files, or --config (see engine topics --help)");
    }
    if (!namespace_.empty()) {
      sources.settings.push_back({"--namespace", "topics.namespace", namespace_});
    }
    const auto config = load_config(sources);
    if (!config) return tell(config.error());
    const Config::Topics& topics = config->topics;
    if (files_.empty()) return print(topics.policies);

    config::TopicFiles from{.files = {}, .folders = {}, .topic_namespace = topics.topic_namespace};
    for (const std::string& path : files_) {
      (fs::is_directory(path) ? from.folders : from.files).emplace_back(path);
    }
    std::vector<Error> errors;
    const std::vector<TopicPolicy> policies = config::load_topics(from, errors);
    return errors.empty() ? print(policies) : tell(errors);
  }

 private:
  int print(const std::vector<TopicPolicy>& policies) const {
    if (json_) {
      std::cout << topics_json(policies).dump(2) << "\n";
    } else {
      std::cout << topics_markdown(policies);
    }
    return 0;
  }

  std::vector<std::string> files_;
  std::string config_;
  std::string namespace_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> topics_command() { return std::make_unique<TopicsCommand>(); }

}  // namespace engine
