#include <CLI/CLI.hpp>
#include <iostream>
#include <stdexcept>

#include "core/app/commands/commands.h"
#include "core/app/commands/engine_client.h"
#include "core/app/ctl_views.h"
#include "core/base/utf8.h"

namespace engine {
namespace {

// engine broker status: how the broker of a running engine is.
class BrokerCommand final : public Subcommand {
 public:
  const char* name() const override { return "broker"; }
  const char* summary() const override {
    return "How the broker of a running engine is: engine broker status";
  }

  void declare(CLI::App& app) override {
    app.add_option("command", command_, "status")->type_name("status");
    client_.declare(app);
  }

  int run() override {
    if (command_ != "status") {
      throw std::runtime_error("broker: " +
                               (command_.empty()
                                    ? std::string("what to do?")
                                    : "unknown command '" + printable(command_) + "'") +
                               " There is: engine broker status");
    }
    const nlohmann::json answer = client_.get("/api/broker");
    if (client_.json()) {
      client_.print(answer);
    } else {
      std::cout << broker_view(answer, {client_.colours(), client_.columns()});
    }
    return 0;
  }

 private:
  EngineClient client_;
  std::string command_;
};

}  // namespace

std::unique_ptr<Subcommand> broker_command() { return std::make_unique<BrokerCommand>(); }

}  // namespace engine
