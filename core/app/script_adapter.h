#pragma once

#include "bindings/host/script_host.h"
#include "core/web/script_control.h"

namespace engine {

// The scripts as the web interface steers them. Engine thread only.
class ScriptAdapter final : public web::ScriptControl {
 public:
  ScriptAdapter(ScriptHost& host, bool allow_eval) : host_(host), allow_eval_(allow_eval) {}

  nlohmann::json list() override;
  web::Outcome reload(const std::string& name) override;
  web::Outcome resume(const std::string& name) override;
  nlohmann::json faults() override;
  web::Outcome eval(const std::string& script, const std::string& code) override;

 private:
  // By path, or by file name without folder and extension.
  tl::expected<ScriptHost::Listed, web::Refusal> find(const std::string& name) const;

  ScriptHost& host_;
  const bool allow_eval_;
};

}  // namespace engine
