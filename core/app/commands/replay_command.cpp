#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

#include "bindings/rehearsal/replay.h"
#include "core/app/commands/commands.h"
#include "core/app/commands/counts.h"
#include "core/app/commands/interrupts.h"
#include "core/app/commands/rehearsal_options.h"
#include "core/app/commands/replay_output.h"
#include "core/app/log_setup.h"
#include "core/app/show.h"
#include "core/app/terminal.h"
#include "core/bus/topic.h"
#include "core/config/load.h"

namespace engine {
namespace {

constexpr int kMessagesBetweenLooks = 1000;
constexpr Duration kLiveLinePeriod = std::chrono::milliseconds{200};

// One replay, from the first message to the last.
class Playback {
 public:
  // `speed` 0: as fast as can be.
  Playback(RecordingReader& reader, Replay& replay, Terminal& terminal, Interrupts& interrupts,
           double speed)
      : reader_(reader),
        replay_(replay),
        terminal_(terminal),
        interrupts_(interrupts),
        speed_(speed),
        begun_(clock_.now()),
        looked_(begun_) {}

  // False after Ctrl-C.
  Result<bool> run(Duration tail) {
    for (;;) {
      auto message = reader_.next();
      if (!message) return tl::unexpected(message.error());
      if (!*message) break;
      if (!let_pass((*message)->at)) return false;
      replay_.play(**message);
      if (++messages_ % kMessagesBetweenLooks == 0 && !look()) return false;
    }
    return let_pass(reader_.position() + tail);
  }

  std::string summary() const {
    const double took = to_seconds(clock_.now() - begun_);
    return fmt::format(
        "{} messages ({}) in {:.1f} s, {}/s; {} for the scripts, which published {}, {} faults{}",
        grouped(messages_), clock_text(reader_.position()), took,
        grouped(static_cast<uint64_t>(static_cast<double>(messages_) / std::max(took, 1e-3))),
        grouped(replay_.injected()), grouped(replay_.published()), grouped(replay_.faults()),
        reader_.broken_off() ? "; the recording breaks off" : "");
  }

 private:
  // Time comes to `at`, at the speed that is wanted.
  bool let_pass(Duration at) {
    while (speed_ > 0) {
      const Duration next = replay_.next_due(at);
      if (!wait_for(next)) return false;
      replay_.advance_to(next);
      if (next >= at) return true;
    }
    replay_.advance_to(at);
    return true;
  }

  bool wait_for(Duration next) {
    const SteadyTime when = begun_ + from_seconds(to_seconds(next) / speed_);
    while (clock_.now() < when) {
      if (interrupts_.wait(std::min<Duration>(when - clock_.now(), kLiveLinePeriod))) return false;
      show();
    }
    return !interrupts_.wait();
  }

  bool look() {
    show();
    return !interrupts_.wait();
  }

  void show() {
    if (clock_.now() - looked_ < kLiveLinePeriod) return;
    looked_ = clock_.now();
    terminal_.set_live_line(fmt::format(
        "{}  {} messages  {}/s", clock_text(reader_.position()), grouped(messages_),
        grouped(
            static_cast<uint64_t>(static_cast<double>(messages_) / to_seconds(looked_ - begun_)))));
  }

