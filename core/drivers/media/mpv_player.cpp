#include "core/drivers/media/mpv_player.h"

#include <cmath>
#include <utility>

namespace engine {

using nlohmann::json;

Result<std::unique_ptr<Player>> MpvPlayer::start(boost::asio::io_context& io, Timers& timers,
                                                 Options options, Events events) {
  std::unique_ptr<MpvPlayer> player(new MpvPlayer(std::move(options), std::move(events)));
  MpvPlayer* self = player.get();
  auto mpv = Mpv::start(io, timers,
                        {.program = self->options_.program,
                         .arguments = self->options_.arguments,
                         .socket = self->options_.socket,
                         .on_file_loaded = [self] { self->loaded(); },
                         .on_end_file = [self](const mpv::EndFile& end) { self->ended(end); },
                         .on_property =
                             [self](const mpv::PropertyChange& change) {
                               if (change.data.is_string())
                                 self->options_.on_audio_output(change.data);
                             },
                         .on_line = self->options_.on_line,
                         .on_exit = self->events_.on_died});
  if (!mpv) return tl::unexpected(mpv.error());
  self->mpv_ = std::move(*mpv);
  self->mpv_->send({"observe_property", 1, "current-ao"});
  return player;
}

MpvPlayer::MpvPlayer(Options options, Events events)
    : options_(std::move(options)), events_(std::move(events)) {}

void MpvPlayer::play(const std::filesystem::path& file, double volume) {
  ++number_;
  entry_.reset();
  loaded_ = false;
  seek_when_loaded_.reset();
  if (options_.keeps_window) mpv_->send({"set_property", "force-window", "yes"});
  set_volume(volume);
  set_paused(false);
  mpv_->send({"loadfile", file.string(), "replace"},
             [this, number = number_](const mpv::Reply& reply) { accepted(number, reply); });
}

void MpvPlayer::stop() {
  ++number_;
  entry_.reset();
  mpv_->send({"stop"});
}

void MpvPlayer::set_paused(bool paused) { mpv_->send({"set_property", "pause", paused}); }

void MpvPlayer::set_volume(double volume) {
  // mpv's scale is that of the ear: the amplitude is the third power of it.
  mpv_->send({"set_property", "volume", 100 * std::cbrt(volume)});
}

void MpvPlayer::seek(double seconds) {
  if (!loaded_) {  // mpv refuses to seek while it opens a file.
    seek_when_loaded_ = seconds;
    return;
  }
  mpv_->send({"seek", seconds, "absolute"});
}

void MpvPlayer::quit() { mpv_->send({"quit"}); }

void MpvPlayer::accepted(uint64_t number, const mpv::Reply& reply) {
  if (number != number_) return;  // Stopped or replaced since.
  if (!reply.error.empty()) return fail_now(reply.error);
  const auto entry = reply.data.find("playlist_entry_id");
  if (entry != reply.data.end() && entry->is_number_integer()) entry_ = entry->get<int64_t>();
}

void MpvPlayer::loaded() {
  if (!entry_) return;  // That of a file before.
  loaded_ = true;
  if (const auto seconds = std::exchange(seek_when_loaded_, std::nullopt)) seek(*seconds);
}

void MpvPlayer::ended(const mpv::EndFile& end) {
  if (!entry_ || end.entry != *entry_) return;
  switch (end.reason) {
    case mpv::EndFile::Reason::eof:
      entry_.reset();
      return events_.on_finished();
    case mpv::EndFile::Reason::error:
      return fail_now(end.error);
    case mpv::EndFile::Reason::stop:
      return fail_now("mpv has stopped it by itself");
  }
}

void MpvPlayer::fail_now(const std::string& why) {
  entry_.reset();
  events_.on_failed(why);
}

}  // namespace engine
