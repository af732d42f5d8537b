#include <utility>

#include "core/config/checks.h"
#include "core/config/schema_sections.h"
#include "core/config/section.h"
#include "core/config/values.h"

namespace engine::config {

void add_scripts(Schema& schema) {
  using Scripts = Config::Scripts;
  Section<Scripts> s(
      schema, "scripts", [](Config& c) -> Scripts& { return c.scripts; },
      "The Lua files that run.");
  s.live();
  s.key("files", &Scripts::files, paths(), "Besides those on the command line.");
  s.key(
      "scenes", &Scripts::scenes, paths(),
      "Folders of which every *.lua file runs, but not *_test.lua; new files are loaded, deleted\n"
      "ones released. Folders within them are not looked into. Also: engine --scenes DIR.");
  s.key("folders", &Scripts::folders, paths(),
        "Where `require` looks for libraries, after the script's own folder.");
  s.key("memory_mb", &Scripts::memory_mb, integer(1, 4'096, "a size in megabytes"),
        "What one script may use. Counts for those that are loaded from then on.");
  s.key("slow_callback_ms", &Scripts::slow_callback, milliseconds(1, 3'600'000),
        "A callback that takes longer is logged.");
  s.key(
      "hard_budget_ms", &Scripts::hard_budget, milliseconds(10, 3'600'000),
      "A callback that takes longer is stopped; only the time counts in which it had a processor.");
  s.key("allow_eval", &Scripts::allow_eval, flag(),
        "Whether `engine ctl eval` may run code in a script, in the middle of the show.");
  s.key("fault_limit", &Scripts::fault_limit, integer(0, 1'000'000, "a number of faults"),
        "A script with so many faults within the window is set aside: its scenes are stopped, and\n"
        "it is loaded again when it is saved, or by `engine ctl resume`. 0: never.");
  s.key("fault_window", &Scripts::fault_window, seconds(0.1, kDay),
        "The time within which they are counted.");
}

void add_scene(Schema& schema) {
  using Scene = Config::Scene;
  Section<Scene> s(
      schema, "scene", [](Config& c) -> Scene& { return c.scene; }, "How scenes are run.");
  s.live();
  s.key("go_debounce", &Scene::go_debounce, seconds(0, 60),
        "A second GO within so long counts as the same.");
}

void add_services(Schema& schema) {
  using Rules = Config::ServiceRules;
  Section<Rules> s(
      schema, "services", [](Config& c) -> Rules& { return c.services; },
      "Services that speak in envelopes, see docs/messages.md: scripts with engine.service.");
  s.live();
  s.key("namespace", &Rules::name_space, text(check_topic),
        "What their topics begin with: <namespace>/system/services/<id>/status and the like.");
  s.key("heartbeat_interval", &Rules::heartbeat_interval, seconds(0.1, kDay),
        "How often a service says that it is there.");
  s.key("heartbeat_timeout", &Rules::heartbeat_timeout, seconds(0.1, kDay),
        "A service whose last word is older, by its own time stamp, counts as offline.");
  s.key("dependency_timeout", &Rules::dependency_timeout, seconds(0, 3'600),
        "How long a service waits for those it depends on before it runs without, degraded.");
  s.key("command_timeout", &Rules::command_timeout, seconds(0.01, 3'600),
        "How long an answer may take, where the call does not say.");
  s.key("max_message_age", &Rules::max_message_age, seconds(0.1, kDay),
        "Envelopes that are older when they arrive are dropped. Retained ones are not.");
}

void add_values(Schema& schema) {
  schema.sections.push_back({"values",
                             "Values of your own, which scripts read as config.values.\n"
                             "For instance: fog_seconds = 4.5"});
  Key key{"values", "", false, true, true, nullptr, nullptr};
  key.read = [](const toml::node& value, Reader&, Config& config) {
    config.values.merge_patch(to_json(value));
  };
  key.write = [](const Config& config) { return to_toml(config.values); };
  schema.keys.push_back(std::move(key));
}

}  // namespace engine::config
