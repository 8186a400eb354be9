#pragma once

// What all parts of reading share: keys of words that many rows repeat (paths, commits, worktrees),
// documents for the full text, and how far back owners have to be decided again.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "index/sqlite.h"
#include "model/views.h"

namespace baton::index {

struct WorktreeRow {
  int64_t key = 0;
  std::string id;
  std::string root, branch;
  int64_t head = 0;
  Micros time = 0;
  Micros git_missing = 0;
  bool changed = false;
};

// A text for the full-text index. It must not be added twice.
struct Doc {
  Micros time = 0;
  int64_t session = 0;
  int turn = 0, step = 0;
  model::Hit::Kind kind = model::Hit::Kind::prompt;
  int64_t source = 0;
  std::string text;
};

constexpr size_t kMaxDocText = 256 * 1024;  // bytes of one text that can be found

class Tables {
 public:
  // `fresh`: the tables are empty and have no secondary indexes yet. `searched`: texts are kept for
  // searching.
  Tables(Database& database, bool fresh, bool searched)
      : database_(database), fresh_(fresh), searched_(searched) {}
  Status load();

  Database& database() { return database_; }
  bool fresh() const { return fresh_; }

  Result<int64_t> path_key(std::string_view path);
  Result<int64_t> commit_key(std::string_view id);  // 0 for ""
  Result<WorktreeRow*> worktree(std::string_view id);
  std::map<int64_t, WorktreeRow>& worktrees() { return worktrees_; }
  struct EventName {
    int64_t key = 0;
    int64_t count = 0;
    Micros last = 0;
    bool known = false;
    bool changed = false;
  };
  Result<EventName*> event_name(const std::string& agent, const std::string& name);

  Status add_doc(Doc doc);

  // Owners of this worktree's transitions that were seen from `since` on may have changed.
  void touch(int64_t worktree, Micros since);
  const std::map<int64_t, Micros>& touched() const { return touched_; }

  // Writes what is still held back.
  Status flush();

 private:
  Status flush_docs();
  Result<int64_t> word_key(std::unordered_map<std::string, int64_t>& known, const char* select,
                           const char* insert, std::string_view word);

  Database& database_;
  bool fresh_, searched_;
  std::unordered_map<std::string, int64_t> paths_, commits_;
  std::map<int64_t, WorktreeRow> worktrees_;
  std::map<std::string, int64_t, std::less<>> worktree_keys_;
  std::map<std::pair<std::string, std::string>, EventName> event_names_;
  std::vector<Doc> docs_;
  size_t doc_bytes_ = 0;
  std::map<int64_t, Micros> touched_;
};

}  // namespace baton::index
