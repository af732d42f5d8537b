#pragma once

#include <string>
#include <vector>

#include "core/store/runs.h"
#include "core/store/time_series.h"
#include "tests/support/captured_logs.h"
#include "tests/support/catch.h"
#include "tests/support/temp_folder.h"

namespace engine::test {

// A store in a file, in virtual time; it is 1,700,000,000 when each test begins.
struct HistoryFixture {
  static constexpr double kNow = 1.7e9;

  TempFolder folder;
  CapturedLogs logs;
  VirtualClock clock;
  Timers timers{clock};
  const std::filesystem::path file = folder / "store.sqlite";

  std::unique_ptr<Store> open() { return open(file); }
  std::unique_ptr<Store> open(const std::filesystem::path& path) {
    auto store = Store::open_inline(path, timers, logs);
    INFO((store ? std::string{} : store.error().message));
    REQUIRE(store);
    return std::move(*store);
  }
  void tick(Duration by) { advance(clock, timers, by); }

  // What a power cut now would leave: the files as they are.
  std::unique_ptr<Store> after_a_power_cut() {
    const std::filesystem::path copy = folder / ("copy" + std::to_string(++copies_));
    std::filesystem::create_directory(copy);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      if (entry.is_regular_file()) std::filesystem::copy(entry.path(), copy);
    }
    return open(copy / "store.sqlite");
  }
  // As another program sees it.
  static int64_t count(Store& store, const std::string& table) {
    return std::get<int64_t>(store.load({"SELECT count(*) FROM " + table, {}}).at(0).at(0));
  }

 private:
  int copies_ = 0;
};

}  // namespace engine::test
