#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/logging.h"
#include "core/base/result.h"
#include "core/base/signal.h"
#include "core/base/slot_map.h"
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
  Offline offline = Offline::drop;  // A stale cue never fires late, if its topic does not say so.
  // How long to wait for the device's confirmation: nullopt = the configured time.
  std::optional<Duration> confirm = std::nullopt;
  bool confirmed_by_device = true;  // False: do not wait for one (`confirm = false`).
};

// What is wrong with a cue (its topic, QoS, or a payload too large for MQTT).
Result<void> check(const Cue& cue);

enum class CueResult { confirmed, error, timeout, abandoned };

// Where a running scene stands, for people to read.
struct SceneStatus {
  enum class State { idle, running, paused, stopping };
  State state = State::idle;
  double position = 0;             // Seconds on the scene's own clock.
  std::optional<double> duration;  // Of a cue sheet: its last cue.
  std::string next;                // What fires next, or what the story waits for.
  std::optional<double> next_at;   // On the scene's clock.
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
  std::string script;      // The file that declares it.
  bool triggered = false;  // Something other than a person's GO can start it.
};

enum class EndReason { finished, stopped, failed };

struct PerformanceReport {
  PerformanceId performance;
  std::string scene;
  std::string room;
  EndReason reason = EndReason::finished;
  Duration length{};
  int sent = 0;  // Cues handed to the broker or played.
  int confirmed = 0;
  int failed = 0;  // Devices that answered ERROR, media that could not be played, cues refused.
  int timed_out = 0;
  int simulated = 0;   // Not sent for want of a connection.
  int unanswered = 0;  // Still waited for a confirmation when the scene ended.
  bool all_confirmed() const {
    return failed == 0 && timed_out == 0 && simulated == 0 && unanswered == 0;
  }
};

// What a scene says of itself besides what it sends.
struct Remark {
  enum class Kind {
    note,  // For people; also logged.
    call,  // A cue that is a function of the author's was called.
    wait,  // A story has waited for something.
  };
  Kind kind = Kind::note;
  double position = 0;  // On the scene's clock: when it was due, or began.
  std::string text = {};
  double seconds = 0;        // Of a call: by how much it was late; of a wait: how long it took.
  std::string outcome = {};  // Of a wait: "over", "timeout", "called off", or why it ended.
};

// All scenes that exist and the performances that run: one per room at a time; a scene without a
// room excludes none but itself. The one place through which scenes send, so that logging, media,
// confirmation and counting are the same for all. Whatever it calls (SceneControl, Media,
// listeners) may call it in turn. Logs to `scene`. Engine thread only.
class Stage {
 public:
  Stage(Timers& timers, Bus& bus, FeedbackTracker& feedback, Media& media, Logs& logs);
  // Sends nothing and tells nobody: call `stop_all(true)` before.
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // A second scene of the same name in another script is refused. In the same script it is taken to
  // be the next version of the first, which has yet to be removed.
  Result<SceneId> add(SceneInfo info, std::shared_ptr<SceneControl> control);
  // A performance that still runs is ended as by `abandon`.
  void remove(SceneId id);

  // Starts counting a performance of the scene; refused while the scene's room is taken, with the
  // name of the scene that runs there. `safety` are the cues of on_stop that are plain data: the
  // Stage sends them itself if the scene's own code no longer can.
  Result<PerformanceId> begin(SceneId id, std::vector<Cue> safety);
  // A reloaded scene carries a running performance on; to be called before the former scene is
  // removed. Without `safety` the cues given before stay. False when the performance has ended, or
  // `by` performs already or is now declared for a room that is taken.
  bool adopt(PerformanceId performance, SceneId by, std::vector<Cue> safety);
  // Replaces the safety cues.
  void protect(PerformanceId performance, std::vector<Cue> safety);
  void end(PerformanceId performance, EndReason reason);

