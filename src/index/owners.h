#pragma once

// Who made each change. The recorder observes, this decides, so a better rule improves yesterday's
// history too. A pure function of what the tables hold (looks, transitions, runs, claims, reflog)
// and of what commits hold: deciding again from the beginning gives what deciding step by step
// gave. The rules are in docs/decisions/index.md.

#include "index/git_source.h"
#include "index/index.h"
#include "index/tables.h"

namespace baton::index {

// Decides the owners that the news may have changed: in each worktree that was touched, of the
// transitions seen from that time on. REQUIRES: a transaction, and the secondary indexes.
Status decide_owners(Tables& tables, GitSource* git, UpdateStats& stats);

}  // namespace baton::index
