#pragma once

// The turns of one session, for those who read a whole task: what turn_head() tells of each. What
// the log counts for each of them (steps, paths, tests, tokens) costs more than all else.

#include <cstdint>
#include <vector>

#include "index/index.h"
#include "model/session.h"

namespace baton::index {

// Newest first.
Result<std::vector<model::Turn>> session_turns(Index& index, int64_t session_key);

}  // namespace baton::index
