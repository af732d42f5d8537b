#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "bindings/host/library_function.h"
#include "core/app/commands/commands.h"
#include "core/app/library_folder.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

// engine import FILE [-o OUT]
class ImportCommand final : public Subcommand {
 public:
  const char* name() const override { return "import"; }
  const char* summary() const override {
    return "Turns a scene of the museum controller (JSON) into a Lua scene";
  }

  void declare(CLI::App& app) override {
    app.add_option("file", file_, "The JSON file")->type_name("FILE");
    app.add_option("-o,--output", output_, "The Lua file to write; else it is printed")
        ->type_name("FILE");
  }

  int run() override {
    if (file_.empty()) return refuse("import: which file? (see engine --help)");
    std::ifstream file(file_, std::ios::binary);
    if (!file) return refuse(file_ + ": cannot be read");
    const std::string json{std::istreambuf_iterator<char>(file), {}};
    const auto lua = call_library({library_folder().string()}, "engine.import_museum", "convert",
                                  {json, fs::path(file_).stem().string()});
    if (!lua) return refuse(file_ + ": " + lua.error().message);
    if (!output_.empty()) return write(*lua);
    std::cout << *lua;
    return 0;
  }

 private:
  int write(const std::string& lua) const {
    if (fs::exists(output_)) return refuse(output_ + ": exists already, and is not overwritten");
    std::ofstream out(output_, std::ios::binary);
    if (!(out << lua << std::flush)) return refuse(output_ + ": cannot be written");
    return 0;
  }

  std::string file_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Subcommand> import_command() { return std::make_unique<ImportCommand>(); }

}  // namespace engine