  RecordingReader& reader_;
  Replay& replay_;
  Terminal& terminal_;
  Interrupts& interrupts_;
  const double speed_;
  SystemClock clock_;
  const SteadyTime begun_;
  SteadyTime looked_;
  uint64_t messages_ = 0;
};

// 0 for `max`.
Result<double> parse_speed(const std::string& text) {
  if (text == "max") return 0;
  double speed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  const bool number = error == std::errc{} && end == text.data() + text.size();
  if (!number || !(speed > 0 && speed <= 1e6)) {
    return fail(fmt::format("--speed: '{}' is neither max nor a number above 0", text));
  }
  return speed;
}

CLI::Option* repeatable(CLI::Option* option) {
  return option->expected(1)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

// engine replay FILE --scene SCRIPT...
class ReplayCommand final : public Subcommand {
 public:
  const char* name() const override { return "replay"; }
  const char* summary() const override {
    return "Plays a recording through scripts, and prints what they publish";
  }

  void declare(CLI::App& app) override {
    app.add_option("file", file_, "The recording")->type_name("FILE");
    app.add_option("--scene", scenes_, "Lua files to play it to")->type_name("FILE");
    app.add_option("--start", start_, "The scene to start; else the one that has no trigger")
        ->type_name("NAME");
    app.add_option("--speed", speed_, "max (default), or times real time")->type_name("N");
    app.add_option("-o,--output", output_.file, "Writes what is published, as JSON lines")
        ->type_name("FILE");
    app.add_flag("--force", output_.force, "Overwrites that file");
    app.add_option("--diff", output_.compare_to, "Compares it with an earlier output")
        ->type_name("FILE");
    app.add_option("--tolerance", tolerance_, "Seconds that do not count as a difference")
        ->type_name("SECONDS");
    repeatable(app.add_option("--inject", options_.inject, "Only these topics are played")
                   ->type_name("FILTER"));
    repeatable(app.add_option("--except", options_.except, "These topics are not played")
                   ->type_name("FILTER"));
    app.add_option("--tail", tail_, "Goes on so long after the recording's end")
        ->type_name("SECONDS");
    app.add_option("--config", config_, "Configuration in TOML")->type_name("FILE");
    app.add_option("--log-level", log_level_, "Of what is logged on standard error")
        ->type_name("LEVEL");
  }

  int run() override {
    if (file_.empty()) return refuse("replay: which recording? (see engine replay --help)");
    const auto speed = parse_speed(speed_);
    if (!speed) return refuse(speed.error().message);
    if (const auto checked = check_arguments(); !checked) return refuse(checked.error().message);
    const Environment environment = process_environment();
    const auto config = read_config(environment);
    if (!config) {
      for (const Error& error : config.error()) refuse(error.message);
      return 1;
    }
    for (const auto& file : config->scripts.files) scenes_.push_back(file.string());
    if (scenes_.empty()) return refuse("replay: to which scripts? Give --scene FILE");
    Interrupts interrupts;
    const auto terminal = open_terminal(2, environment);
    const auto logs = make_logs(config->log, {terminal});
    if (!logs) return refuse(logs.error().message);
    return replay(*config, **logs, *terminal, interrupts, *speed);
  }

 private:
  Result<void> check_arguments() const {
    for (const auto* filters : {&options_.inject, &options_.except}) {
      for (const std::string& filter : *filters) {
        if (auto valid = topic::check_filter(filter); !valid) return valid;
      }
    }
    if (!(tolerance_ >= 0 && tolerance_ < 1e6)) return fail("--tolerance: seconds from 0 expected");
    if (!(tail_ >= 0 && tail_ < 1e6)) return fail("--tail: seconds from 0 expected");
    return {};
  }

  tl::expected<Config, ConfigErrors> read_config(const Environment& environment) const {
    ConfigSources sources{.file = {}, .settings = {}, .environment = environment};
    if (!config_.empty()) sources.file = config_;
    sources.settings.push_back({"--log-level", "log.level", log_level_});
    auto config = load_config(sources);
    if (config) config->log.file.clear();
    return config;
  }

  int replay(const Config& config, Logs& logs, Terminal& terminal, Interrupts& interrupts,
             double speed) {
    auto reader = RecordingReader::open(file_);
    if (!reader) return refuse(reader.error().message);
    output_.tolerance = from_seconds(tolerance_);
    output_.people = ::isatty(1) == 1 && output_.file.empty();
    output_.live = speed > 0;
    const auto output = ReplayOutput::open(output_, reader->header().started);
    if (!output) return refuse(output.error().message);
    options_.rehearsal = rehearsal_options(config);
    Replay replay(logs, options_, reader->header().started);
    replay.on_published = [&](RecordedMessage recorded) { (*output)->add(std::move(recorded)); };
    for (const std::string& scene : scenes_) {
      if (const auto added = replay.add_script(scene); !added) return refuse(added.error().message);
    }
    bool cannot_start = false;
    Show show(replay.rehearsal().stage, replay.rehearsal().timers, logs, {.start = start_},
              [&](ExitStatus) { cannot_start = true; });
    show.begin();
    Playback playback(*reader, replay, terminal, interrupts, speed);
    const auto done = playback.run(from_seconds(tail_));
    replay.on_published = nullptr;  // What scenes send as they are taken down is not of the replay.
    const auto same = (*output)->close(reader->position() + from_seconds(tail_));
    terminal.clear_live_line();
    logs.flush();
    if (!done) return refuse(done.error().message);
    if (!same) return refuse(same.error().message);
    std::cerr << playback.summary() << "\n";
    if (const RecordingDiff* diff = (*output)->diff()) tell_difference(*diff);
    if (!*done) return static_cast<int>(ExitStatus::interrupted);
    return *same && !cannot_start ? 0 : 1;
  }

  static void tell_difference(const RecordingDiff& diff) {
    std::cerr << fmt::format("{} the same, {} different\n", grouped(diff.same()),
                             grouped(diff.differences()));
  }

  std::string file_;
  std::vector<std::string> scenes_;
  std::string start_;
  std::string speed_ = "max";
  std::string config_;
  std::string log_level_ = "warning";
  double tolerance_ = 0.001;
  double tail_ = 0;
  ReplayOutput::Options output_;
  ReplayOptions options_;
};

}  // namespace

std::unique_ptr<Subcommand> replay_command() { return std::make_unique<ReplayCommand>(); }

}  // namespace engine
