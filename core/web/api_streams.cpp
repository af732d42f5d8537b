#include "core/web/api_streams.h"

#include <fmt/format.h>

#include <utility>

#include "core/web/api_json.h"

namespace engine::web {
namespace {

constexpr size_t kLinesPerPiece = 100;

class TraceSource final : public Source {
 public:
  TraceSource(const std::string& scene, const nlohmann::json& kept, Tracer::Traces traces)
      : head_(to_text({{"scene", scene}, {"kept", kept}})), traces_(std::move(traces)) {
    head_.erase(head_.rfind('}'));
    head_ += R"(,"performances":[)";
  }

  Next next(std::string& out) override {
    out += std::exchange(head_, "");
    if (at_ < traces_.size()) {
      if (at_ > 0) out += ',';
      out += to_text(to_json(*traces_[at_++]));
      return Next::piece;
    }
    if (std::exchange(closed_, true)) return Next::end;
    out += "]}\n";
    return Next::piece;
  }

 private:
  std::string head_;
  const Tracer::Traces traces_;
  size_t at_ = 0;
  bool closed_ = false;
};

class LogSource final : public Source {
 public:
  LogSource(LogRing& ring, uint64_t from, bool follow)
      : ring_(ring), from_(from), follow_(follow) {}

  Next next(std::string& out) override {
    const LogRing::Lines lines = ring_.from(from_, kLinesPerPiece);
    from_ = lines.next;
    if (lines.missed > 0) out += fmt::format("... {} lines were missed\n", lines.missed);
    for (const std::string& line : lines.lines) out += line + "\n";
    if (!lines.lines.empty()) return Next::piece;
    return follow_ ? Next::later : Next::end;
  }

 private:
  LogRing& ring_;
  uint64_t from_;
  const bool follow_;
};

}  // namespace

std::unique_ptr<Source> trace_source(const std::string& scene, nlohmann::json kept,
                                     Tracer::Traces traces) {
  return std::make_unique<TraceSource>(scene, kept, std::move(traces));
}

std::unique_ptr<Source> log_source(LogRing& ring, uint64_t from, bool follow) {
  return std::make_unique<LogSource>(ring, from, follow);
}

}  // namespace engine::web
