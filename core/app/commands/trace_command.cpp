#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "core/app/commands/commands.h"
#include "core/app/commands/engine_client.h"
#include "core/app/ctl_views.h"
#include "core/web/target.h"

namespace engine {
namespace {

// engine trace [SCENE] [--last N] [--failed]
class TraceCommand final : public Subcommand {
 public:
  const char* name() const override { return "trace"; }
  const char* summary() const override {
    return "The last performances of a scene, step by step, from a running engine";
  }

  void declare(CLI::App& app) override {
    app.add_option("scene", scene_, "Which one; else those that have been performed are listed")
        ->type_name("SCENE");
    app.add_option("--last", last_, "So many performances, not just the last")->type_name("N");
    app.add_flag("--failed", failed_, "Only those that failed");
    client_.declare(app);
  }

  int run() override {
    const Paper paper{client_.colours(), client_.columns()};
    if (scene_.empty()) return show(client_.get("/api/trace"), traces_view, paper);
    const std::string path = fmt::format("/api/trace/{}?last={}{}", web::percent_encoded(scene_),
                                         last_, failed_ ? "&failed=1" : "");
    return show(client_.get(path), trace_view, paper);
  }

 private:
  int show(const nlohmann::json& answer, std::string (*view)(const nlohmann::json&, const Paper&),
           const Paper& paper) const {
    if (client_.json()) {
      client_.print(answer);
    } else {
      std::cout << view(answer, paper);
    }
    return 0;
  }

  EngineClient client_;
  std::string scene_;
  unsigned last_ = 1;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> trace_command() { return std::make_unique<TraceCommand>(); }

}  // namespace engine
