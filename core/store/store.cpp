#include "core/store/store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <ctime>
#include <future>
#include <initializer_list>
#include <utility>

namespace engine {
namespace {

constexpr Duration kRetryAfter = std::chrono::seconds{2};
constexpr Duration kPatienceAtEnd = std::chrono::seconds{5};
constexpr size_t kMostWaiting = 200'000;  // Statements, while the disk takes none.

std::filesystem::path with_suffix(const std::filesystem::path& file, const std::string& suffix) {
  return file.string() + suffix;
}

// Moves a damaged database out of the way, with what belongs to it; the new name, or nothing.
std::filesystem::path move_aside(const std::filesystem::path& file, WallTime now) {
  const std::string mark = fmt::format(".broken-{:%Y%m%d-%H%M%S}",
                                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  std::error_code error;
  for (const char* part : {"-wal", "-shm"}) {
    std::filesystem::rename(with_suffix(file, part), with_suffix(file, mark + part), error);
  }
  std::filesystem::rename(file, with_suffix(file, mark), error);
  return error ? std::filesystem::path{} : with_suffix(file, mark);
}

}  // namespace

// What the writing thread uses. A task that hangs in the system keeps it alive.
struct Store::Writer {
  Writer(Database opened, Inbox* answers) : database(std::move(opened)), inbox(answers) {}

  Result<void> carry_out(std::initializer_list<const Batch*> batches) {
    std::vector<Statement> statements;
    for (const Batch* batch : batches) {
      if (!batch) continue;
      for (const Entry& entry : *batch) {
        if (!entry.statement.sql.empty()) statements.push_back(entry.statement);
      }
    }
    auto result = statements.empty() ? Result<void>{} : database.execute(statements);
    failed = !result;
    return result;
  }
  void answer(Task task) {
    if (!inbox) return task();
    if (!closed) inbox->post(std::move(task));
  }

