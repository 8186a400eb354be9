#pragma once

// What trees of git hold at a path: it never changes, so git is asked once, and the index keeps the
// answers that a reader of lines needs again and again (each base of a worktree is such a tree).
// For the .cc files of this folder only.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "index/git_source.h"
#include "index/sqlite.h"

namespace baton::index {

// Beside the revisions of a path in the table kept_git.
constexpr std::string_view kKeptEntriesName = "entries";

class KeptEntries {
 public:
  // Null if it is not kept; an empty entry if the tree (a commit's or a tree's whole id) does not
  // hold the path.
  const std::optional<GitEntry>* find(Database& database, std::string_view tree,
                                      const std::string& path);
  void add(std::string_view tree, const std::string& path, std::optional<GitEntry> entry);
  bool has_news() const { return news_; }
  // Puts what is new into the index. REQUIRES: a transaction that writes.
  Status write(Database& database);

 private:
  struct Path {
    std::map<std::string, std::optional<GitEntry>, std::less<>> entries;  // by tree
    bool news = false;
  };
  Path& path_of(Database& database, const std::string& path);

  std::map<std::string, Path> paths_;
  bool news_ = false;
};

}  // namespace baton::index
