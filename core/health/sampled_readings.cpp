#include "core/health/sampled_readings.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace engine {
namespace {

constexpr Duration kPatienceAtEnd = std::chrono::milliseconds{200};

}  // namespace

SampledReadings::SampledReadings(LinuxReader::Places places, Timers& timers, Inbox& inbox)
    : timers_(timers),
      inbox_(inbox),
      shared_(new Shared{LinuxReader(std::move(places))}),
      latest_(shared_->reader.read(timers.clock())) {
  timer_ = timers_.every(kPeriod, [this] { sample(); });
}

SampledReadings::~SampledReadings() {
  timers_.cancel(timer_);
  worker_.finish(kPatienceAtEnd);
  shared_->closed = true;
}

void SampledReadings::sample() {
  if (std::exchange(reading_, true)) return;  // The one before still hangs.
  boost::asio::post(*worker_.queue(), [this, shared = shared_, &inbox = inbox_] {
    const SystemClock clock;
    SystemReading reading = shared->reader.read(clock);
    if (shared->closed) return;
    inbox.post([this, shared, reading = std::move(reading)] {
      if (shared->closed) return;
      reading_ = false;
      latest_ = reading;
    });
  });
}

}  // namespace engine