  struct Sent {
    enum class How { sent, simulated, played, failed } how = How::failed;
    bool pending = false;      // `settled(token, ...)` will follow.
    std::string trouble = {};  // Why it failed.
  };
  // Sends one cue now: to Media by its topic, else to the bus (a cue is never queued for later).
  // Logs `[2.5s] room1/light = ON`, with ` (simulation)` when no broker gets it. Where the bus is
  // all the broker there is, it still counts as sent, and devices in this process may confirm it;
  // where the link is down it is not waited for. A cue that is refused, or cannot be played, is a
  // warning. `late` is for `on_sent`: seconds that have passed since the cue was due.
  Sent send(PerformanceId performance, uint64_t token, double position, const Cue& cue,
            double late = 0);
  // For all that a scene says of itself: `[2.5s] text`.
  void note(PerformanceId performance, double position, const std::string& text);
  void remark(PerformanceId performance, const Remark& remark);

  struct Listed {
    SceneId id;
    SceneInfo info;
    SceneStatus status;
    std::optional<PerformanceReport> running;  // So far.
  };
  // By name: where a scene has several versions, the one that performs, else the newest. In the
  // order in which they were added.
  std::vector<Listed> list() const;
  // One of them.
  std::optional<Listed> look_at(const std::string& name) const;
  std::vector<std::string> names() const;
  std::optional<SceneId> find(const std::string& name) const;
  // Null for a scene that is gone; valid until it is removed.
  SceneControl* control(SceneId id);
  std::optional<PerformanceId> performance_of(SceneId id) const;
  // False once it has ended.
  bool performs(PerformanceId id) const { return performances_.find(id) != nullptr; }
  // Of the scene that performs; null once it has ended.
  const SceneInfo* scene_of(PerformanceId id) const;
  bool any_running() const;

  // Ends every performance; `now` as in SceneControl::stop.
  void stop_all(bool now);
  // The scene's own code is gone (fault, out of memory): sends its safety cues and ends it as
  // failed, without another call to its SceneControl.
  void abandon(PerformanceId performance);

  Signal<const SceneInfo&> on_begin;
  Signal<const PerformanceReport&> on_end;

  // What happens in performances, for whoever keeps account of it.
  struct SentCue {
    PerformanceId performance;
    uint64_t token = 0;
    double position = 0;  // When it was due.
    double late = 0;
    const Cue& cue;
    const Sent& sent;
  };
  Signal<const SentCue&> on_sent;
  struct SettledCue {
    PerformanceId performance;
    uint64_t token = 0;
    CueResult result;
    const FeedbackEvent& event;
  };
  Signal<const SettledCue&> on_settled;
  Signal<PerformanceId, const Remark&> on_remark;

 private:
  struct Scene {
    SceneInfo info;
    std::shared_ptr<SceneControl> control;
    PerformanceId performance;
  };
  struct Performance {
    SceneId scene;
    PerformanceReport report;
    SteadyTime started;
    std::vector<Cue> safety;
    uint64_t owner;       // As the feedback tracker knows it.
    bool ending = false;  // Takes no more cues.
    bool deaf = false;    // Its scene is not told of outcomes.
  };

  // Whether a performance could begin, `except` aside.
  Result<void> check_free(const SceneInfo& info, PerformanceId except) const;
  PerformanceReport so_far(const Performance& performance) const;

  Sent deliver(PerformanceId id, uint64_t token, double position, const Cue& cue);
  Sent play(PerformanceId id, double position, const Cue& cue);
  Sent publish(PerformanceId id, uint64_t token, double position, const Cue& cue);
  bool track(PerformanceId id, uint64_t token, const Cue& cue, const std::string& correlation);
  void settled(PerformanceId id, uint64_t token, const FeedbackEvent& event);
  void count(PerformanceId id, int PerformanceReport::*counter);
  void finish(PerformanceId id, EndReason reason);
  void log_end(const PerformanceReport& report);

  Timers& timers_;
  Bus& bus_;
  FeedbackTracker& feedback_;
  Media& media_;
  spdlog::logger& log_;
  spdlog::logger& media_log_;
  const std::string correlation_prefix_;  // Unlike that of any other run.
  SlotMap<Scene> scenes_;
  std::vector<SceneId> scene_order_;                               // As they were added.
  std::unordered_map<std::string, std::vector<SceneId>> by_name_;  // Likewise.
  SlotMap<Performance> performances_;
  std::vector<PerformanceId> running_;  // As they began.
  uint64_t next_owner_ = 1;
  uint64_t next_correlation_ = 1;
};

}  // namespace engine
