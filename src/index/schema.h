#pragma once

// The index's tables, and opening them: where the file lies, which version it has, whether it is
// whole. Another version or damage means: made anew, never migrated.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/sqlite.h"
#include "os/file.h"
#include "store/store.h"

namespace baton::index {

// Grows with every change of the tables or of what is put into them.
constexpr int kSchemaVersion = 21;

// How long to wait for another process that is bringing the index up to date.
constexpr int64_t kIndexLockBudget = 60'000'000;

struct OpenedIndex {
  Database database;
  std::string path;      // where it will lie when it is finished; "" if in memory
  bool fresh = false;    // it has tables, but no rows and no secondary indexes: see finish_fresh
  std::string building;  // fresh: the file that is being filled, to be renamed to `path`
  std::vector<std::string> test_commands;  // that it was made with, see IndexOptions
  std::string lock_path;
  os::File lock;  // exclusive while it is open; never open for an index in memory
};

// Takes the lock again. ErrorKind::limit if another process holds it for too long.
Status lock_index(OpenedIndex& index);

// Opens the store's index, or one in the user's cache folder or in memory where the store cannot be
// written (see Index::open). Waits for the lock. One that was made with other test commands is made
// anew.
Result<OpenedIndex> open_index(const store::Store& store, bool in_memory,
                               const std::optional<std::vector<std::string>>& test_commands);

// Throws the index away and opens a fresh one in its place. REQUIRES: the lock is held.
Status recreate_index(const store::Store& store, OpenedIndex& index);

// Makes the secondary indexes of a fresh index whose rows are there.
Status make_indexes(OpenedIndex& index);

// Puts a fresh index that is complete into its place. No transaction may be open.
Status finish_fresh(OpenedIndex& index);

}  // namespace baton::index
