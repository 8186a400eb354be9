#pragma once

// TARGET: a moment to go back to. An address (the files after that session, turn or step; with ^
// before it), a checkpoint by its name, @green, @start, @{TIME}, git:REV.

#include <string>

#include "cli/front.h"
#include "index/acts.h"
#include "index/queries.h"
#include "model/session.h"
#include "rollback/plan.h"

namespace baton::cli {

struct Target {
  std::string name;          // as the user wrote it
  std::string what;          // "after turn c7f2:3"
  model::Position position;  // unless `revision` is set
  std::string revision;      // of git
  rollback::When when;
};

// `session`: whose start @start is; without it the newest session's of this worktree.
Result<Target> parse_target(Front& front, index::Index& index, const std::string& word,
                            std::optional<int64_t> session = {});

// The same of a word that is no address: @green, @start, @{TIME}, the name of a checkpoint or of a
// rewind (the files before it). Nothing: it is none of these.
Result<std::optional<Target>> named_target(Front& front, index::Index& index,
                                           const std::string& word,
                                           std::optional<int64_t> session = {});

// The newest checkpoint of the name, or the act; nothing if there is none.
Result<std::optional<index::Act>> find_act(index::Index& index, const std::string& worktree,
                                           std::string_view name);

// The newest whole run of the tests that passed in the worktree.
Result<std::optional<model::TestRun>> last_green(index::Index& index, const std::string& worktree);

}  // namespace baton::cli
