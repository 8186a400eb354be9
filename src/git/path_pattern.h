#pragma once

// One pattern of a gitignore or gitattributes file (gitignore(5), "PATTERN FORMAT"): what it says
// and whether it matches a path. Both kinds of file share this and differ in what they do with it.

#include <cstdint>
#include <string_view>

namespace baton::git {

constexpr uint64_t kMaxPatternFileBytes = 16u << 20;

struct PathPattern {
  std::string_view text;        // without `!` and without the '/' at its end; of the file's bytes
  uint32_t literal = 0;         // this many bytes from the start stand for themselves
  bool negative = false;        // written with `!`
  bool directory_only = false;  // written with a '/' at its end
  bool any_depth = false;       // without a '/' inside: matches the last component of a path
  bool suffix = false;          // `*` and literal text
  char last = 0;                // what a path must end with, in lower case; 0: anything

  static PathPattern parse(std::string_view line);

  // Cheaper than matching, and enough to pass over most patterns.
  bool can_match(std::string_view path) const {
    if (last == 0 || path.empty()) return true;
    char c = path.back();
    return (c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) == last;
  }

  // `path` is relative to the worktree's root; `base_size` is the length of the folder, with its
  // slash, that holds the pattern's file: `path` must start with it. Whether the path is a
  // directory, which `directory_only` asks for, is the caller's to check.
  bool matches(std::string_view path, size_t base_size, bool fold_case) const;
  // The same where only the last component matters (`any_depth`).
  bool matches_name(std::string_view name, bool fold_case) const;
};

}  // namespace baton::git
