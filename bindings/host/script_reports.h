#pragma once

#include <map>
#include <string>

#include "bindings/host/script_host.h"

namespace engine {

// Publishes the last verdict on each script, retained, on `<prefix>/scripts/<name>`, and again with
// each connection; what it has left there of scripts that are gone since, it takes away. The fields
// are those of docs/topics.md.
class ScriptReports {
 public:
  ScriptReports(Services& services, ScriptHost& host, std::string prefix);
  ~ScriptReports();
  ScriptReports(const ScriptReports&) = delete;
  ScriptReports& operator=(const ScriptReports&) = delete;

 private:
  // The file's name without extension; of two alike, the second is preceded by its folder's.
  std::string topic_of(const std::string& path);
  void take(const ScriptReport& report);
  void publish_all();
  void publish(const std::string& topic, const std::string& payload);

  Services& services_;
  ScriptHost& host_;
  const std::string prefix_;
  std::map<std::string, std::string> topics_;    // By path.
  std::map<std::string, std::string> payloads_;  // By topic.
  Handle reported_;
  Handle connected_;
};

}  // namespace engine
