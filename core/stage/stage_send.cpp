// How the Stage sends a cue, and what becomes of it.
#include <fmt/format.h>

#include <utility>

#include "core/base/utf8.h"
#include "core/bus/topic.h"
#include "core/stage/stage.h"

namespace engine {
namespace {

// The largest MQTT packet (5.0 section 1.5.5), less the room for its other fields.
constexpr size_t kLargestPayload = 268'435'455 - 65'535 - 4096;

// `[2.5s] room1/light = ON`
std::string cue_line(double position, const Cue& cue) {
  return fmt::format("[{:.1f}s] {} = {}", position, printable(cue.topic), printable(cue.payload));
}

CueResult cue_result(FeedbackResult result) {
  switch (result) {
    case FeedbackResult::ok:
      return CueResult::confirmed;
    case FeedbackResult::error:
      return CueResult::error;
    case FeedbackResult::timeout:
      return CueResult::timeout;
    case FeedbackResult::abandoned:
      break;
  }
  return CueResult::abandoned;
}

// Null if it was, or will be.
const char* why_not_sent(PublishOutcome outcome) {
  switch (outcome) {
    case PublishOutcome::dropped:
      return "the connection to the broker takes no more for now";
    case PublishOutcome::rate_limited:
      return "rate limited";
    case PublishOutcome::too_large:
      return "it is larger than its topic allows";
    default:
      return nullptr;
  }
}

}  // namespace

Result<void> check(const Cue& cue) {
  if (auto checked = topic::check_name(cue.topic); !checked) return checked;
  if (cue.qos < 0 || cue.qos > 2) return fail(fmt::format("QoS {} is not 0, 1 or 2", cue.qos));
  if (cue.payload.size() > kLargestPayload) {
    return fail(fmt::format("a payload of {} bytes is too large: MQTT carries at most {}",
                            cue.payload.size(), kLargestPayload));
  }
  return {};
}

Stage::Sent Stage::send(PerformanceId id, uint64_t token, double position, const Cue& cue,
                        double late) {
  const Performance* performance = performances_.find(id);
  if (!performance || performance->ending) {
    log_.warn("{} was not sent: its scene has ended", cue_line(position, cue));
    return {};
  }
  const Sent sent = deliver(id, token, position, cue);
  on_sent.emit({id, token, position, late, cue, sent});
  return sent;
}

Stage::Sent Stage::deliver(PerformanceId id, uint64_t token, double position, const Cue& cue) {
  if (const auto checked = check(cue); !checked) {
    count(id, &PerformanceReport::failed);
    log_.warn("{} was refused: {}", cue_line(position, cue), checked.error().message);
    return {Sent::How::failed, false, checked.error().message};
  }
  if (is_audio_topic(cue.topic) || is_video_topic(cue.topic)) return play(id, position, cue);
  return publish(id, token, position, cue);
}

Stage::Sent Stage::play(PerformanceId id, double position, const Cue& cue) {
  log_.info("{}", cue_line(position, cue));
  if (const auto played = media_.command(cue.topic, cue.payload); !played) {
    count(id, &PerformanceReport::failed);
    media_log_.warn("{} = {}: {}", printable(cue.topic), printable(cue.payload),
                    played.error().message);
    return {Sent::How::failed, false, played.error().message};
  }
  count(id, &PerformanceReport::sent);
  return {Sent::How::played, false, {}};
}

Stage::Sent Stage::publish(PerformanceId id, uint64_t token, double position, const Cue& cue) {
  const bool reachable = bus_.connected() || bus_.standalone();
  const bool awaited = cue.confirmed_by_device && reachable &&
                       feedback_.expect(performances_.find(id)->owner, cue.topic);
  Message message{.topic = cue.topic, .payload = cue.payload, .qos = cue.qos, .retain = cue.retain};
  if (awaited) {
    message.correlation_data = fmt::format("{}{:x}", correlation_prefix_, next_correlation_++);
  }
  const std::string correlation = message.correlation_data;
  const PublishOutcome outcome =
      bus_.publish({.message = std::move(message), .offline = cue.offline});
  if (const char* why = why_not_sent(outcome)) {
    count(id, &PerformanceReport::failed);
    log_.warn("{} was not sent: {}", cue_line(position, cue), why);
    return {Sent::How::failed, false, why};
  }
  const bool simulated = outcome == PublishOutcome::simulated;
  log_.info("{}{}", cue_line(position, cue), simulated || bus_.standalone() ? " (simulation)" : "");
  count(id, simulated ? &PerformanceReport::simulated : &PerformanceReport::sent);
  if (simulated) return {Sent::How::simulated, false, {}};
  return {Sent::How::sent, awaited && track(id, token, cue, correlation), {}};
}

bool Stage::track(PerformanceId id, uint64_t token, const Cue& cue,
                  const std::string& correlation) {
  const Performance* performance = performances_.find(id);
  if (!performance) return false;
  return feedback_.track(
      performance->owner, cue.topic, cue.confirm, correlation,
      [this, id, token](const FeedbackEvent& event) { settled(id, token, event); });
}

void Stage::settled(PerformanceId id, uint64_t token, const FeedbackEvent& event) {
  static constexpr int PerformanceReport::*kCounters[] = {
      &PerformanceReport::confirmed, &PerformanceReport::failed, &PerformanceReport::timed_out,
      &PerformanceReport::unanswered};
  const CueResult result = cue_result(event.result);
  count(id, kCounters[static_cast<int>(result)]);
  on_settled.emit({id, token, result, event});
  const Performance* performance = performances_.find(id);
  if (!performance || performance->deaf) return;
  const Scene* scene = scenes_.find(performance->scene);
  if (!scene) return;
  const auto control = scene->control;
  control->settled(token, result, event);
}

void Stage::count(PerformanceId id, int PerformanceReport::*counter) {
  if (Performance* performance = performances_.find(id)) ++(performance->report.*counter);
}

}  // namespace engine
