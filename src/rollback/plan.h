#pragma once

// What a rollback would do, worked out before anything is touched: which files become what, what is
// left as it is and why, what stands in the way, which work of nobody's step would go, and where
// two changes of the same lines meet. Plain data; apply.h carries it out.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "index/index.h"
#include "index/pathspec.h"
#include "model/session.h"
#include "rollback/runs.h"
#include "worktree/worktree.h"

namespace baton::rollback {

// One file: what lies there, and what is to lie there.
struct FileChange {
  std::string path;
  Version now, then;
  std::optional<std::string> content;  // of `then`, if it is not recorded yet (a merge's result)
};

struct LeftAlone {
  std::string path;
  std::string reason;    // "ignored", "withheld", "content is not recorded", ...
  bool differs = false;  // from what was asked for; else it is not known whether it does
};

// Work that no step owns, in a file that would be overwritten or removed.
struct Unowned {
  std::string path;
  std::vector<model::Owner> owners;
  Micros last = 0;  // when the newest of it was seen
};

// Lines that both what is to be taken back and something later changed. Line numbers count from 1.
struct ConflictHunk {
  uint32_t line = 0;  // in the file as it is now
  std::vector<std::string> now, taken, before;
};
struct Conflict {
  std::string path;
  std::string reason;  // "both changed these lines", "removed since", ...
  std::vector<ConflictHunk> hunks;
  std::vector<model::Change> since;      // later changes of the file, by others
  std::optional<FileChange> with_marks;  // the file with markers, where that can be written
};

struct Plan {
  std::vector<FileChange> changes;   // by path
  std::vector<LeftAlone> left;       // differ from what was asked for, or could not be known
  std::vector<LeftAlone> obstacles;  // make it impossible
  std::vector<LeftAlone> thinned;    // so does what a budget took of what was asked for
  std::vector<Unowned> unowned;
  std::vector<Conflict> conflicts;
  std::vector<model::Change> since;  // after the state asked for, whoever made them
  bool complete = true;              // false: part of the state asked for was never looked at

  bool empty() const { return changes.empty() && conflicts.empty() && thinned.empty(); }
};

// A worktree, just looked at: `now` is its newest position.
struct Here {
  index::Index* index = nullptr;
  const worktree::Place* place = nullptr;
  const worktree::Worktree* worktree = nullptr;
  model::Position now;
};

// When a position was.
struct When {
  Micros time = 0;  // 0: not known
  Micros late = 0;  // what nobody's step had done by then though it was seen later, as its files'
                    // times tell, was there too
};

// Who made what is to be taken back: baton's own rewinds touched nothing but what is recorded.
enum class Whose : uint8_t { others, own };

// All files (those that match) as they were at a position.
Result<Plan> plan_state(const Here& here, const model::Position& target, const When& when,
                        const index::Pathspec& paths);
// The same for a git revision's tree.
Result<Plan> plan_revision(const Here& here, const std::string& revision,
                           const index::Pathspec& paths);
// Nothing but these changes taken back, or of them these hunks (runs.h): three-way against what
// came after them. In order of their numbers, of any worktree.
Result<Plan> plan_without(const Here& here, const std::vector<model::Change>& changes,
                          const index::Pathspec& paths, Whose whose,
                          const std::set<size_t>& hunks = {});
// What was last seen of the files before it went: deleted ones, or without any the newest that
// were overwritten. ErrorKind::negative if nothing went, ErrorKind::not_found if no file that
// matches was ever seen.
Result<Plan> plan_last_seen(const Here& here, const index::Pathspec& paths);

// Paths as they were before these changes of a rewind, whatever came after.
Result<Plan> plan_before(const Here& here, const std::vector<model::Change>& changes,
                         const index::Pathspec& paths);

}  // namespace baton::rollback
