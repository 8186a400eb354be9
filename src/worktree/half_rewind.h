#pragma once

// Files that a rewind put into place before it was killed. It is the next command's to finish or
// take back and to record (docs/format/store.md, "A rewind under way"); whoever looks in between
// sees changes that nobody has told of, and must not take them for those of a command that runs
// just then.

#include <vector>

#include "worktree/observation.h"
#include "worktree/worktree.h"

namespace baton::worktree {

// REQUIRES: the worktree's lock. Sets the sight of those among the transitions.
void find_half_rewind(const Worktree& worktree, std::vector<Transition>& transitions);

}  // namespace baton::worktree
