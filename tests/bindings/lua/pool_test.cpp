#include "bindings/lua/pool.h"

#include <cstring>
#include <random>
#include <vector>

#include "tests/support/catch.h"

using engine::lua::Pool;

namespace {

struct Block {
  unsigned char* bytes = nullptr;
  size_t size = 0;
  unsigned char mark = 0;
};

void resize(Pool& pool, Block& block, size_t size) {
  block.bytes = static_cast<unsigned char*>(pool.resize(block.bytes, block.size, size));
  block.size = size;
}

void fill(Block& block) { std::memset(block.bytes, block.mark, block.size); }

bool intact(const Block& block, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    if (block.bytes[i] != block.mark) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("pool: a block keeps its content through every size") {
  Pool pool;
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
  Pool pool;
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
  Pool pool;
  for (const size_t size : {16, 40, 512}) {
    void* const first = pool.resize(nullptr, 0, size);
    pool.resize(first, size, 0);
    CHECK(pool.resize(nullptr, 0, size) == first);
  }
}

TEST_CASE("pool: nothing is made of nothing") {
  Pool pool;
  CHECK(pool.resize(nullptr, 0, 0) == nullptr);
}
