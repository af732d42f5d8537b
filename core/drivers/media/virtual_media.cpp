#include "core/drivers/media/virtual_media.h"

#include <algorithm>
#include <utility>

namespace engine {
namespace {

// Knows every file, and by name rather those that have a duration.
class AnyFile final : public MediaLibrary {
 public:
  explicit AnyFile(const VirtualMediaOptions& options) : options_(options) {}

  Result<File> find(MediaKind, const std::string& name) const override { return File{name, name}; }
  Result<File> find_by_name(MediaKind kind, const std::string& name) const override {
    const auto& extensions = media_extensions(kind);
    const auto known =
        std::find_if(extensions.begin(), extensions.end(), [&](const std::string& extension) {
          return options_.durations.count(name + extension) > 0;
        });
    return find(kind, name + (known == extensions.end() ? extensions.front() : *known));
  }

 private:
  const VirtualMediaOptions& options_;
};

class VirtualPlayer final : public Player {
 public:
  VirtualPlayer(Timers& timers, const VirtualMediaOptions& options, Events events)
      : timers_(timers), options_(options), events_(std::move(events)) {}
  ~VirtualPlayer() override { timers_.cancel(timer_); }

  void play(const std::filesystem::path& file, double) override {
    length_ = length_of(file);
    left_ = length_;
    run();
  }
  void stop() override { timers_.cancel(timer_); }
  void set_paused(bool paused) override {
    if (paused && timers_.cancel(timer_)) left_ = ends_at_ - timers_.clock().now();
    if (!paused && !timers_.active(timer_)) run();
  }
  void set_volume(double) override {}
  void seek(double seconds) override {
    left_ = std::max(length_ - from_seconds(seconds), Duration::zero());
    if (timers_.active(timer_)) run();
  }
  void quit() override {
    timers_.cancel(timer_);
    // A copy: the player may be destroyed from within.
    timer_ = timers_.after(Duration::zero(), [died = events_.on_died] { died(""); });
  }

 private:
  Duration length_of(const std::filesystem::path& file) const {
    // As commands name it; in a folder, the name may be the end of the path only.
    for (const auto& [name, duration] : options_.durations) {
      if (file == name || file.string().ends_with("/" + name)) return duration;
    }
    return options_.default_duration;
  }
  void run() {
    timers_.cancel(timer_);
    ends_at_ = timers_.clock().now() + left_;
    timer_ = timers_.after(left_, [this] { events_.on_finished(); });
  }

  Timers& timers_;
  const VirtualMediaOptions& options_;
  const Events events_;
  Duration length_{};
  Duration left_{};
  SteadyTime ends_at_{};
  TimerId timer_;
};

std::unique_ptr<const MediaLibrary> library(const VirtualMediaOptions& options) {
  if (options.folders.empty()) return std::make_unique<AnyFile>(options);
  return std::make_unique<MediaFiles>(options.folders);
}

StartPlayer starter(Timers& timers, const VirtualMediaOptions& options) {
  return [&timers, &options](Player::Events events) -> Result<std::unique_ptr<Player>> {
    return std::make_unique<VirtualPlayer>(timers, options, std::move(events));
  };
}

}  // namespace

VirtualMedia::VirtualMedia(Timers& timers, Logs& logs, VirtualMediaOptions options)
    : options_(std::move(options)),
      library_(library(options_)),
      voices_(timers, logs.get("media"), *library_, {.audio_volume = options_.default_volume},
              starter(timers, options_), starter(timers, options_), on_end) {}

VirtualMedia::~VirtualMedia() = default;

Result<void> VirtualMedia::command(const std::string& topic, const std::string& payload) {
  auto result = voices_.command(topic, payload);
  if (result && on_command) on_command(topic, payload);
  return result;
}

bool VirtualMedia::playing(const std::string& topic) const { return voices_.playing(topic); }

}  // namespace engine
