#pragma once

// What a pass may cost. Each limit is a setting (docs/settings.md); what is left out because of one
// is listed by `baton status`.

#include <cstdint>

namespace baton::worktree {

struct Limits {
  uint64_t untracked_file_bytes = 10ull << 20;  // a larger file that git does not track: `large`
  uint64_t tracked_file_bytes = 256ull << 20;   // a larger file at all: `large`
  uint64_t untracked_pass_bytes = 64ull << 20;  // new untracked content in one pass
  uint32_t untracked_folder_files = 5000;       // a new folder with more: `bulk`
};

// Content that was read within this time of its mtime may have been caught in the middle of a
// write, and a change within the same tick may not show in the time stamps.
constexpr int64_t kSettleNs = 20'000'000;

// At which point in time (os::monotonic_us) to stop.
using Deadline = int64_t;
constexpr Deadline kNoDeadline = INT64_MAX;

}  // namespace baton::worktree
