#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <stdexcept>

#include "core/app/commands/commands.h"
#include "core/app/commands/engine_client.h"
#include "core/app/ctl_views.h"
#include "core/app/json_fields.h"
#include "core/base/nearest.h"
#include "core/base/utf8.h"
#include "core/web/reply.h"
#include "core/web/target.h"

namespace engine {
namespace {

using nlohmann::json;
using web::percent_encoded;

// engine ctl COMMAND ...: asks and steers a running engine.
class CtlCommand final : public Subcommand {
 public:
  const char* name() const override { return "ctl"; }
  const char* summary() const override { return "Asks and steers a running engine"; }

  void declare(CLI::App& app) override {
    app.add_option("command", words_, "What to do, see below")->type_name("COMMAND ...");
    app.add_flag("-f,--follow", follow_, "With log: also the lines to come, until Ctrl-C");
    app.add_option("--lines", lines_, "With log: so many of the past")->type_name("N");
    client_.declare(app);
    std::string footer = "Commands:\n";
    for (const Command& command : commands()) {
      footer += fmt::format("  {:<24}{}\n", command.usage, command.summary);
    }
    app.footer(footer);
  }

  int run() override {
    if (words_.empty()) throw std::runtime_error("ctl: what to do? (see engine ctl --help)");
    const Command& command = find(words_.front());
    const std::vector<std::string> arguments(words_.begin() + 1, words_.end());
    if (arguments.size() < command.least || arguments.size() > command.most) {
      throw std::runtime_error(fmt::format("usage: engine ctl {}", command.usage));
    }
    return (this->*command.act)(arguments);
  }

 private:
  using Arguments = std::vector<std::string>;
  struct Command {
    const char* name;
    size_t least, most;  // Arguments.
    int (CtlCommand::*act)(const Arguments&);
    const char* usage;
    const char* summary;
  };

  static const std::vector<Command>& commands() {
    static const std::vector<Command> kCommands = {
        {"status", 0, 0, &CtlCommand::status, "status", "How the engine is"},
        {"scenes", 0, 0, &CtlCommand::scenes, "scenes",
         "Which scenes there are, and where they stand"},
        {"start", 1, 1, &CtlCommand::start, "start SCENE", "GO"},
        {"stop", 1, 1, &CtlCommand::steer, "stop SCENE", "Sends its on_stop and ends it"},
        {"pause", 1, 1, &CtlCommand::steer, "pause SCENE", "Its clocks stand still"},
        {"resume", 1, 1, &CtlCommand::resume, "resume SCENE|SCRIPT",
         "Ends a pause; brings back a script that was set aside"},
        {"jump", 2, 2, &CtlCommand::jump, "jump SCENE CUE", "Goes on from a named cue"},
        {"seek", 2, 2, &CtlCommand::seek, "seek SCENE SECONDS", "Goes on from there"},
        {"stop-all", 0, 0, &CtlCommand::stop_all, "stop-all", "Stops every scene"},
        {"scripts", 0, 0, &CtlCommand::scripts, "scripts", "Which scripts there are"},
        {"reload", 0, 1, &CtlCommand::reload, "reload [SCRIPT]", "Loads it anew, or all of them"},
        {"devices", 0, 0, &CtlCommand::devices, "devices", "Which devices have been heard of"},
        {"topics", 0, 0, &CtlCommand::topics, "topics",
         "What was sent by the catalogue of topics, and what was held back"},
        {"faults", 0, 0, &CtlCommand::faults, "faults", "What went wrong in scripts"},
        {"log", 0, 0, &CtlCommand::log, "log [-f]", "The last lines of the log"},
        {"eval", 2, 2, &CtlCommand::eval, "eval SCRIPT CODE",
         "Runs Lua in a script, where scripts.allow_eval is true"},
    };
    return kCommands;
  }

  static const Command& find(const std::string& name) {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
      if (name == command.name) return command;
      names.emplace_back(command.name);
    }
    const auto meant = nearest(name, names);
    throw std::runtime_error(fmt::format("ctl: unknown command '{}'{} (see engine ctl --help)",
                                         printable(name),
                                         meant ? fmt::format(", did you mean '{}'?", *meant) : ""));
  }

  Paper paper() const { return {client_.colours(), client_.columns()}; }

