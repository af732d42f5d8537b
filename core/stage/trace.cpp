#include "core/stage/trace.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/utf8.h"

namespace engine {

Tracer::Tracer(Stage& stage, const Clock& clock, Limits limits)
    : stage_(stage), clock_(clock), limits_(limits) {
  on_begin_ = stage_.on_begin.connect([this](const SceneInfo& scene) { begin(scene); });
  on_sent_ = stage_.on_sent.connect([this](const Stage::SentCue& event) { sent(event); });
  on_settled_ =
      stage_.on_settled.connect([this](const Stage::SettledCue& event) { settled(event); });
  on_remark_ = stage_.on_remark.connect(
      [this](PerformanceId performance, const Remark& said) { remark(performance, said); });
  on_end_ = stage_.on_end.connect([this](const PerformanceReport& report) { end(report); });
}

Tracer::~Tracer() {
  stage_.on_begin.disconnect(on_begin_);
  stage_.on_sent.disconnect(on_sent_);
  stage_.on_settled.disconnect(on_settled_);
  stage_.on_remark.disconnect(on_remark_);
  stage_.on_end.disconnect(on_end_);
}

Tracer::Traces Tracer::of(const std::string& scene) const {
  Traces traces;
  if (const auto kept = kept_.find(scene); kept != kept_.end()) {
    const auto earlier = [](const Trace& a, const Trace& b) { return a->number < b->number; };
    std::merge(kept->second.good.begin(), kept->second.good.end(), kept->second.failed.begin(),
               kept->second.failed.end(), std::back_inserter(traces), earlier);
  }
  for (const Running& running : running_) {
    if (running.trace->scene.name == scene) traces.push_back(running.trace);
  }
  return traces;
}

std::vector<std::string> Tracer::scenes() const {
  std::vector<std::string> names;
  for (const auto& [name, kept] : kept_) names.push_back(name);
  for (const Running& running : running_) names.push_back(running.trace->scene.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void Tracer::begin(const SceneInfo& scene) {
  const auto id = stage_.find(scene.name);
  const auto performance = id ? stage_.performance_of(*id) : std::nullopt;
  if (!performance) return;
  auto trace = std::make_shared<PerformanceTrace>();
  trace->number = next_number_++;
  trace->scene = scene;
  trace->started = clock_.wall();
  running_.push_back({*performance, clock_.now(), std::move(trace)});
}

void Tracer::sent(const Stage::SentCue& event) {
  TraceStep step;
  step.kind = TraceStep::Kind::cue;
  step.position = event.position;
  step.topic = printable(event.cue.topic);
  step.payload = printable(event.cue.payload);
  step.late = event.late;
  step.how = event.sent.how;
  step.trouble = printable(event.sent.trouble);
  step.token = event.token;
  step.pending = event.sent.pending;
  add(event.performance, std::move(step));
}

void Tracer::settled(const Stage::SettledCue& event) {
  Running* running = find(event.performance);
  if (!running) return;
  auto& steps = running->trace->steps;
  const auto step = std::find_if(steps.rbegin(), steps.rend(), [&](const TraceStep& each) {
    return each.pending && each.token == event.token;
  });
  if (step == steps.rend()) return;
  step->pending = false;
  step->result = event.result;
  step->answered_after = to_seconds(event.event.elapsed);
  step->answer = printable(event.event.payload);
}

void Tracer::remark(PerformanceId performance, const Remark& remark) {
  static constexpr TraceStep::Kind kKinds[] = {TraceStep::Kind::note, TraceStep::Kind::call,
                                               TraceStep::Kind::wait};
  TraceStep step;
  step.kind = kKinds[static_cast<int>(remark.kind)];
  step.position = remark.position;
  step.text = printable(remark.text);
  step.outcome = printable(remark.outcome);
  (remark.kind == Remark::Kind::call ? step.late : step.seconds) = remark.seconds;
  add(performance, std::move(step));
}

void Tracer::end(const PerformanceReport& report) {
  Running* running = find(report.performance);
  if (!running) return;
  const Trace trace = running->trace;
  std::erase_if(running_,
                [&](const Running& each) { return each.performance == report.performance; });
  trace->report = report;
  trace->scene.name = report.scene;
  Kept& kept = kept_[report.scene];
  kept.last = trace->number;
  auto& ring = trace->failed() ? kept.failed : kept.good;
  const auto later = std::find_if(
      ring.begin(), ring.end(), [&](const Trace& other) { return other->number > trace->number; });
  ring.insert(later, trace);
  while (ring.size() > limits_.performances) ring.pop_front();
  if (kept_.size() > limits_.scenes) forget_oldest_scene();
}

Tracer::Running* Tracer::find(PerformanceId performance) {
  const auto found = std::find_if(running_.begin(), running_.end(), [&](const Running& each) {
    return each.performance == performance;
  });
  return found == running_.end() ? nullptr : &*found;
}

void Tracer::add(PerformanceId performance, TraceStep step) {
  Running* running = find(performance);
  if (!running) return;
  step.elapsed = to_seconds(clock_.now() - running->started);
  PerformanceTrace& trace = *running->trace;
  trace.steps.push_back(std::move(step));
  if (trace.steps.size() <= limits_.steps) return;
  trace.steps.pop_front();
  ++trace.left_out;
}

void Tracer::forget_oldest_scene() {
  kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

}  // namespace engine
