#pragma once

#include <setjmp.h>

#include <atomic>
#include <cstddef>
#include <string>

#include "bindings/lua/lua.h"
#include "bindings/lua/pool.h"

namespace engine::lua {

// One LuaJIT virtual machine whose memory is capped: an allocation beyond the cap fails as a Lua
// "not enough memory" error, and the VM works on afterwards. What runs in it can be stopped from a
// signal handler: by `request_stop`, and where that has no effect by `try_abandon`.
class Vm {
 public:
  explicit Vm(size_t memory_cap_bytes);
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  // The VM that L belongs to.
  static Vm& of(lua_State* L);

  lua_State* state() { return state_; }
  size_t memory_used() const { return used_; }
  size_t memory_cap() const { return cap_; }

  // As lua_pcall, for a C++ function; also returns kAbandoned.
  int call(int arguments, int results, int handler);
  static constexpr int kAbandoned = -1;

  // Left in the middle of its work by `try_abandon`: nothing of it may be used any more. Its memory
  // is given back, except for machine code (64 kB or more).
  bool abandoned() const { return abandoned_; }

  enum class Stop {
    once,    // The script may still clear up: the error comes again only after a while.
    for_all  // At every instruction, so that no pcall in the script keeps it.
  };
  // From now on: `reason` (which must outlive the stop) becomes an error at the next instruction
  // that is interpreted, or at the end of the next function of ours; until `end_stop`. Safe in a
  // signal handler of the thread that runs the VM.
  void request_stop(const char* reason, Stop how);
  // The error that was raised first, with its place and traceback; empty if none was.
  std::string end_stop();

  // In such a signal handler: leaves the VM at once, `call` returns kAbandoned. Returns only if C++
  // code of ours is at work, which must not be cut off.
  void try_abandon();

  // While it lives, code of ours runs that must not be cut off.
  class NativeSection {
   public:
    explicit NativeSection(Vm& vm) : vm_(vm), before_(vm.set_native(true)) {}
    ~NativeSection() { vm_.set_native(before_); }
    NativeSection(const NativeSection&) = delete;
    NativeSection& operator=(const NativeSection&) = delete;

   private:
    Vm& vm_;
    const bool before_;
  };
  // While it lives, what runs may be cut off: scripts, with nothing of C++ above them that has a
  // destructor.
  class ScriptSection {
   public:
    explicit ScriptSection(Vm& vm) : vm_(vm), before_(vm.set_native(false)) {}
    ~ScriptSection() { vm_.set_native(before_); }
    ScriptSection(const ScriptSection&) = delete;
    ScriptSection& operator=(const ScriptSection&) = delete;

   private:
    Vm& vm_;
    const bool before_;
  };

  // For the end of every function of ours: raises the error of a requested stop, and leaves a VM
  // that has been abandoned in a call below. Does not return in either case.
  void check_stop(lua_State* L) {
    if (stop_reason_.load(std::memory_order_relaxed) || abandoned_) stop(L);
  }
  // Only what must not return into an abandoned VM.
  void leave_if_abandoned();

 private:
  // One `call` that is under way.
  struct Frame {
    sigjmp_buf sentinel;
    Frame* outer;
    bool native;
  };

  static void* allocate(void* self, void* block, size_t old_size, size_t new_size);
  static void hook(lua_State* L, lua_Debug* at);
  static int guarded_pcall(Frame& frame, lua_State* L, int arguments, int results, int handler);
  bool set_native(bool native) {
    const bool before = native_.load(std::memory_order_relaxed);
    native_.store(native, std::memory_order_relaxed);
    return before;
  }
  void stop(lua_State* L);
  [[noreturn]] void raise_stop(lua_State* L, int level);

  const size_t cap_;
  size_t used_ = 0;
  Pool pool_;  // Of an abandoned VM too: it gives all of it back.
  Frame* frame_ = nullptr;
  bool abandoned_ = false;
  std::string stop_error_;  // Once it has been raised.
  // Read by a signal handler of the same thread.
  std::atomic<bool> native_{true};
  std::atomic<bool> allocating_{false};
  std::atomic<const char*> stop_reason_{nullptr};
  std::atomic<bool> stop_for_all_{false};
  lua_State* state_;
};

// lua_call for a function of a script: it may be cut off.
inline void call(lua_State* L, int arguments, int results) {
  const Vm::ScriptSection section(Vm::of(L));
  lua_call(L, arguments, results);
}

}  // namespace engine::lua