  // Answers that are printed as they are with --json, else as `text`.
  int show(const json& answer, const std::string& text) {
    if (client_.json()) {
      client_.print(answer);
    } else {
      std::cout << text;
    }
    return 0;
  }

  int list(const char* path, std::string (*view)(const json&, const Paper&)) {
    const json answer = client_.get(path);
    return show(answer, view(answer, paper()));
  }

  int status(const Arguments&) {
    const json answer = client_.get("/api/status");
    return show(answer, status_view(answer));
  }
  int scenes(const Arguments&) { return list("/api/scenes", scenes_view); }
  int scripts(const Arguments&) { return list("/api/scripts", scripts_view); }
  int devices(const Arguments&) { return list("/api/devices", devices_view); }
  int topics(const Arguments&) { return list("/api/topics", topics_view); }
  int faults(const Arguments&) { return list("/api/faults", faults_view); }

  static std::string scene_path(const std::string& scene, const std::string& action) {
    return "/api/scenes/" + percent_encoded(scene) + "/" + action;
  }
  static std::string script_path(const std::string& script, const std::string& action) {
    return "/api/scripts/" + percent_encoded(script) + "/" + action;
  }

  // Steering says nothing where all went well.
  int start(const Arguments& arguments) {
    return show(client_.post(scene_path(arguments[0], "go")), "");
  }
  int steer(const Arguments& arguments) {
    return show(client_.post(scene_path(arguments[0], words_[0])), "");
  }
  int jump(const Arguments& arguments) {
    const std::string query = "?cue=" + percent_encoded(arguments[1]);
    return show(client_.post(scene_path(arguments[0], "jump") + query), "");
  }
  int seek(const Arguments& arguments) {
    const std::string query = "?seconds=" + percent_encoded(arguments[1]);
    return show(client_.post(scene_path(arguments[0], "seek") + query), "");
  }

  int resume(const Arguments& arguments) {
    std::string no_scene;
    std::string no_script;
    auto answer = client_.post_if_known(scene_path(arguments[0], "resume"), no_scene);
    if (!answer) answer = client_.post_if_known(script_path(arguments[0], "resume"), no_script);
    if (!answer) throw std::runtime_error(no_scene + "; " + no_script);
    return show(*answer, "");
  }

  int stop_all(const Arguments&) {
    const json answer = client_.post("/api/stop_all");
    std::string text;
    for (const json& scene : list_of(answer, "stopped")) {
      if (scene.is_string()) text += printable(scene.get<std::string>()) + " stopped\n";
    }
    return show(answer, text.empty() ? "No scene was running.\n" : text);
  }

  int reload(const Arguments& arguments) {
    if (!arguments.empty()) return show(client_.post(script_path(arguments[0], "reload")), "");
    int status = 0;
    const json answer = client_.get("/api/scripts");
    for (const json& script : list_of(answer, "scripts")) {
      try {
        show(client_.post(script_path(text_of(script, "path"), "reload")), "");
      } catch (const std::runtime_error& e) {
        status = refuse(e.what());
      }
    }
    return status;
  }

  int log(const Arguments&) {
    std::string rest;  // Of a line that has not arrived wholly.
    const auto print = [&](std::string_view piece) {
      if (!client_.json()) {
        std::cout << piece << std::flush;
        return;
      }
      rest += piece;
      for (size_t end; (end = rest.find('\n')) != rest.npos; rest.erase(0, end + 1)) {
        client_.print({{"line", rest.substr(0, end)}});
      }
      std::cout << std::flush;
    };
    client_.stream(fmt::format("/api/log?lines={}{}", lines_, follow_ ? "&follow=1" : ""), print);
    return 0;
  }

  int eval(const Arguments& arguments) {
    const json answer =
        client_.post("/api/eval?script=" + percent_encoded(arguments[0]), arguments[1]);
    const std::string result = text_of(answer, "result");
    return show(answer, result.empty() ? "" : result + "\n");
  }

  EngineClient client_;
  std::vector<std::string> words_;
  bool follow_ = false;
  unsigned lines_ = 100;
};

}  // namespace

std::unique_ptr<Subcommand> ctl_command() { return std::make_unique<CtlCommand>(); }

}  // namespace engine
