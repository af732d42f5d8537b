#include "core/mqtt/crash_copy.h"

#include <algorithm>
#include <map>
#include <memory>

namespace engine {

CrashCopy::CrashCopy(Store& store, spdlog::logger& log) : store_(store), log_(log) {
  if (store_.file().empty()) return;  // It ends with us.
  const std::string name = CrashBuffer::name_for("engine-queue", store.file());
  for (const char* half : {"-a", "-b"}) {
    auto buffer = CrashBuffer::open(name + half);
    if (!buffer) {
      log_.warn("{}: a kill -9 can cost what was queued in the last 0.1 s", buffer.error().message);
      halves_.clear();
      return;
    }
    halves_.push_back({.buffer = std::move(*buffer), .positions = {}});
  }
  settling_ = store_.on_settled.connect([this](uint64_t batch, bool all) {
    if (all) settled(batch);
  });
}

CrashCopy::~CrashCopy() {
  store_.on_settled.disconnect(settling_);
  if (halves_.empty()) return;
  auto halves = std::make_shared<std::vector<Half>>(std::move(halves_));
  store_.after_last_write([halves] {
    for (Half& half : *halves) half.buffer.remove();
  });
}

std::vector<KeptMessage> CrashCopy::load() {
  std::vector<KeptMessage> found;
  for (Half& half : halves_) {
    for (const CrashBuffer::Record& record : half.buffer.records()) {
      auto kept = decode_kept(record.bytes);
      if (!kept) continue;
      half.positions.emplace_back(kept->id, record.position);
      ++half.live;
      found.push_back(std::move(*kept));
    }
    if (half.live == 0) half.clear();
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return found;
}

void CrashCopy::add(uint64_t id, int64_t wall_ms, const Publication& publication) {
  if (halves_.empty()) return;
  Half& half = halves_.front();
  const auto position = half.buffer.append(encode(id, wall_ms, publication));
  if (!position) {
    warn_once("there is no more of it");
    return;
  }
  half.positions.emplace_back(id, *position);
  ++half.live;
}

void CrashCopy::erase(uint64_t id) {
  for (Half& half : halves_) {
    if (half.erase(id)) return;
  }
}

void CrashCopy::handed_over(uint64_t batch) {
  if (halves_.empty()) return;
  for (Half& half : halves_) {
    if (!half.buffer.has_name() && !half.renew()) warn_once("its name was removed");
  }
  if (halves_[1].live == 0) {
    std::swap(halves_[0], halves_[1]);
    halves_[0].clear();
    halves_[1].batch.reset();
  }
  if (!halves_[1].batch) halves_[1].batch = batch;
}

void CrashCopy::settled(uint64_t batch) {
  Half& half = halves_[1];
  if (half.batch && *half.batch <= batch) half.clear();
}

void CrashCopy::warn_once(const char* why) {
  if (std::exchange(warned_, true)) return;
  log_.warn("shared memory: {}: a kill -9 can cost what is not on the disk yet", why);
}

bool CrashCopy::Half::renew() {
  auto fresh = CrashBuffer::open(buffer.name());
  if (!fresh) return false;
  fresh->clear();
  std::map<CrashBuffer::Position, std::string> records;
  for (auto& record : buffer.records()) records.emplace(record.position, std::move(record.bytes));
  for (auto& [id, position] : positions) {
    if (position != 0) position = fresh->append(records[position]).value_or(0);
  }
  buffer = std::move(*fresh);
  return true;
}

void CrashCopy::Half::clear() {
  if (!buffer.empty()) buffer.clear();
  positions.clear();
  live = 0;
  batch.reset();
}

bool CrashCopy::Half::erase(uint64_t id) {
  const auto found = std::lower_bound(positions.begin(), positions.end(), std::pair{id, size_t{0}});
  if (found == positions.end() || found->first != id || found->second == 0) return false;
  buffer.erase(found->second);
  found->second = 0;
  if (--live == 0) clear();
  return true;
}

}  // namespace engine
