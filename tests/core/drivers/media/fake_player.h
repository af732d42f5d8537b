#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/drivers/media/player.h"

namespace engine::test {

// Players that note what they are told, and end files when the test says so.
class FakePlayers {
 public:
  struct State {
    Player::Events events;
    bool alive = true;
    bool quitting = false;
    std::string log;      // `play a.wav 0.7;stop;`
    std::string playing;  // File name.
  };

  StartPlayer start() {
    return [this](Player::Events events) -> Result<std::unique_ptr<Player>> {
      if (!refusal.empty()) return fail(refusal);
      auto state = std::make_shared<State>();
      state->events = std::move(events);
      states_.push_back(state);
      return std::make_unique<Fake>(state);
    };
  }

  std::string refusal;  // When set, no player can be started.

  size_t started() const { return states_.size(); }
  size_t alive() const {
    return static_cast<size_t>(
        std::count_if(states_.begin(), states_.end(), [](auto& s) { return s->alive; }));
  }
  State& at(size_t index) { return *states_.at(index); }
  // The one that plays `file`.
  State& with(const std::string& file) {
    const auto found = std::find_if(states_.begin(), states_.end(),
                                    [&](auto& s) { return s->alive && s->playing == file; });
    if (found == states_.end()) throw std::runtime_error("no player plays " + file);
    return **found;
  }
  std::vector<std::string> playing() const {
    std::vector<std::string> files;
    for (const auto& state : states_) {
      if (state->alive && !state->playing.empty()) files.push_back(state->playing);
    }
    return files;
  }
  void finish(const std::string& file) {
    State& state = with(file);
    state.playing.clear();
    state.events.on_finished();
  }
  void break_off(const std::string& file, const std::string& why) {
    State& state = with(file);
    state.playing.clear();
    state.events.on_failed(why);
  }
  void die(size_t index, const std::string& why = "was killed by signal 9") {
    const auto died = states_.at(index)->events.on_died;
    died(why);
  }

 private:
  class Fake final : public Player {
   public:
    explicit Fake(std::shared_ptr<State> state) : state_(std::move(state)) {}
    ~Fake() override { state_->alive = false; }
    void play(const std::filesystem::path& file, double volume) override {
      state_->playing = file.filename().string();
      note("play " + state_->playing + " " + std::to_string(volume).substr(0, 4));
    }
    void stop() override {
      state_->playing.clear();
      note("stop");
    }
    void set_paused(bool paused) override { note(paused ? "pause" : "resume"); }
    void set_volume(double volume) override {
      note("volume " + std::to_string(volume).substr(0, 4));
    }
    void seek(double seconds) override { note("seek " + std::to_string(seconds).substr(0, 4)); }
    void quit() override { state_->quitting = true; }

   private:
    void note(const std::string& what) { state_->log += what + ";"; }
    const std::shared_ptr<State> state_;
  };

  std::vector<std::shared_ptr<State>> states_;
};

}  // namespace engine::test
