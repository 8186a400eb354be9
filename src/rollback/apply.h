#pragma once

// Carrying a plan out, so that the working tree is never left half way.
//
//   1  every new content is written into a folder beside the tree (a full disk shows here)
//   2  the plan is written down (docs/format/store.md, "A rewind under way")
//   3  under the worktree's lock: each file is verified to be what the plan takes it for, then
//      renamed into place; what lay there is kept, so that going back needs no space
//   4  the event is written, the plan removed
//
// Killed in between, the next command of baton's goes on from 3, or back if that cannot be.

#include <optional>
#include <string>
#include <vector>

#include "rollback/plan.h"
#include "store/store.h"

namespace baton::rollback {

// What is written into the journal beside the changes.
struct Deed {
  std::string kind;    // rewind, undo, redo, restore
  std::string name;    // "rewind-3"
  std::string target;  // what was asked for
  std::string of;      // undo, redo: the name of what is taken back
  std::string only;    // a session, turn or step
  // Git's entries of the paths before it (NUL behind each), if the index is brought along.
  std::optional<std::string> index;
};

// Makes the plan's changes in the worktree, and its conflicts' files with markers if `with_marks`.
// ErrorKind::negative, and nothing is changed, if a file is not what was last seen, or another
// rewind is under way. Gives the id of the act.
Result<std::string> carry_out(const worktree::Place& place, const worktree::Worktree& worktree,
                              index::Index& index, const Plan& plan, const Deed& deed,
                              bool with_marks);

// Makes the changes in a folder that nobody records yet (a fork's).
Status write_files(const std::string& root, index::Index& index,
                   const std::vector<FileChange>& changes);

// Finishes or takes back what a killed process left in any worktree of the store. `told` gets a
// line of what was done.
Status recover(const store::Store& store, std::vector<std::string>& told);

}  // namespace baton::rollback
