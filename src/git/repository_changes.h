#pragma once

// What moves in the user's repository: refs, worktrees, entries of the index. Callers are the pin
// (refs/baton/...) and what the user asks for.

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "git/repository.h"

namespace baton::git {

// Sets a ref (a full name). `expected` is what it must be now: an empty id means that it must not
// exist; without it whatever is there is replaced. An empty `id` deletes it. No hook of the user's
// is run.
Status update_ref(const Repository& repository, const std::string& ref, const ObjectId& id,
                  const std::optional<ObjectId>& expected = std::nullopt);

// A new worktree in a folder that is empty or not there, on a new branch that begins at the commit.
// Where that fails nothing of it stays.
Status add_worktree(const Repository& repository, const std::string& directory,
                    const std::string& branch, const std::string& commit);
// Takes such a worktree away again, with its branch and all files in it.
void drop_worktree(const Repository& repository, const std::string& directory,
                   const std::string& branch, const std::string& commit);

// The index's entries of these paths, as text that `set_index_entries` takes: it puts the index
// back to it, whatever it holds at the paths by then.
Result<std::string> index_entries(const Repository& repository,
                                  const std::vector<std::string>& paths);
Status set_index_entries(const Repository& repository, const std::vector<std::string>& paths,
                         const std::string& entries);
// The index gets what lies at the paths now.
Status stage_paths(const Repository& repository, const std::vector<std::string>& paths);

}  // namespace baton::git
