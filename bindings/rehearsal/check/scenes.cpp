#include "bindings/rehearsal/check/scenes.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

namespace engine::checking {
namespace {

// Where a scene is declared: the call that names it and gives it its options.
Position declaration_of(const CheckedFile& file, const std::string& scene) {
  for (const CallText& call : file.outline.calls) {
    const bool named = !call.arguments.empty() && call.arguments[0].text == scene;
    if (named && call.arguments.size() > 1) return call.at;
  }
  return {};
}

// `s:run "hint"`, `stage.go("hint")`.
bool starts_scenes(const CallText& call) {
  return call.name == "run" || call.name == "go" || call.name == "find";
}

// What other code starts by name; `any` when it works out the name.
struct Started {
  std::set<std::string> names;
  bool any = false;
};

Started started_in(const std::vector<CheckedFile>& files) {
  Started started;
  for (const CheckedFile& file : files) {
    for (const CallText& call : file.outline.calls) {
      if (!starts_scenes(call) || call.arguments.empty()) continue;
      const Value& first = call.arguments.front();
      if (first.kind == Value::Kind::text) {
        started.names.insert(first.text);
      } else {
        started.any = true;
      }
    }
  }
  return started;
}

// The first one is what `engine --scene` starts; of the others somebody has to speak.
void check_started(const CheckedFile& file, const Started& started,
                   std::vector<Finding>& findings) {
  if (started.any) return;
  const SceneInfo* first = nullptr;
  for (const SceneInfo& scene : file.scenes) {
    if (scene.triggered) continue;
    if (!first) {
      first = &scene;
    } else if (started.names.count(scene.name) == 0) {
      findings.push_back({file.path, declaration_of(file, scene.name), Finding::Severity::warning,
                          "never-started",
                          fmt::format("nothing starts the scene '{}': it has no trigger, and "
                                      "'{}', which comes first, is started with the file",
                                      scene.name, first->name)});
    }
  }
}

}  // namespace

std::vector<Finding> check_scenes(const std::vector<CheckedFile>& files) {
  std::vector<Finding> findings;
  const Started started = started_in(files);
  std::map<std::pair<std::string, std::string>, std::string> seen;  // By folder and name.
  for (const CheckedFile& file : files) {
    const std::string folder = std::filesystem::path(file.path).parent_path().string();
    for (const SceneInfo& scene : file.scenes) {
      const auto [first, fresh] = seen.emplace(std::pair(folder, scene.name), file.path);
      if (fresh) continue;
      findings.push_back({file.path, declaration_of(file, scene.name), Finding::Severity::warning,
                          "scene-twice",
                          fmt::format("the scene '{}' exists in {} too: the two cannot be loaded "
                                      "together",
                                      scene.name, first->second)});
    }
    check_started(file, started, findings);
  }
  return findings;
}

}  // namespace engine::checking
