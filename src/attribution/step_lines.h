#pragma once

// What became of the lines that steps wrote: in the files of their worktree as they were last seen,
// or in a commit.

#include <map>
#include <set>
#include <string>
#include <utility>

#include "git/repository.h"
#include "index/index.h"
#include "index/pathspec.h"

namespace baton::attribution {

// A step by its session's key and its number.
using StepKey = std::pair<int64_t, int>;

// written == kept + reworked + removed. A line that was moved or re-indented is kept; a copy of it
// is not counted. A binary file counts as one line.
struct StepLines {
  int64_t written = 0;   // lines that its changes brought
  int64_t kept = 0;      // of these: stand as it wrote them
  int64_t reworked = 0;  // of these: changed since, by anybody, and what was made of them stands
  int64_t removed = 0;   // of these: gone
  int64_t deleted = 0;   // lines of anybody that its changes took away or put others in place of
  StepLines& operator+=(const StepLines& other);
};

// Of the paths in these worktrees (ids). With a revision, its files say what stands. Steps that
// changed nothing are not there.
Result<std::map<StepKey, StepLines>> step_lines(index::Index& index,
                                                const std::set<std::string>& worktrees,
                                                const index::Pathspec& paths,
                                                const git::Repository* repository = nullptr,
                                                const ObjectId& revision = {});

}  // namespace baton::attribution
