// A configuration file: whatever it holds, there is a configuration, or errors that say where.
#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/config/load.h"
#include "tests/fuzz/input_file.h"
#include "tests/support/changed_keys.h"

namespace engine::fuzz {
namespace {

using test::changed_keys;

tl::expected<Config, ConfigErrors> load(const InputFile& file) {
  return load_config({.file = file.path(), .settings = {}, .environment = [](const std::string&) {
                        return std::nullopt;
                      }});
}

void check_errors(const ConfigErrors& errors) {
  expect(!errors.empty(), "a refusal says why");
  for (const Error& error : errors) {
    expect(error.message.size() > 3, "an error has words", error.message);
    expect(is_utf8(error.message), "an error is text", printable(error.message));
  }
}

}  // namespace

void one_input(std::string_view input) {
  const InputFile file(input);
  const auto config = load(file);
  if (!config) return check_errors(config.error());

  // What a running engine would tell of it is a configuration that says the same.
  const auto changed = changed_keys(*config);
  const InputFile again(fmt::format("{}\n", fmt::join(changed, "\n")));
  const auto second = load(again);
  if (changed.empty()) return;
  expect(second.has_value(), "changed keys can be read", second ? "" : second.error()[0].message);
  expect(changed_keys(*second) == changed, "changed keys stay",
         fmt::format("{}", fmt::join(changed, "\n")));
}

}  // namespace engine::fuzz
