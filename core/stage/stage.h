#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/logging.h"
#include "core/base/result.h"
#include "core/base/signal.h"
#include "core/base/timers.h"
#include "core/bus/bus.h"
#include "core/drivers/media/media.h"
#include "core/feedback/feedback_tracker.h"

namespace engine {

using SceneId = Handle;
using PerformanceId = Handle;

// One command of a scene.
struct Cue {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  // How long to wait for the device's confirmation: nullopt = the configured time.
  std::optional<Duration> confirm = std::nullopt;
  bool confirmed_by_device = true;  // False: do not wait for one (`confirm = false`).
};

enum class CueResult { confirmed, error, timeout, abandoned };

// Where a running scene stands, for people to read.
struct SceneStatus {
  enum class State { idle, running, paused, stopping };
  State state = State::idle;
  double position = 0;                     // Seconds on the scene's own clock.
  std::optional<double> duration;          // Of a cue sheet: its last cue.
  std::string next;                        // What fires next, or what the story waits for.
  std::optional<double> next_at;           // On the scene's clock.
};

// How the Stage steers a scene; implemented by whoever performs it (the script host).
class SceneControl {
 public:
  virtual ~SceneControl() = default;
  virtual Result<void> go() = 0;
  // Sends the scene's on_stop and ends the performance: at once when `now`, else the scene may wait
  // for the confirmations of its on_stop cues.
  virtual Result<void> stop(bool now) = 0;
  virtual Result<void> pause() = 0;
  virtual Result<void> resume() = 0;
  virtual Result<void> jump(const std::string& cue) = 0;
  virtual Result<void> seek(double seconds) = 0;
  virtual SceneStatus status() = 0;
  // A cue sent with this token has been settled.
  virtual void settled(uint64_t token, CueResult result, const FeedbackEvent& event) = 0;
};

struct SceneInfo {
  std::string name;
  std::string room;
  std::string script;    // The file that declares it.
  bool triggered = false;  // Something other than a person's GO can start it.
};

enum class EndReason { finished, stopped, failed };

struct PerformanceReport {
  std::string scene;
  std::string room;
  EndReason reason = EndReason::finished;
  Duration length{};
  int sent = 0;       // Cues handed to the broker or played.
  int confirmed = 0;
  int failed = 0;     // Devices that answered ERROR, and media that could not be played.
  int timed_out = 0;
  int simulated = 0;  // Not sent for want of a connection.
  bool all_confirmed() const { return failed == 0 && timed_out == 0 && simulated == 0; }
};

// All scenes that exist and the performances that run: one per room at a time. The one place through
// which scenes send, so that logging, media, confirmation and counting are the same for all.
// Logs to `scene`. Engine thread only.
class Stage {
 public:
  Stage(Timers& timers, Bus& bus, FeedbackTracker& feedback, Media& media, Logs& logs);
  ~Stage();

  // A second scene of the same name in another script is refused.
  Result<SceneId> add(SceneInfo info, std::shared_ptr<SceneControl> control);
  // A performance that still runs is ended as failed: its safety cues are sent.
  void remove(SceneId id);

  // Starts counting a performance of the scene; refused while the scene's room is taken, with the
  // name of the scene that runs there. `safety` are the cues of on_stop that are plain data: the
  // Stage sends them itself if the scene's own code no longer can.
  Result<PerformanceId> begin(SceneId id, std::vector<Cue> safety);
  // A reloaded scene carries a running performance on.
  bool adopt(PerformanceId performance, SceneId by, std::vector<Cue> safety);
  // Replaces the safety cues.
  void protect(PerformanceId performance, std::vector<Cue> safety);
  void end(PerformanceId performance, EndReason reason);

  struct Sent {
    enum class How { sent, simulated, played, failed } how = How::failed;
    bool pending = false;  // `settled(token, ...)` will follow.
  };
  // Sends one cue now: to Media by its topic, else to the bus (a cue is never queued for later).
  // Logs `[2.5s] room1/light = ON`, with ` (simulation)` when it could not be sent.
  Sent send(PerformanceId performance, uint64_t token, double position, const Cue& cue);
  // For all that a scene says of itself: `[2.5s] text`.
  void note(PerformanceId performance, double position, const std::string& text);

  struct Listed {
    SceneId id;
    SceneInfo info;
    SceneStatus status;
    std::optional<PerformanceReport> running;  // So far.
  };
  std::vector<Listed> list() const;
  std::optional<SceneId> find(const std::string& name) const;
  SceneControl* control(SceneId id);
  std::optional<PerformanceId> performance_of(SceneId id) const;
  bool any_running() const;

  // Ends every performance; `now` as in SceneControl::stop.
  void stop_all(bool now);
  // The scene's own code is gone (fault, out of memory): sends its safety cues and ends it.
  void abandon(PerformanceId performance);

  Signal<const SceneInfo&> on_begin;
  Signal<const PerformanceReport&> on_end;
};

}  // namespace engine
