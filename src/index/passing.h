#pragma once

// Versions of files that lay there only for a while, in the middle of a turn: what may go for a
// budget (docs/gc.md). Which of them are binary, the contents tell.

#include <vector>

#include "base/hash.h"
#include "index/index.h"

namespace baton::index {

// Their contents, the one first that was replaced first. None of them is the first or the last
// version of a path, in any worktree; or lay there when a session or a turn began or ended, when
// tests ran or failed tests were about to be mended, at a checkpoint or around a rewind; or was
// replaced after `before`; or is one of those contents for some other reason.
Result<std::vector<ObjectId>> passing_contents(Index& index, Micros before);

}  // namespace baton::index
