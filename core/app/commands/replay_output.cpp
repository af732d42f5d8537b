#include "core/app/commands/replay_output.h"

#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <utility>

namespace engine {

Result<std::unique_ptr<ReplayOutput>> ReplayOutput::open(Options options, WallTime started) {
  std::unique_ptr<ReplayOutput> output(new ReplayOutput(std::move(options)));
  if (const auto begun = output->start(started); !begun) return tl::unexpected(begun.error());
  return output;
}

Result<void> ReplayOutput::start(WallTime started) {
  if (!options_.compare_to.empty()) {
    auto reader = RecordingReader::open(options_.compare_to);
    if (!reader) return tl::unexpected(reader.error());
    old_ = std::move(*reader);
    diff_.emplace(options_.tolerance, [](const std::string& line) { std::cout << line << "\n"; });
  }
  if (!options_.file.empty()) {
    using Existing = RecordingWriter::Existing;
    auto writer = RecordingWriter::create(options_.file,
                                          options_.force ? Existing::replace : Existing::refuse);
    if (!writer) return tl::unexpected(writer.error());
    writer_ = std::move(*writer);
  } else if (!diff_ && !options_.people) {
    writer_ = RecordingWriter::on(stdout, "standard output");
  }
  if (old_) feed(Duration::min());  // What is wrong with its first line is told at once.
  if (error_) return tl::unexpected(*error_);
  return writer_ ? writer_->begin({.started = started}) : Result<void>{};
}

void ReplayOutput::add(RecordedMessage recorded) {
  if (error_) return;
  if (options_.people && !diff_) {
    std::cout << fmt::format("{:10.3f}  {}\n", to_seconds(recorded.at), describe(recorded.message));
    if (options_.live) std::cout.flush();
  }
  if (writer_) {
    keep(writer_->write(recorded));
    if (options_.live) keep(writer_->flush());
  }
  if (diff_) compare(std::move(recorded));
}

void ReplayOutput::compare(RecordedMessage recorded) {
  feed(recorded.at + diff_->ahead());
  diff_->add_now(std::move(recorded));
}

void ReplayOutput::feed(Duration until) {
  while (!error_) {
    if (!next_old_) {
      auto next = old_->next();
      if (!next) return keep(tl::unexpected(next.error()));
      if (!*next) return;
      next_old_ = std::move(**next);
    }
    if (next_old_->at > until) return;
    diff_->add_before(std::move(*next_old_));
    next_old_.reset();
  }
}

Result<bool> ReplayOutput::close(Duration at) {
  if (writer_ && !error_) keep(writer_->end(at));
  while (diff_ && !error_) {
    feed(Duration::min());
    if (!next_old_) break;
    const Duration time = next_old_->at;
    feed(time);
    diff_->pass(time);
  }
  if (diff_) diff_->finish();
  std::cout.flush();
  if (error_) return tl::unexpected(*error_);
  return !diff_ || diff_->differences() == 0;
}

void ReplayOutput::keep(const Result<void>& result) {
  if (!result && !error_) error_ = result.error();
}

}  // namespace engine
