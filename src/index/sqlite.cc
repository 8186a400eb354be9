#include "index/sqlite.h"

#include <sqlite3.h>

#include <algorithm>

namespace baton::index {
namespace {

constexpr std::string_view kDamagePrefix = "the index is damaged";

}  // namespace

Error sqlite_error(sqlite3* handle, int code) {
  std::string message = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // a table or column is missing: not our schema
    case SQLITE_MISMATCH:
      return Error{ErrorKind::damage, std::string(kDamagePrefix) + ": " + message,
                   "run: baton reindex"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error{ErrorKind::limit, "the index is in use: " + message, ""};
    default:
      return Error{ErrorKind::io, "index: " + message, ""};
  }
}

bool is_damaged_index(const Error& error) {
  return error.kind == ErrorKind::damage && error.message.starts_with(kDamagePrefix);
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    sqlite3_finalize(handle_);
    handle_ = std::exchange(other.handle_, nullptr);
  }
  return *this;
}

void Statement::bind_one(int at, int64_t value) {
  sqlite3_bind_int64(handle_, at, value);
}

void Statement::bind_one(int at, std::string_view text) {
  sqlite3_bind_text64(handle_, at, text.data() ? text.data() : "", text.size(),
                      copy_ ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_one(int at, const ObjectId& id) {
  if (id.empty()) {
    sqlite3_bind_null(handle_, at);
  } else {
    sqlite3_bind_blob64(handle_, at, id.bytes.data(), id.size,
                        copy_ ? SQLITE_TRANSIENT : SQLITE_STATIC);
  }
}

void Statement::bind_one(int at, std::nullptr_t) {
  sqlite3_bind_null(handle_, at);
}

Result<bool> Statement::step() {
  int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = sqlite_error(sqlite3_db_handle(handle_), code);
  sqlite3_reset(handle_);
  return std::unexpected(std::move(error));
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string_view Statement::text(int column) const {
  const void* data = sqlite3_column_blob(handle_, column);
  int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

ObjectId Statement::object(int column) const {
  std::string_view bytes = text(column);
  if (bytes.size() != 20 && bytes.size() != 32) return {};
  return ObjectId::from_bytes(bytes);
}

std::optional<int> Statement::optional_int(int column) const {
  if (is_null(column)) return std::nullopt;
  return small(column);
}

Database::~Database() {
  close();
}

void Database::close() {
  cache_.clear();
  sqlite3_close_v2(handle_);
  handle_ = nullptr;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), cache_(std::move(other.cache_)) {}

Database& Database::operator=(Database&& other) noexcept {
  if (this != &other) {
    close();
    handle_ = std::exchange(other.handle_, nullptr);
    cache_ = std::move(other.cache_);
  }
  return *this;
}

Result<Database> Database::open(const std::string& path, Mode mode) {
  Database database;
  int flags = SQLITE_OPEN_NOMUTEX;
  std::string name = path;
  switch (mode) {
    case Mode::read_write_create:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      break;
    case Mode::read_only:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
      break;
    case Mode::memory:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY;
      name = ":memory:";
      break;
  }
  int code = sqlite3_open_v2(name.c_str(), &database.handle_, flags, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(database.handle_, code));
  sqlite3_extended_result_codes(database.handle_, 1);
  return database;
}

Status Database::execute(const char* sql) {
  int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(handle_, code));
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  Statement statement;
  int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement.handle_, nullptr);
  if (code != SQLITE_OK) return std::unexpected(sqlite_error(handle_, code));
  return statement;
}

Result<Statement*> Database::cached(const char* sql) {
  for (auto& [text, statement] : cache_) {
    if (text == sql) {
      statement->reset();
      return statement.get();
    }
  }
  auto statement = std::make_unique<Statement>(TRY(prepare(sql)));
  cache_.emplace_back(sql, std::move(statement));
  return cache_.back().second.get();
}

Result<int64_t> Database::integer(const char* sql, int64_t otherwise) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return otherwise;
  return statement.integer(0);
}

int64_t Database::last_row_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

int Database::changes() const {
  return sqlite3_changes(handle_);
}

Status Database::copy_from(Database& other) {
  sqlite3_backup* backup = sqlite3_backup_init(handle_, "main", other.handle_, "main");
  if (backup == nullptr) return std::unexpected(sqlite_error(handle_, sqlite3_errcode(handle_)));
  int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return std::unexpected(sqlite_error(handle_, code));
  return {};
}

}  // namespace baton::index
