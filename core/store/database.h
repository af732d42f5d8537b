#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace engine {

struct Blob {
  std::string bytes;
};
using SqlValue = std::variant<std::monostate, int64_t, double, std::string, Blob>;
using SqlRow = std::vector<SqlValue>;

struct Statement {
  std::string sql;
  std::vector<SqlValue> values;  // For the ? in it, in order.
};

// One SQLite connection. Calls may block on the disk. One thread at a time.
class Database {
 public:
  enum class Trouble {
    broken,    // Not a database, or a damaged one.
    newer,     // Written by a newer version of this program.
    older,     // By an older one, and only to be read.
    unusable,  // Permissions, disk full and the like.
  };
  struct OpenError {
    Trouble trouble;
    std::string message;
  };
  static constexpr const char* kInMemory = ":memory:";

  // Opens `file`, making it and bringing its schema up to date as needed. Write-ahead log, every
  // transaction synced.
  static tl::expected<Database, OpenError> open(const std::filesystem::path& file);
  // Opens a file that is there, and changes nothing in it, also while another connection writes.
  // Temporary tables can be made. An older schema is Trouble::older.
  static tl::expected<Database, OpenError> open_read_only(const std::filesystem::path& file);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // All of them, or none.
  Result<void> execute(const std::vector<Statement>& statements);
  Result<std::vector<SqlRow>> query(const Statement& statement);
  // Hands over one row at a time, without gathering them; false from `take` ends it.
  Result<void> each(const Statement& statement, const std::function<bool(SqlRow)>& take);

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Database(sqlite3* connection);
  static tl::expected<Database, OpenError> connect(const std::filesystem::path& file, int flags);

  Result<void> run(const std::string& sql);
  Result<void> step(const Statement& statement);
  Result<sqlite3_stmt*> prepare(const Statement& statement);
  tl::expected<void, OpenError> set_up();
  tl::expected<void, OpenError> migrate();
  tl::expected<size_t, OpenError> version();
  // What went wrong last.
  tl::unexpected<Error> error() const;
  OpenError open_error() const;

  std::unique_ptr<sqlite3, Close> connection_;
  std::map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>> prepared_;
};

}  // namespace engine
