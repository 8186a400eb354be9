#pragma once

// What is to be taken back, path by path: changes that hang together as one, whole or only some of
// their hunks.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "index/index.h"
#include "index/pathspec.h"
#include "model/session.h"
#include "worktree/observation.h"

namespace baton::rollback {

using worktree::Version;

struct Run {
  std::string path;
  Version before, after;
  std::optional<std::string> before_content;  // if `before` is no recorded one
};

// Of those changes whose paths match, in order of the paths; of one path, oldest first. The changes
// are in order of their numbers.
std::vector<Run> runs_of(const std::vector<model::Change>& changes, const index::Pathspec& paths);

// A hunk as `git diff` makes them. What has no lines to be told apart (a file that came or went, a
// mode, a link, binary content, content that is not at hand) is one hunk as a whole.
struct Hunk {
  size_t number = 0;  // from 1, through all runs
  std::string path;
  uint32_t line = 0;  // of its first changed line afterwards, from 1; 0: the file as a whole
  std::vector<std::string> removed, added;
};
Result<std::vector<Hunk>> hunks_of(index::Index& index, const std::vector<Run>& runs);

// The runs with these hunks only. ErrorKind::not_found for a number that there is not.
Result<std::vector<Run>> only_hunks(index::Index& index, const std::vector<Run>& runs,
                                    const std::set<size_t>& numbers);

}  // namespace baton::rollback
