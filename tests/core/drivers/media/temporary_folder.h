#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace engine::test {

// Gone with all in it at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(::mkdtemp(std::string("/tmp/engine-test-XXXXXX").data())) {}
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void add(const std::string& name, const std::string& content = "") {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

 private:
  const std::filesystem::path path_;
};

}  // namespace engine::test
