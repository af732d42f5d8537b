#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/bus/bus.h"
#include "core/devices/device_registry.h"
#include "core/feedback/feedback_tracker.h"
#include "core/mqtt/mqtt_link.h"
#include "core/stage/trace.h"
#include "core/topics/topic_policies.h"
#include "core/web/log_ring.h"
#include "core/web/reply.h"
#include "core/web/script_control.h"

namespace engine::web {

// What can be asked of the engine and done with it, over HTTP: docs/ctl.md. Every answer is made
// within a moment, long ones in pieces. Engine thread only.
class Api {
 public:
  // All of it outlives the Api.
  struct Parts {
    Stage& stage;
    DeviceRegistry& devices;
    FeedbackTracker& feedback;
    Bus& bus;
    const TopicPolicies& topics;
    Tracer& tracer;
    LogRing& log;
    ScriptControl& scripts;
    const Timers& timers;
    std::string site;
    std::string version;
    std::function<LinkStats()> link = [] { return LinkStats{}; };
    // Of others; empty: there is nothing to tell.
    std::function<nlohmann::json()> broker = {};
    std::function<nlohmann::json()> health = {};
  };
  explicit Api(Parts parts);

  Reply handle(const Request& request);

 private:
  using Handler = Outcome (Api::*)(const Request&);
  struct Route {
    const char* method;
    std::vector<std::string> path;  // `*` stands for any segment.
    Handler handler;
  };
  static const std::vector<Route>& routes();

  Outcome status(const Request&);
  Outcome scenes(const Request&);
  Outcome go(const Request& request);
  Outcome stop(const Request& request);
  Outcome pause(const Request& request);
  Outcome resume(const Request& request);
  Outcome jump(const Request& request);
  Outcome seek(const Request& request);
  Outcome stop_all(const Request&);
  Outcome scripts(const Request&);
  Outcome reload_script(const Request& request);
  Outcome resume_script(const Request& request);
  Outcome eval(const Request& request);
  Outcome devices(const Request&);
  Outcome faults(const Request&);
  Outcome topics(const Request&);
  Outcome traces(const Request&);
  Outcome broker(const Request&);
  Outcome health(const Request&);

  // These answer in pieces.
  Reply log(const Request& request);
  Reply trace(const Request& request);

  // Does `act` with the scene that the path names.
  Outcome steer(const Request& request, const std::function<Result<void>(SceneControl&)>& act);
  std::string no_scene(const std::string& name) const;

  const Parts parts_;
  const SteadyTime started_;
};

}  // namespace engine::web
