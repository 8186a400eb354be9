#pragma once

// What the observe*.cc files share; observe.h is the door.

#include <cstdint>
#include <string>

#include "os/file.h"
#include "store/manifest.h"
#include "worktree/observe.h"

namespace baton::worktree {

// A chain of our own is worth reading as a base only for contents of this size.
constexpr uint64_t kMaxDeltaContent = 4ull << 20;

// One path as it is on disk now.
struct Observer::Look {
  os::FileStat stat;
  store::SkipReason skip = store::SkipReason::none;
  std::string content;
  Version version;  // empty if gone, a directory or skipped
  bool unsettled = false;
  bool withheld = false;
};

}  // namespace baton::worktree
