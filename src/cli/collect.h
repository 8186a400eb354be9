#pragma once

// Going on where hooks stopped: what agents wrote into their session files since the last copy.

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "store/store.h"
#include "worktree/limits.h"

namespace baton::cli {

struct CollectStats {
  int64_t files = 0;  // that had grown
  uint64_t bytes = 0;
  int64_t failed = 0;
  bool complete = true;  // false: the deadline came first
};

// A store that cannot be written is left as it is. Costs one small file and one stat a session.
Result<CollectStats> collect_sessions(
    const store::Store& store, worktree::Deadline deadline,
    const std::function<void(uint64_t done, uint64_t total)>& progress = {});

}  // namespace baton::cli
