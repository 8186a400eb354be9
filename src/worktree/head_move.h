#pragma once

// When HEAD moves, the commit whose tree backs the borrowed contents changes. Before it does, what
// only the old tree held is taken into the store; then the pin follows (docs/decisions/pins.md).

#include <map>
#include <set>
#include <string>

#include "git/index_file.h"
#include "git/repository.h"
#include "store/objects.h"
#include "worktree/limits.h"
#include "worktree/observation.h"
#include "worktree/worktree.h"

namespace baton::worktree {

constexpr const char* kPinRef = "refs/baton/pins";

struct HeadMove {
  bool ready = false;  // everything of the old tree is safe: the base may move
  bool lost = false;   // git does not have the old tree any more: recording begins anew
  BaseMove move;
  std::map<std::string, ObjectId> arrived;  // what the new tree holds at the paths that differ

  // Compares `commit` and its `tree`, which the manifest borrows from ("" for none), with HEAD.
  // Starts git only if they differ. Not ready if the deadline came first: the next pass goes on.
  static Result<HeadMove> look(const Worktree& worktree, store::Objects& objects,
                               const std::string& commit, const std::string& tree,
                               Deadline deadline);
};

// Makes refs/baton/pins hold this tree for the worktree, beside those of the others, so that git's
// garbage collection keeps what is borrowed. "" drops this worktree's.
Status move_pin(const git::Repository& repository, const std::string& id, const std::string& tree);

// What is pinned for a worktree that the store knows. `due`: the pin holds what the repository may
// have thrown away, because HEAD moved since the last pass or the worktree is gone.
struct PinState {
  std::string id;
  std::string root;  // "" if its files are not there
  std::string tree;  // hex, "" if there is none
  bool gone = false;
  bool due = false;
};
// Without starting git.
Result<std::vector<PinState>> pin_states(const store::Store& store,
                                         const git::Repository& repository);
// Before a worktree that is gone lets go of its tree: takes into the store what `to` ("" for none)
// does not hold, and tells how they differ.
Result<BaseMove> leave_tree(const git::Repository& repository, store::Objects& objects,
                            const std::string& from, const std::string& to);
// The worktree borrows nothing any more. REQUIRES: it is gone.
Status forget_tree(const store::Store& store, const std::string& id);

// Paths of the index that differ from the commit's tree: their content is in no commit.
struct StagedPaths {
  std::string tree;  // of the commit, "" if there is none
  bool all = false;  // there is no commit
  std::set<std::string, std::less<>> paths;
};
Result<StagedPaths> staged_paths(const Worktree& worktree, const git::IndexFile& index,
                                 const std::string& commit);

}  // namespace baton::worktree
