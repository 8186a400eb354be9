#pragma once

// Contents that the record borrows from the user's repository, and the pin that keeps them there
// (docs/decisions/pins.md): before git may lose one, it is taken over into the store.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "worktree/worktree.h"

namespace baton::record {

// What readers do before they answer: where HEAD moved since a worktree was last looked at, or a
// worktree is gone, contents are no longer borrowed from git's old tree, and the pin lets go of it.
// Cheap if nothing moved. Fine outside git. `session` is one of baton's own.
Status follow_heads(const worktree::Place& place, std::string_view session);

struct TakenOver {
  int64_t contents = 0;
  uint64_t bytes = 0;  // of the contents, before compression
  int64_t trees = 0;   // whose differences are in the record now
  int64_t pins = 0;    // entries of the pin that were wrong: put right, added or dropped
};

// Holds the whole record against the pin: whatever the record needs and neither the store nor the
// trees of living worktrees hold is copied from git, if git still has it; then the pin holds those
// trees and nothing else. `look_only` changes nothing and tells what would be.
Result<TakenOver> take_over(const worktree::Place& place, std::string_view session, bool look_only);

}  // namespace baton::record
