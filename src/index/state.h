#pragma once

// The files of a worktree at a position of its timeline: the newest base record at or before it,
// and the transitions that followed. For diff, export, cat, rollback.

#include <string>
#include <string_view>

#include "index/index.h"
#include "model/views.h"

namespace baton::index {

// All files, by path. Needs git if the base is a tree of git's: ErrorKind::not_found without it.
Result<model::State> state_at(Index& index, const model::Position& position);
// One path; nothing if it was not there. Cost is in the path's versions.
Result<std::optional<model::StateEntry>> entry_at(Index& index, const model::Position& position,
                                                  std::string_view path);
// What differs between two positions, also of different worktrees: path, before, after.
Result<std::vector<model::Change>> state_diff(Index& index, const model::Position& from,
                                              const model::Position& to);

}  // namespace baton::index
