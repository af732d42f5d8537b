#include "bindings/rehearsal/check/dry_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <utility>

#include "bindings/host/sandbox.h"
#include "bindings/host/script.h"
#include "bindings/lua/vm.h"
#include "bindings/rehearsal/check/locate.h"

namespace engine::checking {
namespace {

constexpr int kMostErrors = 100;  // Of one file.
constexpr size_t kCompilerMemory = 256 * 1024 * 1024;

// `path:12: text`, wherever in an error such a place is.
struct Placed {
  std::string path;
  int line = 1;
  std::string text;
};

// Lua shortens long paths from the left: `...scenes/ghost.lua`.
bool is_path(const std::string& shown, const std::string& path) {
  return shown == path || (shown.starts_with("...") && path.ends_with(shown.substr(3)));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::optional<Placed> place_at_begin(const std::string& text) {
  static const std::regex kPlace(R"(^(.+?\.lua):(\d+): ([^]*))");
  std::smatch match;
  if (!std::regex_match(text, match, kPlace)) return std::nullopt;
  return Placed{match[1], std::stoi(match[2]), first_line(match[3])};
}

// An error in the engine's library that a script's call has led to: at that call.
std::optional<Placed> place_in_traceback(const std::string& text, const std::string& path) {
  static const std::regex kFrame(R"(\n\s*([^\n]+?\.lua):(\d+): in )");
  for (std::sregex_iterator it(text.begin(), text.end(), kFrame), end; it != end; ++it) {
    if (is_path((*it)[1], path)) return Placed{path, std::stoi((*it)[2]), first_line(text)};
  }
  return std::nullopt;
}

// The place of a load error: in the script, or in a file of the user's that it requires.
Placed place_of(std::string text, const std::string& path, const std::set<std::string>& required) {
  if (text.starts_with(path + ": ")) text.erase(0, path.size() + 2);
  auto placed = place_at_begin(text);
  if (placed && is_path(placed->path, path)) return {path, placed->line, placed->text};
  for (const std::string& file : required) {
    if (placed && is_path(placed->path, file)) return {file, placed->line, placed->text};
  }
  if (auto called = place_in_traceback(text, path)) return *called;
  return {path, 1, first_line(text)};
}

Finding error_at(const std::string& file, Position at, std::string code, std::string message) {
  return {file, at, Finding::Severity::error, std::move(code), std::move(message)};
}

void leave_out(std::string& source, std::pair<size_t, size_t> range) {
  for (size_t i = range.first; i < range.second; ++i) {
    if (source[i] != '\n') source[i] = ' ';
  }
}

void add_names(lua_State* L, std::set<std::string>& names) {
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) == LUA_TSTRING) names.insert(lua_tostring(L, -2));
  }
}

// The fields of the frozen module on top of the stack.
std::optional<std::set<std::string>> fields_of(lua_State* L) {
  if (!lua_istable(L, -1) || !lua_getmetatable(L, -1)) return std::nullopt;
  lua_getfield(L, -1, "__index");
  std::optional<std::set<std::string>> fields;
  if (lua_istable(L, -1)) add_names(L, fields.emplace());
  lua_pop(L, 2);
  return fields;
}

Environment environment_of(Script& script) {
  Environment environment;
  script.run({"check"}, [&](lua_State* L) {
    push_environment(L);
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
      if (lua_type(L, -2) == LUA_TSTRING) environment[lua_tostring(L, -2)] = fields_of(L);
    }
  });
  environment["config"] = environment["state"] = std::nullopt;  // Their fields are the user's.
  return environment;
}

std::vector<SceneInfo> scenes_of(const Rehearsal& rehearsal) {
  std::vector<SceneInfo> scenes;
  for (Stage::Listed& scene : rehearsal.stage.list()) scenes.push_back(std::move(scene.info));
  return scenes;
}

// The engine's own library comes last among the folders.
bool is_library(const std::string& file, const std::string& folder) {
  return file.starts_with(folder + "/");
}

// What became of one try.
struct Attempt {
  std::optional<Placed> error;
  Environment environment;
  std::vector<SceneInfo> scenes;
};

