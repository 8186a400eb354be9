#pragma once

// Pathspecs as git has them (gitglossary(7), "pathspec"): a path or folder, a pattern with
// wildcards, `:!` or `:^` to exclude, `:/` from the top, `:(icase,glob,literal,exclude,top)`.
// Attributes (`:(attr:...)`) are refused.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace baton::index {

// What an absolute path is from `root`, also where links lead there ("" for the root itself);
// nothing if it lies outside.
std::optional<std::string> path_below(const std::string& root, const std::string& full);

class Pathspec {
 public:
  // `prefix` is the current directory from the worktree's root ("" or "src/lib"): patterns are
  // taken from there, but for absolute ones, which lie below `root`. ErrorKind::usage for magic
  // that is not known or leads out of the worktree.
  static Result<Pathspec> parse(const std::vector<std::string>& words, std::string_view prefix,
                                const std::string& root);

  bool empty() const { return items_.empty(); }  // matches everything
  // `path` is from the worktree's root.
  bool matches(std::string_view path) const;

 private:
  struct Item {
    std::string pattern;
    bool exclude = false;
    bool fold_case = false;
    bool literal = false;   // wildcards mean themselves
    bool pathname = false;  // `*` does not match '/'
  };
  std::vector<Item> items_;
};

}  // namespace baton::index
