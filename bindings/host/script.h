#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/host/fault.h"
#include "bindings/host/registrations.h"
#include "bindings/host/sandbox.h"
#include "bindings/host/services.h"
#include "bindings/host/slow_callbacks.h"
#include "bindings/host/watchdog.h"
#include "bindings/lua/ref.h"
#include "bindings/lua/vm.h"
#include "core/base/result.h"
#include "core/base/uuid.h"

namespace engine {

struct ScriptOptions {
  size_t memory_cap_bytes = 32 * 1024 * 1024;
  // What one callback may take; the main chunk too.
  std::chrono::milliseconds budget{500};
  // Where `require` looks, after the script's own folder. The engine's library is among them.
  std::vector<std::string> library_folders = {};
  bool repeatable = false;  // As in SandboxOptions.
};

// Which callback is about to run, for faults.
struct CallContext {
  const char* callback;
  std::string_view detail = {};
  std::string_view topic = {};
  const lua::Ref* function = nullptr;  // The script's function, where it is known.

  // "mqtt.subscribe room1/+"
  std::string name() const;
};

// One version of one script file: a VM of its own and what it has registered. Dropping it releases
// everything. Engine thread only; must not be destroyed while its own code runs (see `busy`).
class Script {
 public:
  // Who watches over a script; all of it outlives it.
  struct Supervision {
    Watchdog& watchdog;
    SlowCallbacks& slow;
    std::function<void(const Fault&)> on_fault;
  };
  // Without `jit`, everything is interpreted: what does not return can be stopped with its line.
  Script(Services& services, const ScriptOptions& options, std::string path,
         Supervision supervision, bool jit = true);
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // Compiles and runs the main chunk, everything staged. Fails with file, line and reason.
  // `former_state` is what `encoded_state` of the version before gave.
  // `prepare` may add to what the script will find.
  Result<void> load(std::string_view source, const std::string& former_state,
                    const std::function<void(lua_State*)>& prepare = nullptr);
  // Makes what is staged effective, taking over what `former` has of the same key.
  void commit(Script* former);
  // Does what the main chunk asked for (publishing, starting scenes); once, after `commit`.
  void perform_staged() { registrations_.perform_staged(); }
  // Keeps only what running performances made for themselves: the rest belongs to the successor
  // now.
  void retire() { registrations_.release(Registrations::Which::retired); }

  // The table `state`, serialised; keys whose values cannot be are left out and named in `dropped`.
  std::string encoded_state(std::vector<std::string>& dropped);

  // Runs `body` protected: it may use the Lua API freely, lua_call included. False after an error,
  // which has been reported as a fault.
  bool run(const CallContext& context, const std::function<void(lua_State*)>& body);

  // As `run`, for code of somebody who reads what went wrong: it is returned, without traceback,
  // and is no fault, unless the script is broken by it.
  Result<void> try_run(const CallContext& context, const std::function<void(lua_State*)>& body);

  // A fault that the script's own code has caught; `text` may carry a traceback.
  void report(const CallContext& context, const std::string& text);

  // Which of the author's functions (or coroutines) at `index` runs within the callback, for the
  // log of slow ones.
  void enter(lua_State* L, int index);

  const std::string& path() const { return path_; }
  // The file name without folder and extension.
  std::string name() const;
  // A new identifier; in rehearsals the same ones each time.
  std::string uuid() { return uuids_.next(); }
  // Files read by `require`, the script's own not among them.
  const std::set<std::string>& dependencies() const { return dependencies_; }
  Registrations& registrations() { return registrations_; }
  Services& services() { return services_; }
  size_t memory_used() const { return vm_.memory_used(); }
  bool busy() const { return depth_ > 0; }
  // It should be started again: it did not return and could only be stopped by force, or ran out of
  // memory while a scene of its ran.
  bool broken() const { return broken_; }
  // It is broken, and its VM had to be given up: nothing of it runs any more.
  bool abandoned() const { return vm_.abandoned(); }

  // Of the script whose function runs. Every function of ours has it as first upvalue.
  static Script& of(lua_State* L);

 private:
  // The error with its traceback, if there was one.
  std::optional<std::string> attempt(const CallContext& context,
                                     const std::function<void(lua_State*)>& body);
  Result<void> run_main_chunk(std::string_view source);
  void decode_state(const std::string& encoded);
  void report_if_slow(const CallContext& context, Duration took);

  Services& services_;
  const std::string path_;
  const Supervision supervision_;
  const bool jit_;
  std::set<std::string> dependencies_;
  const SandboxOptions sandbox_;
  Uuids uuids_;
  lua::Vm vm_;
  int depth_ = 0;
  bool broken_ = false;         // What it holds may be in disorder.
  bool stop_reported_ = false;  // Something has been, since the last call began.
  std::string entered_;         // File and line of what `enter` told of in this callback.
  // After the VM: released before it closes.
  lua::Ref trampoline_;
  lua::Ref traceback_;
  Registrations registrations_;
};

// A Lua function that the runtime may call: keeps it alive, belongs to its script.
class Callback {
 public:
  Callback(Script& script, lua_State* L, int index)
      : script_(&script), function_(std::make_shared<lua::Ref>(L, index)) {}

  // `push` puts the arguments on the stack and says how many.
  bool operator()(const CallContext& context, const std::function<int(lua_State*)>& push) const {
    const auto keep = function_;  // The callback may cancel itself.
    CallContext with_function = context;
    with_function.function = keep.get();
    return script_->run(with_function, [&](lua_State* L) {
      keep->push(L);
      lua::call(L, push(L), 0);
    });
  }

 private:
  Script* script_;
  std::shared_ptr<lua::Ref> function_;
};

}  // namespace engine
