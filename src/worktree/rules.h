#pragma once

// Which paths of a worktree are not the record's: ignored ones, and the store itself.

#include <string>
#include <string_view>
#include <vector>

#include "git/ignore.h"
#include "worktree/worktree.h"

namespace baton::worktree {

// In a worktree's root while a rewind is under way, if its store lies on another file system.
constexpr std::string_view kRewindFolder = ".baton-rewind";

struct Rules {
  git::Ignore ignore;
  std::vector<std::string> never;  // from the root; their content is never looked at
  uint64_t digest = 0;             // of the rules that lie outside the tree

  static Rules load(const Worktree& worktree);
};

}  // namespace baton::worktree
