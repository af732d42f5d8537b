#include "core/drivers/media/media_voices.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace engine {
namespace {

// Deeper than any sensible script, shallower than any stack.
constexpr int kDeepest = 8;
constexpr int kMostRounds = 2;
constexpr const char* kCircle = "commands that answer the end of a file run in a circle";

template <typename... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

MediaVoices::MediaVoices(Timers& timers, spdlog::logger& log, const MediaLibrary& library,
                         Rules rules, StartPlayer start_audio, StartPlayer start_video,
                         Signal<const MediaEnd&>& on_end)
    : log_(log),
      library_(library),
      rules_(rules),
      on_end_(on_end),
      audio_(timers, log, {.name = "the player of sound"}, std::move(start_audio),
             listener(MediaKind::audio)),
      video_(timers, log, {.name = "the player of video"}, std::move(start_video),
             listener(MediaKind::video)) {}

Result<void> MediaVoices::command(const std::string& topic, const std::string& payload) {
  if (!is_audio_topic(topic) && !is_video_topic(topic)) {
    return fail(
        fmt::format("\"{}\" is not played here: its last level is neither audio nor video", topic));
  }
  const MediaKind kind = is_audio_topic(topic) ? MediaKind::audio : MediaKind::video;
  const auto parsed = parse_media_command(kind, payload);
  if (!parsed) return tl::unexpected(parsed.error());
  if (depth_ >= kDeepest) {
    return fail(fmt::format("\"{}\": {}", payload, kCircle));
  }
  ++depth_;
  auto result = carry_out(kind, topic, *parsed);
  --depth_;
  return result;
}

bool MediaVoices::playing(const std::string& topic) const {
  return std::any_of(voices_.begin(), voices_.end(),
                     [&](const Voice& voice) { return voice.topic == topic; });
}

Result<void> MediaVoices::prepare(MediaKind kind, size_t players) {
  return pool(kind).prepare(players);
}

Result<void> MediaVoices::carry_out(MediaKind kind, const std::string& topic,
                                    const MediaCommand& command) {
  const bool audio = kind == MediaKind::audio;
  const double volume = audio ? rules_.audio_volume : rules_.video_volume;
  const auto play_found = [&](Result<MediaLibrary::File> file, double at) -> Result<void> {
    if (!file) return tl::unexpected(file.error());
    const bool effect = audio && is_sound_effect(file->name);
    return play({kind, topic, std::move(*file), effect, at});
  };
  return std::visit(
      Overloaded{
          [&](const PlayFile& c) {
            return play_found(library_.find(kind, c.file), c.volume.value_or(volume));
          },
          [&](const PlayByName& c) {
            return play_found(library_.find_by_name(kind, c.name), volume);
          },
          [&](const StopPlaying& c) -> Result<void> { return stop(topic, c.file), Result<void>{}; },
          [&](const PausePlaying&) -> Result<void> {
            each_player(topic, true, [](Player& player) { player.set_paused(true); });
            return {};
          },
          [&](const ResumePlaying&) -> Result<void> {
            each_player(topic, true, [](Player& player) { player.set_paused(false); });
            return {};
          },
          [&](const SetVolume& c) -> Result<void> {
            each_player(topic, false, [&](Player& player) { player.set_volume(c.volume); });
            return {};
          },
          [&](const SeekTo& c) -> Result<void> {
            each_player(topic, false, [&](Player& player) { player.seek(c.seconds); });
            return {};
          },
      },
      command);
}

Result<void> MediaVoices::play(Order order) {
  auto player = make_room(order);
  if (player && !*player) player = acquire(order);
  if (!player) return tl::unexpected(player.error());
  log_.info("{}: playing {} (volume {:.2g})", order.topic, order.file.name, order.volume);
  pool(order.kind).find(**player)->play(order.file.path, order.volume);
  voices_.push_back({next_number_++, order.kind, std::move(order.topic), std::move(order.file.name),
                     order.effect, **player});
  return {};
}

Result<std::optional<PlayerId>> MediaVoices::make_room(const Order& order) {
  std::optional<PlayerId> freed;
  int rounds = 0;  // More than one only when a listener to the end fills the place again.
  for (auto number = in_the_way(order); number; number = in_the_way(order)) {
    if (++rounds > kMostRounds) {
      silence(order.kind, *freed);
      return fail(fmt::format("\"{}\": {}", order.file.name, kCircle));
    }
    const Voice voice = *take(*number);
    if (freed) {
      silence(voice.kind, voice.player);
    } else {
      freed = voice.player;
    }
    tell(voice, MediaEnd::Reason::stopped);
  }
  return freed;
}

std::optional<uint64_t> MediaVoices::in_the_way(const Order& order) const {
  const auto rivals = [&](const Voice& voice) {
    if (voice.kind != order.kind || voice.effect != order.effect) return false;
    return order.effect || order.kind == MediaKind::video || voice.topic == order.topic;
  };
  const auto oldest = std::find_if(voices_.begin(), voices_.end(), rivals);
  if (oldest == voices_.end()) return std::nullopt;
  const auto count = std::count_if(oldest, voices_.end(), rivals);
  if (order.effect && static_cast<size_t>(count) < rules_.effects) return std::nullopt;
  return oldest->number;
}

Result<std::optional<PlayerId>> MediaVoices::acquire(const Order& order) {
  const auto streams = std::count_if(voices_.begin(), voices_.end(), [](const Voice& voice) {
    return voice.kind == MediaKind::audio && !voice.effect;
  });
  if (order.kind == MediaKind::audio && !order.effect &&
      static_cast<size_t>(streams) >= rules_.streams) {
    return fail(fmt::format("\"{}\": sound is played on {} topics already, the most there can be",
                            order.file.name, streams));
  }
  return pool(order.kind).acquire().map([](PlayerId id) { return std::optional(id); });
}

void MediaVoices::stop(const std::string& topic, const std::string& file) {
  std::vector<uint64_t> numbers;
  for (const Voice& voice : voices_) {
    if (voice.topic == topic && (file.empty() || voice.file == file))
      numbers.push_back(voice.number);
  }
  for (const uint64_t number : numbers) {
    const auto voice = take(number);
    if (!voice) continue;  // A listener to an earlier end has stopped it.
    silence(voice->kind, voice->player);
    tell(*voice, MediaEnd::Reason::stopped);
  }
}

void MediaVoices::each_player(const std::string& topic, bool effects_too,
                              const std::function<void(Player&)>& act) {
  for (const Voice& voice : voices_) {
    if (voice.topic == topic && (effects_too || !voice.effect)) {
      act(*pool(voice.kind).find(voice.player));
    }
  }
}

void MediaVoices::silence(MediaKind kind, PlayerId player) {
  pool(kind).find(player)->stop();
  pool(kind).release(player);
}

PlayerPool::Listener MediaVoices::listener(MediaKind kind) {
  const auto ended = [this, kind](PlayerId player, MediaEnd::Reason reason,
                                  const std::string& why) {
    const auto voice = take(kind, player);
    if (!voice) return;
    pool(kind).release(player);
    tell(*voice, reason, why);
  };
  using Reason = MediaEnd::Reason;
  return {
      .on_finished = [ended](PlayerId player) { ended(player, Reason::finished, ""); },
      .on_failed = [ended](PlayerId player, auto& why) { ended(player, Reason::failed, why); },
      .on_died = [ended](PlayerId player, auto& why) { ended(player, Reason::failed, why); },
  };
}

std::optional<MediaVoices::Voice> MediaVoices::take(uint64_t number) {
  return take_if([&](const Voice& voice) { return voice.number == number; });
}

std::optional<MediaVoices::Voice> MediaVoices::take(MediaKind kind, PlayerId player) {
  return take_if([&](const Voice& voice) { return voice.kind == kind && voice.player == player; });
}

std::optional<MediaVoices::Voice> MediaVoices::take_if(
    const std::function<bool(const Voice&)>& wanted) {
  const auto found = std::find_if(voices_.begin(), voices_.end(), wanted);
  if (found == voices_.end()) return std::nullopt;
  Voice voice = std::move(*found);
  voices_.erase(found);
  return voice;
}

void MediaVoices::tell(const Voice& voice, MediaEnd::Reason reason, const std::string& why) {
  switch (reason) {
    case MediaEnd::Reason::finished:
      log_.info("{}: {} has ended", voice.topic, voice.file);
      break;
    case MediaEnd::Reason::stopped:
      log_.info("{}: {} was stopped", voice.topic, voice.file);
      break;
    case MediaEnd::Reason::failed:
      log_.warn("{}: {} failed: {}", voice.topic, voice.file, why);
      break;
  }
  on_end_.emit({voice.topic, voice.file, reason});
}

}  // namespace engine
