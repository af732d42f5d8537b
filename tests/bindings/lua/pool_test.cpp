#include "bindings/lua/pool.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "tests/support/catch.h"

using engine::lua::Pool;

namespace {

constexpr size_t kMuch = 64 << 20;

struct Block {
  unsigned char* bytes = nullptr;
  size_t size = 0;
  unsigned char mark = 0;
};

void resize(Pool& pool, Block& block, size_t size) {
  block.bytes = static_cast<unsigned char*>(pool.resize(block.bytes, block.size, size));
  block.size = size;
}

void fill(Block& block) {
  if (block.size > 0) std::memset(block.bytes, block.mark, block.size);
}

bool intact(const Block& block, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (block.bytes[i] != block.mark) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("pool: a block keeps its content through every size") {
  Pool pool(kMuch);
  Block block{.mark = 7};
  for (const size_t size : {1, 8, 9, 500, 512, 513, 100'000, 512, 8, 4000, 3}) {
    const size_t kept = std::min(block.size, size);
    resize(pool, block, size);
    REQUIRE(block.bytes);
    CHECK(reinterpret_cast<uintptr_t>(block.bytes) % 8 == 0);
    CHECK(intact(block, kept));
    fill(block);
  }
}

TEST_CASE("pool: blocks do not touch each other") {
  Pool pool(kMuch);
  std::mt19937 random(1);
  std::vector<Block> blocks(300);
  for (size_t i = 0; i < blocks.size(); ++i) blocks[i].mark = static_cast<unsigned char>(i + 1);
  for (int turn = 0; turn < 20'000; ++turn) {
    Block& block = blocks[random() % blocks.size()];
    const size_t size = random() % 4 == 0 ? 0 : random() % (random() % 8 == 0 ? 5000 : 600);
    const size_t kept = std::min(block.size, size);
    resize(pool, block, size);
    REQUIRE(intact(block, kept));
    fill(block);
  }
  for (const Block& block : blocks) CHECK(intact(block, block.size));
}

TEST_CASE("pool: what was freed is used again") {
  Pool pool(kMuch);
  for (const size_t size : {16, 40, 512}) {
    void* const first = pool.resize(nullptr, 0, size);
    pool.resize(first, size, 0);
    CHECK(pool.resize(nullptr, 0, size) == first);
  }
}

TEST_CASE("pool: nothing is made of nothing") {
  Pool pool(kMuch);
  CHECK(pool.resize(nullptr, 0, 0) == nullptr);
}

TEST_CASE("pool: sizes that change do not add up without end") {
  Pool pool(1 << 20);
  for (size_t size = 16; size <= 512; size += 16) {
    std::vector<void*> blocks;
    for (size_t i = 0; i < 500'000 / size; ++i) {
      if (void* const block = pool.resize(nullptr, 0, size)) blocks.push_back(block);
    }
    if (size == 16) CHECK(blocks.size() == 500'000 / size);
    if (size == 512) CHECK(blocks.size() < 500'000 / size);
    for (void* const block : blocks) pool.resize(block, size, 0);
  }
}

TEST_CASE("pool: its addresses are such as LuaJIT can use on every machine") {
  Pool pool(kMuch);
  for (const size_t size : {16, 4000, 100'000, 10'000'000}) {
    CHECK(reinterpret_cast<uintptr_t>(pool.resize(nullptr, 0, size)) >> 47 == 0);
  }
}
