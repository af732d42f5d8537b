#include <fmt/format.h>

#include "bindings/rehearsal/check/text_checks.h"
#include "core/base/nearest.h"

namespace engine::checking {
namespace {

std::string hint(const std::string& word, const std::vector<std::string>& candidates) {
  const auto meant = nearest(word, candidates);
  return meant ? fmt::format(", did you mean '{}'?", *meant) : std::string{};
}

class Globals {
 public:
  Globals(const std::string& path, const Outline& outline, const Environment& environment)
      : path_(path), environment_(environment) {
    for (const auto& [name, fields] : environment) names_.insert(name);
    for (const GlobalUse& use : outline.globals) {
      if (use.written) written_.insert(use.name);
      if (use.name == "_G" && use.field_written) written_.insert(use.field);
    }
    names_.insert(written_.begin(), written_.end());
  }

  void check(const GlobalUse& use) {
    if (use.written) return check_write(use);
    if (names_.count(use.name) == 0) {
      add(use.at, Finding::Severity::error, "unknown-global",
          fmt::format("unknown global '{}'{}", use.name,
                      hint(use.name, {names_.begin(), names_.end()})));
      return;
    }
    const auto known = environment_.find(use.name);
    if (written_.count(use.name) > 0) return;
    if (use.field.empty() || known == environment_.end() || !known->second) return;
    const auto& fields = *known->second;
    if (fields.count(use.field) > 0) return;
    add(use.field_at, Finding::Severity::error, "unknown-field",
        fmt::format("'{}' has no '{}'{}", use.name, use.field,
                    hint(use.field, {fields.begin(), fields.end()})));
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  void check_write(const GlobalUse& use) {
    if (!told_.insert(use.name).second || use.name == "state") return;
    const auto known = environment_.find(use.name);
    const bool ours = known != environment_.end() && known->second;
    add(use.at, Finding::Severity::warning, "global-write",
        ours ? fmt::format("'{}' of the engine is replaced by another value", use.name)
             : fmt::format("global '{}' is written: should it be local?", use.name));
  }

  void add(Position at, Finding::Severity severity, const char* code, std::string message) {
    findings_.push_back({path_, at, severity, code, std::move(message)});
  }

  const std::string& path_;
  const Environment& environment_;
  std::set<std::string> written_;  // By the script.
  std::set<std::string> names_;    // All that there are.
  std::set<std::string> told_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> check_globals(const std::string& path, const Outline& outline,
                                   const Environment& environment) {
  Globals globals(path, outline, environment);
  for (const GlobalUse& use : outline.globals) globals.check(use);
  return globals.take();
}

}  // namespace engine::checking
