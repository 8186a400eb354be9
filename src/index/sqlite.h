#pragma once

// SQLite, as much of it as the index needs: a connection, prepared statements, errors as values.
// Nothing outside index/ includes this.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace baton::index {

// A prepared statement. Bind, step, read; `reset` is done by the next `bind_all`.
//
// `bind` copies texts and blobs, `run` (bind and step to the end at once) does not.
class Statement {
 public:
  Statement() = default;
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;

  bool prepared() const { return handle_ != nullptr; }

  template <class... Args>
  Statement& bind(const Args&... args) {
    return bind_all(true, args...);
  }
  void bind_one(int at, int64_t value);
  void bind_one(int at, int value) { bind_one(at, static_cast<int64_t>(value)); }
  void bind_one(int at, uint64_t value) { bind_one(at, static_cast<int64_t>(value)); }
  void bind_one(int at, bool value) { bind_one(at, static_cast<int64_t>(value)); }
  void bind_one(int at, std::string_view text);
  void bind_one(int at, const std::string& text) { bind_one(at, std::string_view(text)); }
  void bind_one(int at, const char* text) { bind_one(at, std::string_view(text)); }
  void bind_one(int at, const ObjectId& id);  // empty: NULL
  void bind_one(int at, std::nullptr_t);
  template <class T>
  void bind_one(int at, const std::optional<T>& value) {
    if (value) {
      bind_one(at, *value);
    } else {
      bind_one(at, nullptr);
    }
  }

  // The next row; false at the end.
  Result<bool> step();
  // Binds, and runs to the end.
  template <class... Args>
  Status run(const Args&... args) {
    bind_all(false, args...);
    while (TRY(step())) {
    }
    reset();
    return {};
  }
  void reset();

  bool is_null(int column) const;
  int64_t integer(int column) const;
  int small(int column) const { return static_cast<int>(integer(column)); }
  std::string_view text(int column) const;  // until the next step
  std::string str(int column) const { return std::string(text(column)); }
  ObjectId object(int column) const;
  std::optional<int> optional_int(int column) const;

 private:
  friend class Database;
  template <class... Args>
  Statement& bind_all(bool copy, const Args&... args) {
    reset();
    copy_ = copy;
    int at = 0;
    (bind_one(++at, args), ...);
    return *this;
  }
  sqlite3_stmt* handle_ = nullptr;
  bool copy_ = true;
};

class Database {
 public:
  Database() = default;
  ~Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  Database(const Database&) = delete;

  enum class Mode { read_write_create, read_only, memory };
  static Result<Database> open(const std::string& path, Mode mode);

  bool is_open() const { return handle_ != nullptr; }
  // One or more statements without results.
  Status execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // The statement of this text, kept for the connection's life. `sql` must be a literal: it is
  // known by its address. Never hold two uses of the same one.
  Result<Statement*> cached(const char* sql);
  // First column of the first row, or `otherwise`.
  Result<int64_t> integer(const char* sql, int64_t otherwise = 0);
  int64_t last_row_id() const;
  int changes() const;
  // Copies the whole database that the other connection sees into this one.
  Status copy_from(Database& other);
  void close();

 private:
  sqlite3* handle_ = nullptr;
  std::vector<std::pair<const char*, std::unique_ptr<Statement>>> cache_;
};

// SQLite's message as an error: ErrorKind::damage if the database is broken, ErrorKind::limit if
// another process holds it, else ErrorKind::io.
Error sqlite_error(sqlite3* handle, int code);
// Whether an error says that the index itself is broken (and should be made anew).
bool is_damaged_index(const Error& error);

}  // namespace baton::index
