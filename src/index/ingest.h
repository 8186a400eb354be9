#pragma once

// Reads what journals and copies of session files hold behind the places where reading stopped.

#include <functional>

#include "index/events.h"
#include "index/index.h"
#include "index/tables.h"
#include "store/store.h"

namespace baton::index {

// What is new in the store: nothing to do if it is empty.
struct SessionNews {
  std::string directory;  // below the store's sessions: "codex/01a2..."
  uint64_t journal_size = 0;
  uint64_t file_size = 0;  // of the copy, taken before the journal's
  uint64_t journal_read = 0, file_read = 0;
};
struct News {
  std::vector<SessionNews> sessions;
  uint64_t bytes = 0;
  bool stale = false;  // a journal is shorter than what was read of it: start again
};
Result<News> find_news(const store::Store& store, Database& database, bool fresh);

// ErrorKind::damage with `is_stale` if a journal is not the one that was read before.
Error stale_index();
bool is_stale(const Error& error);

// REQUIRES: a transaction is open. Rows are written; owners are not decided.
Status ingest(const store::Store& store, const News& news, const EventContext& context,
              const IndexOptions& options, Tables& tables, UpdateStats& stats);

}  // namespace baton::index
