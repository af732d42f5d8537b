#include "core/app/runtime.h"

#include <csignal>
#include <stdexcept>
#include <utility>

#include "core/app/live_status.h"
#include "core/app/script_config.h"
#include "core/app/script_options.h"

namespace engine {
namespace {

constexpr Duration kLastWords = std::chrono::seconds{1};  // For on_stop to reach the broker.
constexpr Duration kLiveLinePeriod = std::chrono::milliseconds{100};

std::unique_ptr<Store> open_store(const StateFolder& state, Loop& loop, Logs& logs) {
  auto store = Store::open(state.path() / "store.sqlite", loop.timers(), loop.inbox(), logs);
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

}  // namespace

Runtime::Runtime(const CommandLine& line, const ConfigSources& sources, const Config& config,
                 Logs& logs, Terminal& terminal, web::LogRing& log_ring, const StateFolder& state)
    : line_(line),
      config_(config),
      logs_(logs),
      terminal_(terminal),
      state_(state.path()),
      loop_(clock_, [this](const std::exception& e) { logs_.get("engine").error("{}", e.what()); }),
      topics_(clock_, logs),
      bus_(loop_.timers()),
      devices_(loop_.timers(), config.devices, logs),
      feedback_(loop_.timers(), config.feedback, logs),
      router_(bus_, devices_, feedback_, logs),
      media_(loop_.io(), loop_.timers(), logs, media_options(config, line)),
      stage_(loop_.timers(), bus_, feedback_, media_, logs),
      tracer_(stage_, clock_),
      kept_(open_store(state, loop_, logs), loop_.timers()),
      connection_(loop_, bus_, logs, config, state.path() / "broker", kept_.store.get()),
      readings_({.disk = state.path(), .log = config.log.file}, loop_.timers(), loop_.inbox()),
      health_(readings_, loop_.timers(), ENGINE_VERSION),
      services_{loop_.timers(),        bus_,  devices_, feedback_, media_, stage_, logs,
                script_config(config), kept_, health_},
      host_(services_, script_options(config), fault_limit(config), config.scripts.slow_callback),
      reports_(services_, host_, config.prefix),
      health_parts_(services_, host_, topics_, [this] { return connection_.stats(); }),
      own_topics_(services_, host_, config),
      recovery_(services_, host_),
      folders_(host_, logs),
      config_reload_(sources, config, loop_.timers(), logs,
                     [this](const Config& before, const Config& now) { follow(before, now); }),
      watcher_(loop_.io(), loop_.timers(),
               [this](const FileWatcher::Paths& paths) { files_changed(paths); }),
      scripts_(host_, config.scripts.allow_eval),
      web_(loop_, logs, config,
           {stage_, devices_, feedback_, bus_, topics_, tracer_, log_ring, scripts_, loop_.timers(),
            config.site, ENGINE_VERSION, [this] { return connection_.stats(); },
            [this] { return connection_.report(); }, [this] { return health_.report(); }}),
      show_(stage_, loop_.timers(), logs, {.start = line.start, .once = line.once},
            [this](ExitStatus status) { shut_down(status); }),
      signals_(loop_.io(), SIGINT, SIGTERM, SIGHUP) {
  set_topics(config);
  bus_.use(topics_);
}

ExitStatus Runtime::run() {
  wait_for_signals();
  web_.start(state_ / "ctl.sock");
  // The broker answers while the scripts are loaded; it is heard when the loop runs.
  connection_.start([this] {
    if (shutting_down_) return;
    recovery_.run();
    show_.begin();
  });
  if (!load_scripts() && line_.once) return ExitStatus::could_not_run;
  watch_files();
  host_.on_watched_files.connect([this] { watch_files(); });
  media_.prepare();
  if (terminal_.shows_live_line()) {
    live_line_ = loop_.timers().every(kLiveLinePeriod, [this] { update_live_line(); });
  }
  loop_.run();
  terminal_.clear_live_line();
  return status_;
}

bool Runtime::load_scripts() {
  const bool named = add(named_scripts(config_, line_));
  return folders_.set(watched_folders(config_, line_)) && named;
}

void Runtime::watch_files() {
  FileWatcher::Paths files = host_.watched_files();
  files.merge(config_reload_.files());
  FileWatcher::Paths folders = config_reload_.folders();
  folders.insert(folders_.folders().begin(), folders_.folders().end());
  watcher_.watch(std::move(files), std::move(folders));
}

void Runtime::set_topics(const Config& config) {
  topics_.set(config.topics.policies, static_cast<size_t>(config.topics.max_decompressed));
}

void Runtime::wait_for_signals() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    on_signal(signal);
    wait_for_signals();
  });
}

void Runtime::on_signal(int signal) {
  if (signal == SIGHUP) {
    reload_all();
  } else if (shutting_down_) {
    loop_.stop();  // A second Ctrl-C: at once.
  } else {
    logs_.get("engine").info("stopping");
    shut_down(line_.once ? ExitStatus::interrupted : ExitStatus::all_confirmed);
  }
}

void Runtime::shut_down(ExitStatus status) {
  if (std::exchange(shutting_down_, true)) return;
  status_ = status;
  stage_.stop_all(true);
  host_.release_all();
  own_topics_.say_offline();
  connection_.flush(kLastWords, [this] {
    connection_.close();
    loop_.stop();
  });
}

void Runtime::update_live_line() {
  terminal_.set_live_line(live_status(
      stage_.list(), {.connected = bus_.connected(), .pending = feedback_.pending().size()}));
}

}  // namespace engine
