#include "bindings/lua/pool.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "bindings/lua/low_memory.h"

namespace engine::lua {
namespace {

constexpr size_t kChunkSize = 4096 - sizeof(void*);  // With the allocator's own word, a page.

}  // namespace

Pool::Pool(size_t most) : most_chunks_(most / kChunkSize), large_{&large_, &large_} {}

Pool::~Pool() {
  while (chunks_) low_resize(std::exchange(chunks_, chunks_->next), 0);
  for (Large* block = large_.next; block != &large_;) {
    low_resize(std::exchange(block, block->next), 0);
  }
}

void* Pool::resize(void* block, size_t old_size, size_t new_size) {
  if (!block) return new_size > 0 ? take(new_size) : nullptr;
  if (new_size == 0) {
    give_back(block, old_size);
    return nullptr;
  }
  if (is_small(old_size) && is_small(new_size) && grains(old_size) == grains(new_size)) {
    return block;
  }
  if (!is_small(old_size) && !is_small(new_size)) {
    return resize_large(static_cast<Large*>(block) - 1, new_size);
  }
  void* const moved = take(new_size);
  if (!moved) return new_size < old_size ? block : nullptr;
  std::memcpy(moved, block, std::min(old_size, new_size));
  give_back(block, old_size);
  return moved;
}

void* Pool::take(size_t size) {
  return is_small(size) ? take_small(grains(size)) : resize_large(nullptr, size);
}

void Pool::give_back(void* block, size_t size) {
  if (is_small(size)) {
    Free*& first = free_[grains(size)];
    first = new (block) Free{first};
    return;
  }
  Large* const large = static_cast<Large*>(block) - 1;
  large->next->previous = large->previous;
  large->previous->next = large->next;
  low_resize(large, 0);
}

void* Pool::take_small(size_t count) {
  if (Free* const block = free_[count]) {
    free_[count] = block->next;
    return block;
  }
  if (fresh_grains_ < count && !add_chunk()) return nullptr;
  fresh_grains_ -= count;
  return std::exchange(fresh_, fresh_ + count * kGrain);
}

bool Pool::add_chunk() {
  if (chunk_count_ == most_chunks_) return false;
  auto* const chunk = static_cast<Chunk*>(low_resize(nullptr, kChunkSize));
  if (!chunk) return false;
  ++chunk_count_;
  // Less than was asked for, so it is small.
  if (fresh_grains_ > 0) give_back(fresh_, fresh_grains_ * kGrain);
  chunk->next = chunks_;
  chunks_ = chunk;
  fresh_ = reinterpret_cast<std::byte*>(chunk + 1);
  fresh_grains_ = (kChunkSize - sizeof(Chunk)) / kGrain;
  return true;
}

void* Pool::resize_large(Large* block, size_t new_size) {
  auto* const moved = static_cast<Large*>(low_resize(block, sizeof(Large) + new_size));
  if (!moved) return nullptr;
  if (!block) {
    moved->next = large_.next;
    moved->previous = &large_;
  }
  moved->next->previous = moved;
  moved->previous->next = moved;
  return moved + 1;
}

}  // namespace engine::lua
