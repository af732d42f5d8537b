#include "bindings/host/sandbox.h"

#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;

TEST_CASE_METHOD(ScriptFixture, "what reaches the machine is not there") {
  for (const char* name : {"io", "ffi", "package", "jit", "dofile", "loadfile", "module", "getfenv",
                           "setfenv", "newproxy", "os.execute", "os.remove", "os.exit", "os.getenv",
                           "debug.sethook", "debug.getregistry", "string.dump"}) {
    INFO(name);
    const auto path = write("probe.lua", std::string("assert(") + name + " == nil)");
    const auto loaded = host.add(path);
    CHECK(loaded);
    host.remove(path);
  }
}

TEST_CASE_METHOD(ScriptFixture, "libraries and modules are read-only") {
  load(
      "local function refused(fn) local ok, err = pcall(fn); assert(not ok); return err end\n"
      "assert(refused(function() string.rep = nil end):find('string is read%-only: cannot set "
      "rep'))\n"
      "refused(function() mqtt.publish = nil end)\n"
      "refused(function() config.site = 'x' end)\n"
      "refused(function() setmetatable(math, {}) end)\n"
      "refused(function() getmetatable('').__index = {} end)\n"
      "assert(('x'):rep(3) == 'xxx')\n");
}

TEST_CASE_METHOD(ScriptFixture, "load takes text only and keeps to the environment") {
  load(
      "assert(load('return 1 + 1')() == 2)\n"
      "assert(load('return io')() == nil)\n"
      "local fn, err = load('\\27LJ\\2')\n"
      "assert(fn == nil and err)\n");
}

TEST_CASE_METHOD(ScriptFixture, "require finds files in the script folders only") {
  write("mine.lua", "return {n = 1}");
  load(
      "assert(require('mine') == require('mine'))\n"
      "assert(require('mqtt') == mqtt)\n"
      "for _, bad in ipairs {'../etc/passwd', '/etc/passwd', 'a..b', '', '.a', 'a/b'} do\n"
      "  local ok, err = pcall(require, bad)\n"
      "  assert(not ok and err:find('module name'), bad)\n"
      "end\n"
      "local ok, err = pcall(require, 'no_such_module')\n"
      "assert(not ok and err:find(\"module 'no_such_module' not found\"))\n"
      "assert(not pcall(require, 'ffi') and not pcall(require, 'io'))\n");
}

TEST_CASE_METHOD(ScriptFixture,
                 "modules that require each other in a ring are an error, not a hang") {
  write("ring_a.lua", "return require 'ring_b'");
  write("ring_b.lua", "return require 'ring_a'");
  CHECK(load_error("require 'ring_a'").find("requires itself") != std::string::npos);
}

TEST_CASE_METHOD(ScriptFixture, "an error in a required file names that file") {
  write("broken.lua", "local x = = 1");
  CHECK(load_error("require 'broken'").find("broken.lua:1:") != std::string::npos);
}
