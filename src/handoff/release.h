#pragma once

// A range of revisions told task by task.

#include "handoff/handoff.h"

namespace baton::handoff {

// The range's sessions by their branches, in order of the first; each judged on its own. Empty
// where all of them are of one.
Result<std::vector<ReleaseLine>> release_lines(index::Index& index, const Task& range,
                                               const Options& options);

}  // namespace baton::handoff
