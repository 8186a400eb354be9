#pragma once

// What trees of git hold at a path: it never changes, so git is asked once, and the index keeps the
// answers that a reader of lines needs again and again (each base of a worktree is such a tree).
// For the .cc files of this folder only.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/git_source.h"
#include "index/sqlite.h"

namespace baton::index {

// Beside the revisions of a path in the table kept_git.
constexpr std::string_view kKeptEntriesName = "entries";

class KeptEntries {
 public:
  // Nothing if it is not kept; an empty entry if the tree (a commit's or a tree's whole id) does
  // not hold the path.
  std::optional<std::optional<GitEntry>> find(Database& database, std::string_view tree,
                                              const std::string& path);
  void add(std::string_view tree, const std::string& path, const std::optional<GitEntry>& entry);
  bool has_news() const { return !news_.empty(); }
  // Puts what is new into the index. REQUIRES: a transaction that writes.
  Status write(Database& database);

 private:
  // By path: tree, mode and id of each entry, each field ended by a NUL; mode and id are empty
  // where the tree does not hold the path.
  std::map<std::string, std::string> data_;
  std::vector<std::string> news_;  // paths
  size_t next_ = 0;  // where the last one that was found ends: they are asked in order
};

}  // namespace baton::index
