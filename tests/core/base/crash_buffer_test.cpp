#include "core/base/crash_buffer.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

using namespace engine;
using Strings = std::vector<std::string>;

namespace {

struct Fixture {
  test::TempFolder folder;  // Its name is nobody else's.
  const std::string name = CrashBuffer::name_for("engine-test", folder.path());

  CrashBuffer open() { return std::move(*CrashBuffer::open(name)); }
  ~Fixture() { ::shm_unlink(name.c_str()); }

  static Strings texts(const CrashBuffer& buffer) {
    Strings result;
    for (const auto& record : buffer.records()) result.push_back(record.bytes);
    return result;
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "crash buffer: what one leaves, the next finds") {
  {
    CrashBuffer buffer = open();
    CHECK(buffer.empty());
    buffer.append("one");
    const auto two = buffer.append("two");
    buffer.append(std::string("\0three", 6));
    buffer.erase(*two);
    CHECK_FALSE(buffer.append(""));
  }
  CrashBuffer next = open();
  CHECK(texts(next) == Strings{"one", std::string("\0three", 6)});
  next.append("four");
  CHECK(texts(open()) == Strings{"one", std::string("\0three", 6), "four"});
  next.clear();
  CHECK(texts(open()).empty());
  next.remove();
  CHECK(open().empty());
}

TEST_CASE_METHOD(Fixture, "crash buffer: it grows, and has an end") {
  CrashBuffer buffer = open();
  const std::string mebibyte(1 << 20, 'x');
  size_t count = 0;
  while (buffer.append(mebibyte)) ++count;
  CHECK(count == 63);
  CHECK(buffer.append("small"));
  CHECK(buffer.records().size() == count + 1);
  CHECK(open().records().size() == count + 1);
  buffer.clear();
  CHECK(buffer.append(mebibyte));
  CHECK_FALSE(buffer.append(std::string(CrashBuffer::kMost, 'x')));
}

TEST_CASE_METHOD(Fixture, "crash buffer: what somebody else has written there is not read") {
  const std::string garbage =
      GENERATE(std::string(), std::string("rubbish"), std::string(100'000, '\xff'),
               "cshbuf01" + std::string(100'000, '\xff'));
  const int fd = ::shm_open(name.c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(::write(fd, garbage.data(), garbage.size()) == static_cast<ssize_t>(garbage.size()));
  ::close(fd);
  CrashBuffer buffer = open();
  CHECK(buffer.records().empty());
  CHECK(buffer.append("mine"));
  CHECK(texts(open()) == Strings{"mine"});
}

TEST_CASE_METHOD(Fixture, "crash buffer: a name belongs to a file, not to its place") {
  CHECK(CrashBuffer::name_for("p", folder.path()) == CrashBuffer::name_for("p", folder.path()));
  test::TempFolder other;
  CHECK(CrashBuffer::name_for("p", folder.path()) != CrashBuffer::name_for("p", other.path()));
  CHECK_FALSE(CrashBuffer::open("no/such/place"));
}
