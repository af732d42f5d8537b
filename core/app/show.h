#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/logging.h"
#include "core/stage/stage.h"

namespace engine {

// The program's exit status.
enum class ExitStatus {
  all_confirmed = 0,
  could_not_run = 1,
  not_confirmed = 3,
  interrupted = 130
};

// What the command line asked to be played: starts it, and knows when it is over. Logs to `scene`.
class Show {
 public:
  struct Options {
    std::string start;  // The scene's name; empty: the first one that nothing else would start.
    bool once = false;  // Over when the scene has ended.
  };
  // `on_over` is called once, not from within a scene's own code.
  Show(Stage& stage, Timers& timers, Logs& logs, Options options,
       std::function<void(ExitStatus)> on_over);
  ~Show();

  // The scripts are loaded and the link is up (or will not be soon).
  void begin();
  bool begun() const { return begun_; }

 private:
  std::optional<Stage::Listed> choose() const;
  void go(const Stage::Listed& scene);
  // It was interrupted in the run before, and is still being stopped: goes afterwards.
  bool postpone(const Stage::Listed& scene);
  void over(ExitStatus status);

  Stage& stage_;
  Timers& timers_;
  spdlog::logger& log_;
  const Options options_;
  const std::function<void(ExitStatus)> on_over_;
  std::string playing_;  // Empty: whichever a trigger starts.
  std::string postponed_;
  bool begun_ = false;
  bool is_over_ = false;
  bool told_ = false;  // That we go on although the scene has ended.
  Handle ended_;
  TimerId over_timer_;
  TimerId go_timer_;
};

}  // namespace engine
