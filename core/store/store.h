#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/background_worker.h"
#include "core/base/inbox.h"
#include "core/base/logging.h"
#include "core/base/result.h"
#include "core/base/signal.h"
#include "core/base/timers.h"
#include "core/store/database.h"

namespace engine {

// What must outlive the engine: one SQLite file per site. Writes are gathered and carried out
// together, one transaction each time, at most `kGather` after the first and never on the engine
// thread; so a kill -9 loses less than a second and damages nothing. A disk that cannot be written
// is said once and tried again, while the show goes on. Logs to `store`. Engine thread only.
class Store {
 public:
  static constexpr Duration kGather = std::chrono::milliseconds{100};

  // On `file`, with a thread of its own that answers through `inbox`. A damaged file is moved
  // aside; one that cannot be had at all leaves a store that forgets: both are logged. Fails only
  // on a file of a newer version.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& file, Timers& timers,
                                             Inbox& inbox, Logs& logs);
  // The same without a thread, carried out where it is called: for tests and rehearsals.
  static Result<std::unique_ptr<Store>> open_inline(const std::filesystem::path& file,
                                                    Timers& timers, Logs& logs);
  // Forgets everything with its end.
  static std::unique_ptr<Store> in_memory(Timers& timers, Logs& logs);

  // Writes what is pending.
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Carries the statement out soon. One of the same `subject` that still waits is forgotten: only
  // the last one counts. Empty: it stands for itself.
  void write(Statement statement, const std::string& subject = {});
  // Carries out what has been gathered within `patience`, or as soon as what is being carried out
  // is done.
  void flush_within(Duration patience);
  // Hands over what has been gathered, without waiting for the time to pass.
  void flush();
  // Before what has been gathered is carried out: for those who hold back what may settle itself
  // meanwhile. What they write now goes into the same transaction.
  Signal<> on_flush;

  using Rows = std::vector<SqlRow>;
  // What the file holds, waiting for it: for the start of the program. What still waits to be
  // written is not in it. Nothing when it cannot be read, which is logged.
  Rows load(const Statement& statement);

  // Called when writing begins to fail, with why, and when it works again, with nothing. May be
  // empty.
  std::function<void(const std::string& trouble)> on_trouble;
  // Another connection to the same, for questions while the program runs: the writing is not waited
  // for. Fails when the file cannot be read.
  Result<Database*> reader();
  // The number of the batch that what is written now belongs to; batches are carried out in the
  // order of their numbers.
  uint64_t batch() const { return next_batch_; }
  // Everything written while `batch()` was at most this number is in the file, or, when no disk
  // takes it, given up; without `all` what has a subject is not, and still waits.
  Signal<uint64_t, bool> on_settled;

  // Called, on some thread, when this has ended and all of it is in the file.
  void after_last_write(std::function<void()> task) { last_.push_back(std::move(task)); }

  // Empty when it is in memory.
  const std::filesystem::path& file() const { return file_; }
  // False for one that forgets everything with its end.
  bool outlives_us() const { return outlives_us_; }
  size_t pending() const { return waiting_.size(); }

 private:
  struct Writer;
  using Task = std::function<void()>;

  Store(Database database, std::filesystem::path file, Timers& timers, Inbox* inbox, Logs& logs);
  static Result<std::unique_ptr<Store>> open_any(const std::filesystem::path& file, Timers& timers,
                                                 Inbox* inbox, Logs& logs);

  // Sets the timer for the next flush.
  void arm();
  // Runs on the writer's thread, if there is one.
  void in_writer(Task task);
  void add(Statement statement, std::string subject);
  void written(const Result<void>& result);
  // History first, then everything.
  void drop_surplus();

  Timers& timers_;
  spdlog::logger& log_;
  const std::filesystem::path file_;
  const std::shared_ptr<Writer> writer_;
  std::optional<Database> reader_;            // None yet, or inline: the writer's serves.
  std::unique_ptr<BackgroundWorker> worker_;  // None: inline.

  struct Entry {
    Statement statement;
    std::string subject;
  };
  using Batch = std::vector<Entry>;
  Batch waiting_;  // Replaced ones have no SQL.
  std::unordered_map<std::string, size_t> by_subject_;
  std::shared_ptr<const Batch> in_flight_;
  std::optional<SteadyTime> due_;  // When what is gathered has to be carried out.
  uint64_t next_batch_ = 1;
  TimerId timer_;
  std::vector<Task> last_;
  bool failing_ = false;
  bool outlives_us_ = true;
};

}  // namespace engine
