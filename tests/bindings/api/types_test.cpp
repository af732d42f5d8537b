#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"
#include "tests/bindings/support/script_fixture.h"

using namespace engine;
using namespace engine::test;

namespace {

using Names = std::set<std::string>;

// "mqtt.subscribe" for each `function mqtt.subscribe(` in a file, "Handle:cancel" for methods.
void add_declared(const std::filesystem::path& file, Names& names) {
  static const std::regex kFunction(R"(^function (\w+[.:]\w+)\()");
  std::ifstream stub(file);
  REQUIRE(stub);
  std::smatch match;
  for (std::string line; std::getline(stub, line);) {
    if (std::regex_search(line, match, kFunction)) names.insert(match[1]);
  }
}

std::filesystem::path types() {
  return std::filesystem::path(ENGINE_SOURCE_DIR) / "scripts" / "types";
}

Names declared() {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator(types())) {
    if (entry.is_regular_file()) add_declared(entry.path(), names);
  }
  return names;
}

// The functions of the table on top of the stack.
void add_functions(lua_State* L, const std::string& prefix, Names& names) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (lua_isfunction(L, -1)) names.insert(prefix + lua_tostring(L, -2));
  }
}

// Leaves what stands behind the frozen table, or the methods of the metatable, on top of the stack.
bool push_index(lua_State* L) {
  if (!lua_getmetatable(L, -1)) return false;
  lua_getfield(L, -1, "__index");
  lua_remove(L, -2);
  if (lua_istable(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

void add_modules(lua_State* L, Names& names) {
  static const Names kLuas = {"string", "table", "math", "bit", "coroutine", "os", "debug"};
  push_environment(L);
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    const std::string name = lua_tostring(L, -2);
    if (!lua_istable(L, -1) || kLuas.count(name) > 0 || !push_index(L)) continue;
    add_functions(L, name + ".", names);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

void add_methods(lua_State* L, const char* metatable, const std::string& prefix, Names& names) {
  luaL_getmetatable(L, metatable);
  lua_getfield(L, -1, "__index");
  add_functions(L, prefix, names);
  lua_pop(L, 2);
}

Names without(const Names& from, const Names& those) {
  Names left;
  for (const std::string& name : from) {
    if (those.count(name) == 0) left.insert(name);
  }
  return left;
}

}  // namespace

TEST_CASE_METHOD(ScriptFixture, "types: the stubs declare what scripts find, and nothing else") {
  load("");
  Names found;
  host.find((folder / "test.lua").string())->run({"types"}, [&](lua_State* L) {
    add_modules(L, found);
    add_methods(L, "engine.handle", "Handle:", found);
    add_methods(L, "engine.stage.scene", "Scene:", found);
    add_methods(L, "engine.performance", "Performance:", found);
  });
  REQUIRE(found.count("mqtt.subscribe") == 1);
  CHECK(without(found, declared()) == Names{});
  CHECK(without(declared(), found) == Names{});
}

TEST_CASE_METHOD(ScriptFixture, "types: the stub of a story declares what a story can say") {
  load(
      "for name, value in pairs(require('engine.scene.waits').Teller) do\n"
      "  if type(value) == 'function' then mqtt.publish('s', name) end\n"
      "end");
  Names found{"scene.find"};
  for (const std::string& line : taken()) found.insert("Story:" + line.substr(2));
  Names stub;
  add_declared(types() / "engine" / "scene.lua", stub);
  CHECK(found == stub);
}

TEST_CASE("types: every stub names itself as one") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(types())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stub(entry.path());
    std::string line;
    std::getline(stub, line);
    INFO(entry.path());
    CHECK(line.starts_with("---@meta"));
  }
}
