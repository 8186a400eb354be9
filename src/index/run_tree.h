#pragma once

// Which changes a run of tests ran on. A look at the worktree that was cut does not see all that
// was there, so what a later look sees may have been there before the run.

#include "model/session.h"

namespace baton::index {

enum class RanOn : uint8_t { yes, no, unknown };

// Of a change in the run's worktree. `no`: it came after the run began.
RanOn ran_on(const model::TestRun& run, const model::Change& change);

}  // namespace baton::index
