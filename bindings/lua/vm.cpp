#include "bindings/lua/vm.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <utility>

namespace engine::lua {
namespace {

constexpr int kInstructionsToClearUp = 100'000;

// What small blocks may take of the process, as a part of what may be in use: those of a size of
// which there once were many stay in the pool.
constexpr size_t kPoolOfCap = 2;

// Only reached when C++ calls Lua unprotected, which is a defect of ours.
int panic(lua_State* L) {
  const char* text = lua_tostring(L, -1);
  std::fprintf(stderr, "engine: unprotected Lua error: %s\n", text ? text : "?");
  std::abort();
}

// `file:line: ` of the innermost Lua function from `level` on.
void push_place(lua_State* L, int level) {
  for (lua_Debug at = {}; lua_getstack(L, level, &at); ++level) {
    if (!lua_getinfo(L, "Sl", &at) || at.currentline <= 0) continue;
    lua_pushfstring(L, "%s:%d: ", at.short_src, at.currentline);
    return;
  }
  lua_pushliteral(L, "");
}

}  // namespace

Vm::Vm(size_t memory_cap_bytes)
    : cap_(memory_cap_bytes),
      pool_(kPoolOfCap * memory_cap_bytes),
      state_(lua_newstate(&Vm::allocate, this)) {
  if (!state_) throw std::bad_alloc();
  lua_atpanic(state_, panic);
}

Vm::~Vm() {
  if (!abandoned_) lua_close(state_);
}

Vm& Vm::of(lua_State* L) {
  void* self = nullptr;
  lua_getallocf(L, &self);
  return *static_cast<Vm*>(self);
}

void* Vm::allocate(void* self, void* block, size_t old_size, size_t new_size) {
  Vm& vm = *static_cast<Vm*>(self);
  const bool grows = new_size > old_size;
  if (grows && !vm.abandoned_ && vm.used_ + (new_size - old_size) > vm.cap_) return nullptr;
  vm.allocating_.store(true, std::memory_order_relaxed);
  void* const result = vm.pool_.resize(block, old_size, new_size);
  vm.allocating_.store(false, std::memory_order_relaxed);
  if (result || new_size == 0) vm.used_ += new_size - old_size;
  return result;
}

int Vm::call(int arguments, int results, int handler) {
  Frame frame{.sentinel = {}, .outer = frame_, .native = set_native(true)};
  frame_ = &frame;
  const int status = guarded_pcall(frame, state_, arguments, results, handler);
  frame_ = frame.outer;
  set_native(frame.native);
  if (status == kAbandoned) {
    // A function of ours further up may still push what it returns.
    lua_gc(state_, LUA_GCSTOP, 0);
    lua_settop(state_, 0);
  }
  return status;
}

// A function of its own: it has no locals that the jump could spoil.
int Vm::guarded_pcall(Frame& frame, lua_State* L, int arguments, int results, int handler) {
  if (sigsetjmp(frame.sentinel, 0) != 0) return kAbandoned;
  return lua_pcall(L, arguments, results, handler);
}

void Vm::request_stop(const char* reason, Stop how) {
  stop_for_all_.store(how == Stop::for_all, std::memory_order_relaxed);
  stop_reason_.store(reason, std::memory_order_relaxed);
  lua_sethook(state_, &Vm::hook, LUA_MASKCOUNT, 1);
}

std::string Vm::end_stop() {
  if (stop_reason_.exchange(nullptr, std::memory_order_relaxed) && !abandoned_) {
    lua_sethook(state_, nullptr, 0, 0);
  }
  return std::exchange(stop_error_, {});
}

void Vm::hook(lua_State* L, lua_Debug*) {
  Vm& vm = of(L);
  if (vm.stop_reason_.load(std::memory_order_relaxed)) vm.raise_stop(L, 0);
}

void Vm::raise_stop(lua_State* L, int level) {
  const bool for_all = stop_for_all_.load(std::memory_order_relaxed);
  lua_sethook(L, &Vm::hook, LUA_MASKCOUNT, for_all ? 1 : kInstructionsToClearUp);
  if (stop_error_.empty()) {
    push_place(L, level);
    lua_pushstring(L, stop_reason_.load(std::memory_order_relaxed));
    lua_concat(L, 2);
    luaL_traceback(L, L, lua_tostring(L, -1), level);
    stop_error_ = lua_tostring(L, -1);
  }
  lua_pushlstring(L, stop_error_.data(), stop_error_.size());
  lua_error(L);
  __builtin_unreachable();
}

void Vm::try_abandon() {
  if (!frame_ || native_.load(std::memory_order_relaxed) ||
      allocating_.load(std::memory_order_relaxed)) {
    return;
  }
  abandoned_ = true;
  siglongjmp(frame_->sentinel, 1);
}

void Vm::stop(lua_State* L) {
  leave_if_abandoned();
  if (stop_error_.empty() || stop_for_all_.load(std::memory_order_relaxed)) raise_stop(L, 1);
}

void Vm::leave_if_abandoned() {
  if (abandoned_ && frame_) siglongjmp(frame_->sentinel, 1);
}

}  // namespace engine::lua
