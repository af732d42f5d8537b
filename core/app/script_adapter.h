#pragma once

#include <cstdint>
#include <deque>

#include "bindings/host/script_host.h"
#include "core/web/script_control.h"

namespace engine {

// The scripts as the web interface steers them. Engine thread only.
class ScriptAdapter final : public web::ScriptControl {
 public:
  // Of faults, so many records are kept.
  static constexpr size_t kMostFaults = 100;

  ScriptAdapter(ScriptHost& host, const Clock& clock, bool allow_eval);
  ~ScriptAdapter() override;

  nlohmann::json list() override;
  web::Outcome reload(const std::string& name) override;
  web::Outcome resume(const std::string& name) override;
  nlohmann::json faults() override;
  web::Outcome eval(const std::string& script, const std::string& code) override;

 private:
  struct Record {
    Fault fault;
    uint64_t count = 0;
    WallTime first{};
    WallTime last{};
  };
  void hear(const Fault& fault);
  // By path, or by file name without folder and extension.
  tl::expected<std::string, web::Refusal> path_of(const std::string& name);

  ScriptHost& host_;
  const Clock& clock_;
  const bool allow_eval_;
  std::deque<Record> records_;  // The one that happened last comes last.
  Handle on_fault_;
};

}  // namespace engine