  Database database;
  Inbox* const inbox;
  std::atomic<bool> failed = false;  // The last one did.
  std::atomic<bool> closed = false;  // The store is gone, and the inbox may be.
};

Store::Store(Database database, std::filesystem::path file, Timers& timers, Inbox* inbox,
             Logs& logs)
    : timers_(timers),
      log_(logs.get("store")),
      file_(std::move(file)),
      writer_(std::make_shared<Writer>(std::move(database), inbox)),
      worker_(inbox ? std::make_unique<BackgroundWorker>() : nullptr) {}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& file, Timers& timers,
                                           Inbox& inbox, Logs& logs) {
  return open_any(file, timers, &inbox, logs);
}

Result<std::unique_ptr<Store>> Store::open_inline(const std::filesystem::path& file, Timers& timers,
                                                  Logs& logs) {
  return open_any(file, timers, nullptr, logs);
}

std::unique_ptr<Store> Store::in_memory(Timers& timers, Logs& logs) {
  auto database = Database::open(Database::kInMemory);
  if (!database) throw std::runtime_error("store: " + database.error().message);
  std::unique_ptr<Store> store(new Store(std::move(*database), {}, timers, nullptr, logs));
  store->outlives_us_ = false;
  return store;
}

Result<std::unique_ptr<Store>> Store::open_any(const std::filesystem::path& file, Timers& timers,
                                               Inbox* inbox, Logs& logs) {
  using Trouble = Database::Trouble;
  auto database = Database::open(file);
  auto& log = logs.get("store");
  if (!database && database.error().trouble == Trouble::broken) {
    const std::string why = database.error().message;
    const auto aside = move_aside(file, timers.clock().wall());
    if (!aside.empty()) {
      log.error("{}: {}; it was moved to {}, and the store starts anew", file.string(), why,
                aside.string());
      database = Database::open(file);
    }
  }
  if (database) {
    return std::unique_ptr<Store>(new Store(std::move(*database), file, timers, inbox, logs));
  }
  if (database.error().trouble == Trouble::newer) {
    return fail(fmt::format("{}: {}: run that one, or move the file away", file.string(),
                            database.error().message));
  }
  log.error("{}: {}; the show goes on, but nothing is kept beyond it", file.string(),
            database.error().message);
  return in_memory(timers, logs);
}

Store::~Store() {
  timers_.cancel(timer_);
  if (worker_) {
    // Whatever is in flight comes first, and once more if it fails: its answer is not heard now.
    const auto last = std::make_shared<const Batch>(std::move(waiting_));
    in_writer([writer = writer_, before = in_flight_, last, then = std::move(last_)] {
      if (!writer->carry_out({writer->failed ? before.get() : nullptr, last.get()})) return;
      for (const Task& task : then) task();
    });
    writer_->closed = true;
    worker_->finish(kPatienceAtEnd);
    if (writer_->failed) log_.error("the store could not be written at the end: the last is lost");
    return;
  }
  flush();
  if (failing_) return;
  for (const Task& task : last_) task();
}

void Store::in_writer(Task task) {
  if (!worker_) return task();
  boost::asio::post(*worker_->queue(), std::move(task));
}

void Store::write(Statement statement, const std::string& subject) {
  add(std::move(statement), subject);
  flush_within(kGather);
}

void Store::flush_within(Duration patience) {
  const SteadyTime by = timers_.clock().now() + patience;
  if (due_ && *due_ <= by) return;
  due_ = by;
  // The end of what is in flight, and the next try, come first.
  if (!in_flight_ && !(failing_ && timers_.active(timer_))) arm();
}

void Store::add(Statement statement, std::string subject) {
  if (!subject.empty()) {
    const auto [place, fresh] = by_subject_.try_emplace(subject, waiting_.size());
    if (!fresh) {
      waiting_[place->second] = {};
      place->second = waiting_.size();
    }
  }
  waiting_.push_back({std::move(statement), std::move(subject)});
}

void Store::arm() {
  timers_.cancel(timer_);
  const SteadyTime when = failing_ ? timers_.clock().now() + kRetryAfter : *due_;
  timer_ = timers_.at(when, [this] { flush(); });
}

void Store::flush() {
  if (in_flight_) return;
  on_flush.emit();
  timers_.cancel(timer_);
  due_.reset();
  if (waiting_.empty()) return;
  by_subject_.clear();
  std::erase_if(waiting_, [](const Entry& entry) { return entry.statement.sql.empty(); });
  in_flight_ = std::make_shared<const Batch>(std::exchange(waiting_, {}));
  ++next_batch_;
  in_writer([this, writer = writer_, batch = in_flight_] {
    auto result = writer->carry_out({batch.get()});
    writer->answer([this, result = std::move(result)] { written(result); });
  });
}

void Store::written(const Result<void>& result) {
  const auto batch = std::exchange(in_flight_, nullptr);
  if (result) {
    if (std::exchange(failing_, false)) {
      log_.info("the store can be written again");
      if (on_trouble) on_trouble("");
    }
    if (due_) arm();
    on_settled.emit(next_batch_ - 1, true);
    return;
  }
  if (!std::exchange(failing_, true)) {
    log_.error("the store cannot be written: {}; the show goes on, and it is tried again",
               result.error().message);
    if (on_trouble) on_trouble(result.error().message);
  }
  // What failed comes before what was written since, unless that replaces it.
  const Batch since = std::exchange(waiting_, {});
  by_subject_.clear();
  for (const Entry& entry : *batch) add(entry.statement, entry.subject);
  for (const Entry& entry : since) {
    if (!entry.statement.sql.empty()) add(entry.statement, entry.subject);
  }
  drop_surplus();
  arm();
}

void Store::drop_surplus() {
  if (waiting_.size() <= kMostWaiting) return;
  const size_t before = waiting_.size();
  // What the others refer to by their numbers has a subject: without it, points would be another
  // series' after the next start.
  std::erase_if(waiting_, [](const Entry& entry) { return entry.subject.empty(); });
  const bool all = waiting_.size() > kMostWaiting;
  if (all) waiting_.clear();
  log_.error("the store: {} changes that could not be written are given up",
             before - waiting_.size());
  by_subject_.clear();
  for (Entry& entry : std::exchange(waiting_, {})) {
    add(std::move(entry.statement), std::move(entry.subject));
  }
  on_settled.emit(next_batch_, all);
}

Result<Database*> Store::reader() {
  if (!worker_) return &writer_->database;
  if (!reader_) {
    auto opened = Database::open_read_only(file_);
    if (!opened) return fail(fmt::format("{}: {}", file_.string(), opened.error().message));
    reader_ = std::move(*opened);
  }
  return &*reader_;
}

Store::Rows Store::load(const Statement& statement) {
  std::promise<Result<Rows>> promise;
  in_writer([&] { promise.set_value(writer_->database.query(statement)); });
  auto rows = promise.get_future().get();
  if (rows) return std::move(*rows);
  log_.error("the store cannot be read: {}", rows.error().message);
  return {};
}

}  // namespace engine
