#pragma once

// Finding the repository that a directory belongs to, as git does (git's setup.c, gitrepository-
// layout(5)), without starting git: a few system calls for each directory on the way up.

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace baton::git {

// All paths are absolute, without a slash at the end; links on the way to the start are resolved.
struct Repository {
  std::string worktree_root;  // "" if the repository is bare
  std::string git_dir;        // of this worktree: HEAD, index, logs/HEAD
  std::string common_dir;     // shared by all worktrees: objects, refs, config; often == git_dir
  HashKind hash = HashKind::sha1;
  bool bare = false;
};

// Walks upwards from `start_dir` (a file or a name that does not exist yet stands for its nearest
// existing directory). Honours GIT_CEILING_DIRECTORIES and GIT_DISCOVERY_ACROSS_FILESYSTEM, ignores
// GIT_DIR and GIT_WORK_TREE: an agent's environment must not move the record elsewhere. Inside a
// `.git` folder the answer is the working tree it belongs to.
// ErrorKind::not_found if there is no repository, damage if a `.git` file leads nowhere.
Result<Repository> discover(const std::string& start_dir);

// Whether git treats `dir`, a directory inside a working tree, as somebody else's: it has a `.git`
// that is a repository or a file which names one.
bool is_nested_repository(const std::string& dir);

// The main worktree (if there is one) and the linked ones that git knows of; a root may be gone.
struct WorktreeInfo {
  std::string git_dir;
  std::string root;
};
Result<std::vector<WorktreeInfo>> list_worktrees(const Repository& repository);

}  // namespace baton::git
