#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "bindings/rehearsal/test_file.h"

namespace engine {

// How the outcome of `engine test` is written. Without a terminal, two runs of the same tests write
// the same.
class TestReport {
 public:
  virtual ~TestReport() = default;
  virtual void begin(size_t tests) = 0;
  virtual void add(const TestResult& result) = 0;
  virtual void end() = 0;
};

// For people: with a progress bar and colours on a terminal, else with a dot for each test.
std::unique_ptr<TestReport> plain_report(std::ostream& out, bool terminal, bool colours);
// Test Anything Protocol, version 14 (testanything.org), with YAML blocks for failures.
std::unique_ptr<TestReport> tap_report(std::ostream& out);
// JUnit's XML, as CI servers read it; times are those of the virtual clock.
std::unique_ptr<TestReport> junit_report(std::ostream& out);

}  // namespace engine
