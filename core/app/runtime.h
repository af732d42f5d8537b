#pragma once

#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <memory>

#include "bindings/host/health_parts.h"
#include "bindings/host/recovery.h"
#include "bindings/host/script_folders.h"
#include "bindings/host/script_host.h"
#include "bindings/host/script_reports.h"
#include "core/app/broker_connection.h"
#include "core/app/command_line.h"
#include "core/app/config_reload.h"
#include "core/app/own_topics.h"
#include "core/app/script_adapter.h"
#include "core/app/show.h"
#include "core/app/state_folder.h"
#include "core/app/terminal.h"
#include "core/app/web_interface.h"
#include "core/base/file_watcher.h"
#include "core/base/loop.h"
#include "core/config/config.h"
#include "core/devices/message_router.h"
#include "core/drivers/media/mpv_media.h"
#include "core/health/sampled_readings.h"
#include "core/store/site_store.h"
#include "core/topics/topic_policies.h"

namespace engine {

// The whole program, built in the order of need and destroyed in the reverse.
class Runtime {
 public:
  // `config` is what `sources` gave.
  Runtime(const CommandLine& line, const ConfigSources& sources, const Config& config, Logs& logs,
          Terminal& terminal, web::LogRing& log_ring, const StateFolder& state);

  // Loads the scripts, connects, plays; returns after Ctrl-C, or with --once when the scene has
  // ended.
  ExitStatus run();

 private:
  bool load_scripts();
  void watch_files();
  void set_topics(const Config& config);
  // runtime_reload.cpp
  void files_changed(const FileWatcher::Paths& paths);
  void reload_all();
  void follow(const Config& before, const Config& now);
  // False when one does not load, which has been logged.
  bool add(const std::vector<std::string>& scripts);
  void release(const std::vector<std::string>& scripts);
  void wait_for_signals();
  void on_signal(int signal);
  // Sends what every scene has for its end, and stops.
  void shut_down(ExitStatus status);
  void update_live_line();

  const CommandLine& line_;
  const Config& config_;  // As at the start.
  Logs& logs_;
  Terminal& terminal_;
  const std::filesystem::path state_;
  SystemClock clock_;
  Loop loop_;
  TopicPolicies topics_;
  Bus bus_;
  DeviceRegistry devices_;
  FeedbackTracker feedback_;
  MessageRouter router_;
  MpvMedia media_;
  Stage stage_;
  Tracer tracer_;
  SiteStore kept_;
  BrokerConnection connection_;
  SampledReadings readings_;
  Health health_;
  Services services_;
  ScriptHost host_;
  ScriptReports reports_;
  HealthParts health_parts_;
  OwnTopics own_topics_;
  Recovery recovery_;
  ScriptFolders folders_;
  ConfigReload config_reload_;
  FileWatcher watcher_;
  ScriptAdapter scripts_;
  WebInterface web_;
  Show show_;
  boost::asio::signal_set signals_;
  TimerId live_line_;
  bool shutting_down_ = false;
  ExitStatus status_ = ExitStatus::all_confirmed;
};

}  // namespace engine