Attempt attempt(const std::string& path, const std::string& source, const CheckOptions& options) {
  Attempt done;
  Logs silent(std::vector<spdlog::sink_ptr>{});
  Rehearsal rehearsal(silent, options.rehearsal);
  Watchdog watchdog(options.rehearsal.scripts.budget);
  SlowCallbacks slow(rehearsal.clock, silent, Duration::max());
  Script script(rehearsal.services, options.rehearsal.scripts, path,
                {watchdog, slow, [](const Fault&) {}});
  const auto loaded = script.load(source, "");
  if (loaded) {
    script.commit(nullptr);
  } else {
    std::set<std::string> own = script.dependencies();
    std::erase_if(own, [&](const std::string& file) {
      return is_library(file, options.rehearsal.scripts.library_folders.back());
    });
    done.error = place_of(loaded.error().message, path, own);
  }
  done.scenes = scenes_of(rehearsal);
  done.environment = environment_of(script);
  return done;
}

// Whether an option is missed that we have left out ourselves.
bool speaks_of(const std::string& text, const std::set<std::string>& options) {
  return std::any_of(options.begin(), options.end(), [&](const std::string& option) {
    return text.find(": " + option + ": ") != text.npos;
  });
}

// `cue 4` is what was the fourth cue before others were left out.
std::string as_numbered(std::string text, const Place& place, const Outline& original) {
  const size_t number = number_of(original, place.element_at);
  const size_t at = place.element.empty() ? text.npos : text.find(place.element + ":");
  if (number == 0 || at == text.npos) return text;
  const std::string word = place.element.substr(0, place.element.find(' '));
  return text.replace(at, place.element.size(), fmt::format("{} {}", word, number));
}

// The place of a syntax error: where our own parser stops too, else the token it is "near".
Position syntax_position(const Outline& outline, const Placed& placed) {
  if (outline.broken_at && outline.broken_at->line == placed.line) return *outline.broken_at;
  std::smatch match;
  Position at{placed.line, 1};
  if (!std::regex_search(placed.text, match, std::regex(R"(near '(.*)'$)"))) {
    return locate(outline, placed.line, placed.text).at;
  }
  for (const Token& token : outline.tokens) {
    if (token.at.line == placed.line && token.text == match[1]) at = token.at;
    if (token.kind == Token::Kind::end && match[1] == "<eof>") at = token.at;
  }
  return at;
}

}  // namespace

std::vector<Finding> check_syntax(const std::string& path, const std::string& source) {
  lua::Vm vm(kCompilerMemory);
  const std::string chunk_name = "@" + path;
  if (luaL_loadbufferx(vm.state(), source.data(), source.size(), chunk_name.c_str(), "t") == 0) {
    return {};
  }
  const char* text = lua_tostring(vm.state(), -1);
  const Placed placed = place_of(text ? text : "cannot be compiled", path, {});
  const Position at = syntax_position(outline(source), placed);
  return {error_at(path, at, "syntax", placed.text)};
}

DryLoad dry_load(const std::string& path, const std::string& source, const CheckOptions& options) {
  DryLoad result;
  result.findings = check_syntax(path, source);
  if (!result.findings.empty()) return result;
  const Outline original = outline(source);
  const Environment engines = attempt(path, "", options).environment;
  std::string rest = source;
  std::set<std::string> left_out;
  for (int errors = 0; errors < kMostErrors; ++errors) {
    Attempt done = attempt(path, rest, options);
    result.environment = engines;
    result.environment.merge(done.environment);
    result.scenes = std::move(done.scenes);
    if (!done.error) break;
    const Placed& error = *done.error;
    if (error.path != path) {  // The file that is required is to be mended.
      result.findings.push_back(error_at(error.path, {error.line, 1}, "load", error.text));
      break;
    }
    const Place place = locate(outline(rest), error.line, error.text);
    if (!speaks_of(error.text, left_out)) {
      result.findings.push_back(
          error_at(path, place.at, "load", as_numbered(error.text, place, original)));
    }
    if (!place.culprit) break;
    leave_out(rest, *place.culprit);
    if (!place.key.empty()) left_out.insert(place.key);
  }
  return result;
}

}  // namespace engine::checking
