-- What a script of the engine sees: LuaJIT, and the engine's modules.
stds.engine = {
  globals = { "state" },
  read_globals = {
    "mqtt", "timer", "devices", "feedback", "media", "log", "json", "config", "script", "stage",
  },
}
std = "luajit+engine"
max_line_length = 100
exclude_files = { "build" }
-- Type stubs declare functions without bodies.
files["scripts/types"] = { ignore = { "111", "112", "121", "122", "131", "212", "241" } }
-- What `engine test` gives the tests of a new site.
files["scripts/new_site"] = {
  read_globals = { "describe", "it", "before_each", "clock", "bus", "scene" },
}
