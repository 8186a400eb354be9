#pragma once

// `baton rewind` without a target: the prompts of this worktree on the terminal, to choose one and
// what to do about it.

#include "cli/front.h"

namespace baton::cli {

// The command that the person chose: a rewind with what else was asked for, or `show`. Nothing was
// changed yet. ErrorKind::negative if they left, or if there is nothing to choose from.
Result<Invocation> pick_rewind(Front& front);

}  // namespace baton::cli
