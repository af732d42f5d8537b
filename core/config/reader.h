#pragma once

#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace engine::config {

// Collects what is wrong with the values of one source (a file, or an option of the command line)
// while the schema reads them. Only the sources in this folder include this header.
class Reader {
 public:
  // `origin` is what messages begin with; `folder` is what relative paths are relative to, empty
  // for the current one; `positions` says whether line and column mean something to the user.
  Reader(std::string origin, std::filesystem::path folder, bool positions)
      : origin_(std::move(origin)), folder_(std::move(folder)), positions_(positions) {}

  // Adds `where: key: text`. `at` is the value, or the key, that is wrong.
  void refuse(const toml::source_region& at, std::string_view text);
  void refuse(const toml::node& value, std::string_view text) { refuse(value.source(), text); }
  // Adds `where: key: expected ..., found ...`.
  void expected(const toml::node& value, std::string_view what);

  std::filesystem::path resolve(const std::string& path) const;
  // `config/engine.toml:14:8`, or the option.
  std::string where(const toml::source_region& at) const;

  // The key that is being read, for messages; the steps of a list or table are added to it.
  class Step {
   public:
    Step(Reader& reader, std::string_view part) : reader_(reader), length_(reader.key_.size()) {
      reader_.key_ += part;
    }
    ~Step() { reader_.key_.resize(length_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    Reader& reader_;
    const size_t length_;
  };
  const std::string& key() const { return key_; }

  // In the order of the file.
  std::vector<Error> take_errors();

 private:
  struct Problem {
    toml::source_index line;
    toml::source_index column;
    std::string message;
  };
  const std::string origin_;
  const std::filesystem::path folder_;
  const bool positions_;
  std::string key_;
  std::vector<Problem> problems_;
};

// `the integer 99999`, `the text "no"`, `a list`: for messages.
std::string described(const toml::node& value);

}  // namespace engine::config
