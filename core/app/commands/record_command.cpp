#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <filesystem>
#include <iostream>

#include "core/app/broker_connection.h"
#include "core/app/commands/commands.h"
#include "core/app/commands/counts.h"
#include "core/app/log_setup.h"
#include "core/app/terminal.h"
#include "core/base/loop.h"
#include "core/bus/topic.h"
#include "core/config/load.h"
#include "core/recording/recorder.h"

namespace engine {
namespace {

constexpr Duration kFlushPeriod = std::chrono::milliseconds{500};

// One recording, from the connection to Ctrl-C.
class Session {
 public:
  struct Options {
    std::vector<std::string> filters;
    std::optional<Duration> duration;
  };
  Session(const Config& config, Logs& logs, Terminal& terminal, RecordingWriter& writer,
          Options options)
      : terminal_(terminal),
        writer_(writer),
        options_(std::move(options)),
        loop_(clock_,
              [&logs](const std::exception& e) { logs.get("engine").error("{}", e.what()); }),
        bus_(loop_.timers()),
        connection_(loop_, bus_, logs, config, {}),
        recorder_(bus_, clock_, writer, [this](const Error& error) { give_up(error.message); }),
        signals_(loop_.io(), SIGINT, SIGTERM) {
    broker_ = config.mqtt.addresses.front();
  }

  int run() {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) loop_.stop();
    });
    connection_.start([this] {
      if (!bus_.connected()) return give_up(broker_ + ": cannot be reached: nothing is recorded");
      begin();
    });
    loop_.run();
    const bool recorded = started_ && !recorder_.failed();
    if (recorded) recorder_.finish();
    connection_.close();
    terminal_.clear_live_line();
    if (recorded && !recorder_.failed()) tell_summary();
    return status_;
  }

 private:
  void begin() {
    started_ = true;
    recorder_.start(options_.filters);
    // In one piece: the log writes from another thread.
    std::cerr << fmt::format("recording {}; Ctrl-C ends it\n", broker_);
    flush_ = loop_.timers().every(kFlushPeriod, [this] { flush(); });
    if (options_.duration) {
      end_ = loop_.timers().after(*options_.duration, [this] { loop_.stop(); });
    }
  }

  void flush() {
    recorder_.flush();
    const uint64_t fresh = writer_.messages() - told_;
    told_ = writer_.messages();
    terminal_.set_live_line(
        fmt::format("{}  {} messages  {:.0f}/s  {}{}", clock_text(recorder_.elapsed()),
                    grouped(told_), static_cast<double>(fresh) / to_seconds(kFlushPeriod),
                    size_text(writer_.bytes()), bus_.connected() ? "" : "  NOT CONNECTED"));
  }

  void tell_summary() const {
    std::cerr << fmt::format("{} messages in {}, {}\n", grouped(writer_.messages()),
                             clock_text(recorder_.elapsed()), size_text(writer_.bytes()));
  }

  void give_up(const std::string& why) {
    status_ = refuse(why);
    loop_.stop();
  }

  Terminal& terminal_;
  RecordingWriter& writer_;
  const Options options_;
  std::string broker_;
  SystemClock clock_;
  Loop loop_;
  Bus bus_;
  BrokerConnection connection_;
  Recorder recorder_;
  boost::asio::signal_set signals_;
  TimerId flush_, end_;
  uint64_t told_ = 0;
  bool started_ = false;
  int status_ = 0;
};

// engine record FILE
class RecordCommand final : public Subcommand {
 public:
  const char* name() const override { return "record"; }
  const char* summary() const override { return "Writes down all traffic of a broker"; }

  void declare(CLI::App& app) override {
    app.add_option("file", file_, "The recording to write, JSON lines")->type_name("FILE");
    app.add_option("--broker", broker_, "MQTT broker, tcp://host:port or ssl://host:port")
        ->type_name("URL");
    app.add_option("--config", config_, "Configuration in TOML, for the broker in it")
        ->type_name("FILE");
    app.add_option("--filter", filters_, "Only topics that match; repeatable (default: #)")
        ->type_name("TOPIC")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--duration", duration_, "Ends by itself")->type_name("SECONDS");
    app.add_flag("--force", force_, "Overwrites the file");
  }

  int run() override {
    if (file_.empty()) return refuse("record: into which file? (see engine record --help)");
    for (const std::string& filter : filters_) {
      if (const auto valid = topic::check_filter(filter); !valid) {
        return refuse("--filter: " + valid.error().message);
      }
    }
    if (duration_ && !(*duration_ > 0 && *duration_ < 1e9)) {
      return refuse("--duration: seconds above 0 expected");
    }
    const Environment environment = process_environment();
    auto config = read_config(environment);
    if (!config) {
      for (const Error& error : config.error()) refuse(error.message);
      return 1;
    }
    if (config->mqtt.addresses.empty()) {
      return refuse("record: which broker? Give --broker URL, or --config FILE with mqtt.address");
    }
    const auto terminal = open_terminal(2, environment);
    const auto logs = make_logs(config->log, {terminal});
    if (!logs) return refuse(logs.error().message);
    using Existing = RecordingWriter::Existing;
    auto writer = RecordingWriter::create(file_, force_ ? Existing::replace : Existing::refuse);
    if (!writer) return refuse(writer.error().message);
    Session session(*config, **logs, *terminal, *writer, options());
    return session.run();
  }

 private:
  // As a client of its own beside the engine that may run with the same configuration.
  tl::expected<Config, ConfigErrors> read_config(const Environment& environment) const {
    ConfigSources sources{.file = {}, .settings = {}, .environment = environment};
    if (!config_.empty()) sources.file = config_;
    if (!broker_.empty()) sources.settings.push_back({"--broker", "mqtt.address", broker_});
    auto config = load_config(sources);
    if (!config) return config;
    config->mqtt.client_id += fmt::format("-record-{}", ::getpid());
    config->mqtt.will = {};
    config->log.file.clear();
    return config;
  }

  Session::Options options() const {
    Session::Options options{.filters = filters_, .duration = {}};
    if (options.filters.empty()) options.filters.push_back("#");
    if (duration_) options.duration = from_seconds(*duration_);
    return options;
  }

  std::string file_;
  std::string broker_;
  std::string config_;
  std::vector<std::string> filters_;
  std::optional<double> duration_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> record_command() { return std::make_unique<RecordCommand>(); }

}  // namespace engine
