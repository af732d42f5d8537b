#include "core/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "core/store/schema.h"

namespace engine {
namespace {

constexpr int kBusyMilliseconds = 2000;  // Somebody looks into the file with the sqlite3 program.

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

int bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
  return std::visit(
      Overloaded{[&](std::monostate) { return sqlite3_bind_null(statement, index); },
                 [&](int64_t number) { return sqlite3_bind_int64(statement, index, number); },
                 [&](double number) { return sqlite3_bind_double(statement, index, number); },
                 [&](const std::string& text) {
                   return sqlite3_bind_text64(statement, index, text.data(), text.size(),
                                              SQLITE_STATIC, SQLITE_UTF8);
                 },
                 [&](const Blob& blob) {
                   return sqlite3_bind_blob64(statement, index, blob.bytes.data(),
                                              blob.bytes.size(), SQLITE_STATIC);
                 }},
      value);
}

SqlValue column(sqlite3_stmt* statement, int index) {
  const auto bytes = [&](const void* data) {
    const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, index));
    return data ? std::string(static_cast<const char*>(data), size) : std::string{};
  };
  switch (sqlite3_column_type(statement, index)) {
    case SQLITE_INTEGER:
      return static_cast<int64_t>(sqlite3_column_int64(statement, index));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, index);
    case SQLITE_TEXT:
      return bytes(sqlite3_column_text(statement, index));
    case SQLITE_BLOB:
      return Blob{bytes(sqlite3_column_blob(statement, index))};
    default:
      return std::monostate{};
  }
}

Database::Trouble trouble_of(int code) {
  const int primary = code & 0xff;
  const bool broken = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
  return broken ? Database::Trouble::broken : Database::Trouble::unusable;
}

}  // namespace

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
void Database::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Database::Database(sqlite3* connection) : connection_(connection) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

tl::expected<Database, Database::OpenError> Database::connect(const std::filesystem::path& file,
                                                              int flags) {
  sqlite3* connection = nullptr;
  const int opened =
      sqlite3_open_v2(file.c_str(), &connection, flags | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(connection);
  if (!connection) return tl::unexpected(OpenError{Trouble::unusable, "not enough memory"});
  if (opened != SQLITE_OK) return tl::unexpected(database.open_error());
  sqlite3_busy_timeout(connection, kBusyMilliseconds);
  return database;
}

tl::expected<Database, Database::OpenError> Database::open(const std::filesystem::path& file) {
  auto database = connect(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!database) return database;
  if (auto ready = database->set_up(); !ready) return tl::unexpected(ready.error());
  return database;
}

tl::expected<Database, Database::OpenError> Database::open_read_only(
    const std::filesystem::path& file) {
  auto database = connect(file, SQLITE_OPEN_READONLY);
  if (!database) return database;
  const auto version = database->version();
  if (!version) return tl::unexpected(version.error());
  if (*version < kMigrations.size()) {
    return tl::unexpected(OpenError{
        Trouble::older, fmt::format("it was written by an older engine (schema {}; this one reads "
                                    "{}), and is brought up to date when the engine starts",
                                    *version, kMigrations.size())});
  }
  if (!database->run("PRAGMA temp_store = MEMORY")) return tl::unexpected(database->open_error());
  return database;
}

tl::expected<void, Database::OpenError> Database::set_up() {
  // Nothing to save yet: without a journal in a file, the disk is waited for once and not four
  // times.
  const auto pages = query({"PRAGMA page_count", {}});
  const auto* count = pages ? std::get_if<int64_t>(&pages->at(0).at(0)) : nullptr;
  if (count && *count == 0) (void)run("PRAGMA journal_mode = MEMORY");
  if (!run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY")) {
    return tl::unexpected(open_error());
  }
  const auto checked = query({"PRAGMA quick_check(1)", {}});
  if (!checked) return tl::unexpected(open_error());
  const auto* verdict = std::get_if<std::string>(&checked->at(0).at(0));
  if (!verdict || *verdict != "ok") {
    return tl::unexpected(OpenError{Trouble::broken, verdict ? *verdict : "it is damaged"});
  }
  return migrate();
}

tl::expected<size_t, Database::OpenError> Database::version() {
  const auto rows = query({"PRAGMA user_version", {}});
  if (!rows) return tl::unexpected(open_error());
  const auto version = static_cast<size_t>(std::get<int64_t>(rows->at(0).at(0)));
  if (version <= kMigrations.size()) return version;
  return tl::unexpected(OpenError{
      Trouble::newer, fmt::format("it was written by a newer engine (schema {}; this one knows "
                                  "1 to {})",
                                  version, kMigrations.size())});
}

tl::expected<void, Database::OpenError> Database::migrate() {
  const auto found = version();
  if (!found) return tl::unexpected(found.error());
  if (*found == kMigrations.size()) return {};
  std::string steps;
  for (size_t next = *found; next < kMigrations.size(); ++next) steps += kMigrations[next];
  // All at once: each transaction would wait for the disk.
  const auto done = run(fmt::format("BEGIN IMMEDIATE; {} PRAGMA user_version = {}; COMMIT", steps,
                                    kMigrations.size()));
  if (!done) return tl::unexpected(open_error());
  return {};
}

Result<void> Database::execute(const std::vector<Statement>& statements) {
  if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
  Result<void> done;
  for (const Statement& statement : statements) {
    done = step(statement);
    if (!done) break;
  }
  if (done) done = run("COMMIT");
  if (!done && !sqlite3_get_autocommit(connection_.get())) {
    sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return done;
}

Result<std::vector<SqlRow>> Database::query(const Statement& statement) {
  std::vector<SqlRow> rows;
  const auto done = each(statement, [&](SqlRow row) {
    rows.push_back(std::move(row));
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return rows;
}

Result<void> Database::each(const Statement& statement, const std::function<bool(SqlRow)>& take) {
  const auto prepared = prepare(statement);
  if (!prepared) return tl::unexpected(prepared.error());
  int code = SQLITE_ROW;
  bool more = true;
  while (more && (code = sqlite3_step(*prepared)) == SQLITE_ROW) {
    SqlRow row;
    for (int i = 0; i < sqlite3_column_count(*prepared); ++i) row.push_back(column(*prepared, i));
    more = take(std::move(row));
  }
  Result<void> done;
  if (code != SQLITE_DONE && code != SQLITE_ROW) done = error();
  sqlite3_reset(*prepared);
  return done;
}

Result<void> Database::step(const Statement& statement) {
  return each(statement, [](const SqlRow&) { return true; });
}

Result<void> Database::run(const std::string& sql) {
  const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error();
  return {};
}

Result<sqlite3_stmt*> Database::prepare(const Statement& statement) {
  auto& prepared = prepared_[statement.sql];
  if (!prepared) {
    sqlite3_stmt* fresh = nullptr;
    sqlite3_prepare_v2(connection_.get(), statement.sql.c_str(), -1, &fresh, nullptr);
    prepared.reset(fresh);
    if (!fresh) return error();
  }
  sqlite3_reset(prepared.get());
  for (size_t i = 0; i < statement.values.size(); ++i) {
    const int index = static_cast<int>(i) + 1;
    if (bind(prepared.get(), index, statement.values[i]) != SQLITE_OK) return error();
  }
  return prepared.get();
}

tl::unexpected<Error> Database::error() const {
  return engine::fail(sqlite3_errmsg(connection_.get()));
}

Database::OpenError Database::open_error() const {
  return {trouble_of(sqlite3_extended_errcode(connection_.get())),
          sqlite3_errmsg(connection_.get())};
}

}  // namespace engine
