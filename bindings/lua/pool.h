#pragma once

#include <array>
#include <cstddef>

namespace engine::lua {

// The memory of one VM. What is small (nearly all that Lua makes) lies in chunks without a header
// of its own, which a malloc would need for each; what is large stands alone. All of it is given
// back with the pool, chunks not before: they are used again by the same VM, for blocks of the same
// size. Engine thread only.
class Pool {
 public:
  // Chunks take `most` bytes at most.
  explicit Pool(size_t most);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // As lua_Alloc: null when there is no memory (never when a block becomes smaller), 0 frees.
  void* resize(void* block, size_t old_size, size_t new_size);

 private:
  static constexpr size_t kGrain = 8;
  static constexpr size_t kLargestSmall = 512;

  struct Chunk {
    Chunk* next;
  };
  struct Free {
    Free* next;
  };
  // Heads a large block, and links it with the others.
  struct Large {
    Large* next;
    Large* previous;
  };

  static bool is_small(size_t size) { return size <= kLargestSmall; }
  static size_t grains(size_t size) { return (size + kGrain - 1) / kGrain; }

  void* take(size_t size);
  void give_back(void* block, size_t size);
  void* take_small(size_t count);
  bool add_chunk();
  void* resize_large(Large* block, size_t new_size);

  std::array<Free*, kLargestSmall / kGrain + 1> free_{};  // By their size in grains.
  const size_t most_chunks_;
  size_t chunk_count_ = 0;
  Chunk* chunks_ = nullptr;
  std::byte* fresh_ = nullptr;  // What of the newest chunk was never used.
  size_t fresh_grains_ = 0;
  Large large_;  // The ring's own link.
};

}  // namespace engine::lua
