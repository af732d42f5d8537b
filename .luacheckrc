-- What a script of the engine sees: LuaJIT, and the engine's modules.
stds.engine = {
  globals = { "state" },
  read_globals = {
    "mqtt", "timer", "devices", "feedback", "media", "log", "json", "config", "script", "stage",
    "store", "system",
  },
}
std = "luajit+engine"
max_line_length = 100
exclude_files = { "build" }
-- Type stubs declare functions without bodies.
files["scripts/types"] = { ignore = { "111", "112", "121", "122", "131", "212", "241" } }
-- What `engine test` gives tests, and what its own library is given.
local in_tests = {
  "describe", "it", "before_each", "after_each", "clock", "bus", "scene", "faults",
}
files["**/*_test.lua"] = { read_globals = in_tests }
files["scripts/engine/test"] = { read_globals = { "rehearsal" } }
files["scripts/engine/test.lua"] = { read_globals = { "rehearsal" } }
