#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "core/app/commands/commands.h"
#include "core/app/library_folder.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

struct Part {
  const char* from;  // In scripts/new_site.
  const char* to;    // In the site's folder.
  const char* what;
};

constexpr Part kParts[] = {
    {"engine.toml", "engine.toml", "the configuration"},
    {"scenes/first.lua", "scenes/first.lua", "a scene"},
    {"scenes/first_test.lua", "scenes/first_test.lua", "its test"},
    {"media/README.md", "media/README.md", "here go sound and video"},
    {"README.md", "README.md", "how to run, edit and test"},
    {"luarc.json", ".luarc.json", "for editors with the Lua language server"},
    {"gitignore", ".gitignore", "for git"},
};

// The folder's name as a site's name: letters, digits, _ - and . are what it may have.
std::string site_name(const fs::path& folder) {
  std::string name = folder.filename().string();
  bool any = false;
  for (char& c : name) {
    const bool alphanumeric = std::isalnum(static_cast<unsigned char>(c)) != 0;
    any |= alphanumeric;
    if (!alphanumeric && c != '-' && c != '.') c = '_';
  }
  return any ? name : "site";
}

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (size_t at = 0; (at = text.find(word, at)) != text.npos; at += by.size()) {
    text.replace(at, word.size(), by);
  }
  return text;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  if (!(file << text << std::flush))
    throw std::runtime_error(path.string() + ": cannot be written");
}

// As one word of a shell's command line.
std::string quoted(const std::string& word) {
  constexpr const char* kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./+:@";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return word;
  return "'" + replaced(word, "'", R"('\'')") + "'";
}

// What to type for this program: its name when the shell finds it by that, else its path.
std::string command_name() {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  const char* path = std::getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code error;
    if (fs::equivalent(fs::path(folder) / program.filename(), program, error)) {
      return program.filename().string();
    }
  }
  return quoted(program.string());
}

// engine new DIR
class NewCommand final : public Subcommand {
 public:
  const char* name() const override { return "new"; }
  const char* summary() const override { return "Makes a site folder that runs at once"; }

  void declare(CLI::App& app) override {
    app.add_option("dir", folder_, "The folder to make, or an empty one")->type_name("DIR");
  }

  int run() override {
    if (folder_.empty()) return refuse("new: which folder? (see engine new --help)");
    if (fs::exists(folder_)) {
      if (!fs::is_directory(folder_)) return refuse(folder_ + ": is not a folder");
      if (!fs::is_empty(folder_))
        return refuse(folder_ + ": is not empty, and nothing is overwritten");
    }
    const fs::path library = library_folder();
    fs::path folder = fs::absolute(folder_).lexically_normal();
    if (folder.filename().empty()) folder = folder.parent_path();  // DIR/
    const std::string site = site_name(folder);
    const std::string types = nlohmann::json((library / "types").string()).dump();
    for (const Part& part : kParts) {
      const std::string text = replaced(read(library / "new_site" / part.from), "@SITE@", site);
      write(folder / part.to, replaced(text, "@TYPES@", types));
    }
    report(site);
    return 0;
  }

 private:
  void report(const std::string& site) const {
    std::cout << fmt::format("Made the site '{}' in {}:\n", site, folder_);
    for (const Part& part : kParts) std::cout << fmt::format("  {:<22} {}\n", part.to, part.what);
    const std::string engine = command_name();
    std::cout << fmt::format(
        "Next:\n  cd {}\n"
        "  {}    # plays scenes/first.lua; change it and save: the show follows\n"
        "  {} test scenes    # runs its test\n",
        quoted(folder_), engine, engine);
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<Subcommand> new_command() { return std::make_unique<NewCommand>(); }

}  // namespace engine
