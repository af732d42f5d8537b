#include "core/app/commands/test_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

namespace engine {
namespace {

std::string indented(const std::string& text, const std::string& by) {
  std::string lines = by;
  for (const char c : text) {
    lines += c;
    if (c == '\n') lines += by;
  }
  return lines;
}

std::string counted(size_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

class PlainReport final : public TestReport {
 public:
  PlainReport(std::ostream& out, bool terminal, bool colours)
      : out_(out), terminal_(terminal), colours_(colours) {}

  void begin(size_t tests) override { tests_ = tests; }

  void add(const TestResult& result) override {
    ++done_;
    if (!result.failures.empty()) failed_.push_back(result);
    if (terminal_) {
      draw_bar(result);
    } else {
      out_ << (result.failures.empty() ? "." : "F") << (done_ % 80 == 0 ? "\n" : "") << std::flush;
    }
  }

  void end() override {
    if (terminal_) out_ << "\r\x1b[K";
    if (!terminal_ && done_ % 80 != 0) out_ << "\n";
    for (const TestResult& result : failed_) write_failure(result);
    const std::string tests = counted(tests_, "test");
    if (failed_.empty()) {
      out_ << in_colour("32", tests + " passed");
    } else {
      out_ << in_colour("1;31", fmt::format("{} of {} failed", failed_.size(), tests));
    }
    if (terminal_) {
      const auto took = std::chrono::steady_clock::now() - began_;
      out_ << fmt::format(" in {:.2f} s", std::chrono::duration<double>(took).count());
    }
    out_ << "\n";
  }

 private:
  void draw_bar(const TestResult& result) {
    constexpr size_t kWidth = 30;
    const size_t full = tests_ > 0 ? done_ * kWidth / tests_ : 0;
    out_ << fmt::format("\r\x1b[K[{}{}] {}/{} {}", std::string(full, '='),
                        std::string(kWidth - full, ' '), done_, tests_, result.name.substr(0, 40))
         << std::flush;
  }

  void write_failure(const TestResult& result) {
    out_ << in_colour("1;31", "FAILED") << " " << result.file << ": " << result.name << "\n";
    for (const std::string& failure : result.failures) out_ << indented(failure, "  ") << "\n";
    if (!result.log.empty()) out_ << "  log:\n";
    for (const std::string& line : result.log) out_ << indented(line, "    ") << "\n";
    out_ << "\n";
  }

  std::string in_colour(const char* colour, const std::string& text) const {
    return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : text;
  }

  std::ostream& out_;
  const bool terminal_;
  const bool colours_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  size_t tests_ = 0;
  size_t done_ = 0;
  std::vector<TestResult> failed_;
};

class TapReport final : public TestReport {
 public:
  explicit TapReport(std::ostream& out) : out_(out) {}

  void begin(size_t tests) override { out_ << "TAP version 14\n1.." << tests << "\n"; }
  void add(const TestResult& result) override {
    out_ << (result.failures.empty() ? "ok " : "not ok ") << ++done_ << " - " << result.file << ": "
         << escaped(result.name) << "\n";
    if (result.failures.empty()) return;
    out_ << "  ---\n";
    for (const std::string& failure : result.failures) {
      out_ << "  message: |\n" << indented(failure, "    ") << "\n";
    }
    out_ << "  ...\n" << std::flush;
  }
  void end() override {}

 private:
  // `#` begins a directive.
  static std::string escaped(const std::string& name) {
    std::string text;
    for (const char c : name) text += c == '#' ? "\\#" : c == '\n' ? " " : std::string(1, c);
    return text;
  }

  std::ostream& out_;
  size_t done_ = 0;
};

class JunitReport final : public TestReport {
 public:
  explicit JunitReport(std::ostream& out) : out_(out) {}

  void begin(size_t) override {}
  void add(const TestResult& result) override {
    if (suites_.empty() || suites_.back().front().file != result.file) suites_.emplace_back();
    suites_.back().push_back(result);
  }
  void end() override {
    out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto& suite : suites_) write(suite);
    out_ << "</testsuites>\n";
  }

 private:
  void write(const std::vector<TestResult>& suite) {
    const auto failed = std::count_if(suite.begin(), suite.end(), [](const TestResult& result) {
      return !result.failures.empty();
    });
    double seconds = 0;
    for (const TestResult& result : suite) seconds += result.seconds;
    const std::string file = escaped(suite.front().file);
    out_ << fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" time=\"{:.3f}\">\n",
                        file, suite.size(), failed, seconds);
    for (const TestResult& result : suite) {
      out_ << fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", file,
                          escaped(result.name), result.seconds);
      if (result.failures.empty()) {
        out_ << "/>\n";
        continue;
      }
      const std::string& first = result.failures.front();
      out_ << fmt::format(">\n      <failure message=\"{}\">",
                          escaped(first.substr(0, first.find('\n'))));
      for (const std::string& failure : result.failures) out_ << escaped(failure) << "\n";
      out_ << "</failure>\n    </testcase>\n";
    }
    out_ << "  </testsuite>\n";
  }

  static std::string escaped(const std::string& text) {
    static const std::map<char, const char*> kEntities = {
        {'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}};
    std::string safe;
    for (const char c : text) {
      const auto entity = kEntities.find(c);
      const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
      safe += control ? "?" : entity == kEntities.end() ? std::string(1, c) : entity->second;
    }
    return safe;
  }

  std::ostream& out_;
  std::vector<std::vector<TestResult>> suites_;
};

}  // namespace

std::unique_ptr<TestReport> plain_report(std::ostream& out, bool terminal, bool colours) {
  return std::make_unique<PlainReport>(out, terminal, colours);
}
std::unique_ptr<TestReport> tap_report(std::ostream& out) {
  return std::make_unique<TapReport>(out);
}
std::unique_ptr<TestReport> junit_report(std::ostream& out) {
  return std::make_unique<JunitReport>(out);
}

}  // namespace engine
