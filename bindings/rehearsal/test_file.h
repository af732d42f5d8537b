#pragma once

#include <string>
#include <vector>

#include "bindings/rehearsal/rehearsal.h"
#include "core/base/result.h"

namespace engine {

struct TestResult {
  std::string file;
  std::string name;                   // Of every `describe` around it, and its own.
  std::vector<std::string> failures;  // Empty: it passed. With file and line, several lines each.
  std::vector<std::string> log;       // The last lines that were logged.
  double seconds = 0;                 // On the virtual clock.
};

// One x_test.lua. For every test it is loaded anew into a rehearsal of its own, and its neighbour
// x.lua, if there is one, beside it.
class TestFile {
 public:
  TestFile(std::string path, Rehearsal::Options options)
      : path_(std::move(path)), options_(std::move(options)) {}

  // The names of its tests, in order. Fails with file, line and reason when it does not load.
  Result<std::vector<std::string>> tests() const;
  // `number` counts from 0.
  TestResult run(size_t number) const;

 private:
  const std::string path_;
  const Rehearsal::Options options_;
};

}  // namespace engine
