#include "git/refusal.h"

#include <string>

#include "git/command_line.h"
#include "os/env.h"
#include "os/file.h"

namespace baton::git {

std::optional<Error> refusal(const Repository& repository) {
  bool anothers = false;
  for (const std::string& folder :
       {repository.worktree_root, repository.git_dir, repository.common_dir}) {
    auto stat = os::stat_file(folder.empty() ? repository.git_dir : folder);
    if (stat && stat->exists() && stat->uid != os::user_id()) anothers = true;
  }
  if (!anothers) return std::nullopt;
  auto answer = run(command(repository, "rev-parse", "--git-dir"), "refuses this repository");
  if (answer) return std::nullopt;
  Error error = answer.error();
  error.kind = ErrorKind::io;
  const std::string& folder =
      repository.worktree_root.empty() ? repository.git_dir : repository.worktree_root;
  error.hint = "git config --global --add safe.directory '" + folder + "'";
  return error;
}

}  // namespace baton::git
