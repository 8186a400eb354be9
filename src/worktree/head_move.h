#pragma once

// When HEAD moves, the commit whose tree backs the borrowed contents changes. Before it does, what
// only the old tree held is taken into the store; then the pin follows (docs/decisions/pins.md).

#include <map>
#include <set>
#include <string>

#include "git/index_file.h"
#include "store/objects.h"
#include "worktree/limits.h"
#include "worktree/worktree.h"

namespace baton::worktree {

constexpr const char* kPinRef = "refs/baton/pins";

struct HeadMove {
  bool ready = false;  // everything of the old tree is safe: the base may move
  std::string to;      // the new commit
  std::map<std::string, ObjectId> arrived;  // what the new tree holds at the paths that differ

  // Compares `from`, the commit that the manifest borrows from ("" for none), with HEAD. Starts git
  // only if they differ. Not ready if the deadline came first: the next pass goes on.
  static Result<HeadMove> look(const Worktree& worktree, store::Objects& objects,
                               const std::string& from, Deadline deadline);
};

// Makes refs/baton/pins hold the tree of `commit` for this worktree, beside those of the others, so
// that git's garbage collection keeps what is borrowed. "" drops this worktree's.
Status move_pin(const Worktree& worktree, const std::string& commit);

// Paths of the index that differ from the commit's tree: their content is in no commit.
struct StagedPaths {
  bool all = false;  // there is no commit
  std::set<std::string, std::less<>> paths;
};
Result<StagedPaths> staged_paths(const Worktree& worktree, const git::IndexFile& index,
                                 const std::string& commit);

}  // namespace baton::worktree
