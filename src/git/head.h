#pragma once

// Where a worktree stands, read from git's own files: HEAD, loose and packed refs, operations in
// progress, and what the reflog gained since the last look. No git is started.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "git/repository.h"

namespace baton::git {

struct HeadState {
  std::string branch;            // "main"; "" if detached
  std::string commit;            // hex; "" if the branch has no commit yet
  std::string operation;         // "merge", "rebase", "am", "cherry-pick", "revert", "bisect" or ""
  std::string operation_branch;  // the branch that a rebase will move, "" if none
  bool known = true;  // false: refs are kept in a form we do not read (reftable); the rest is empty
};

Result<HeadState> read_head(const Repository& repository);

// The object id (hex) that a full ref name such as "refs/heads/main" leads to, "" if there is none.
Result<std::string> resolve_ref(const Repository& repository, const std::string& name);

struct ReflogLine {
  std::string old_id, new_id;  // hex
  int64_t time = 0;            // seconds since the epoch
  std::string message;         // "commit: subject", "checkout: moving from a to b", ...
};

// Where reading stopped. Keep it and give it back; a new one with offset `kReflogEnd` skips all
// that is there.
constexpr uint64_t kReflogEnd = UINT64_MAX;
struct ReflogPosition {
  uint64_t offset = 0;  // in logs/HEAD, just behind a line
  std::string last;     // the new id of that line, by which a rewritten log is noticed
};

constexpr uint64_t kMaxReflogTail = 1u << 20;  // bytes looked at in one go; the newest ones

struct ReflogTail {
  std::vector<ReflogLine> lines;  // oldest first
  ReflogPosition position;        // for the next call
  bool rewritten = false;  // the log was cut or expired meanwhile; `lines` is what follows the last
                           // known id, or nothing if it is gone
  bool skipped = false;    // more than kMaxReflogTail was new, the oldest of it is left out
  uint64_t stash_bytes = 0;  // size of logs/refs/stash; 0: no stash
};

// The cost follows the number of new lines. A missing log is an empty one.
Result<ReflogTail> read_reflog_tail(const Repository& repository, const ReflogPosition& since);

}  // namespace baton::git
