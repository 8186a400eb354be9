#pragma once

// What one event saw in one worktree: plain data, written into the journal by record/ and nowhere
// kept otherwise (docs/format/journal.md, "An observation").

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "store/manifest.h"

namespace baton::worktree {

// One side of a change: what lay at the path. An empty id: nothing did.
struct Version {
  ObjectId id;
  std::string mode;  // "100644", "100755", "120000"

  bool exists() const { return !id.empty(); }
  bool operator==(const Version&) const = default;
};

// How a change came to be seen.
enum class Sight : uint8_t {
  seen,  // the disk differs from what was last seen
  tool,  // the tool's own result, from the payload
  pre,   // content that the tool found and that had not been seen before
  post,  // on disk after the tool, other than its result
  // Put there by a rewind that was killed and that nobody has finished yet.
  rewind,
};

struct Transition {
  uint64_t number = 0;
  std::string path;
  Version before, after;
  int64_t ctime_ns = 0;  // 0 if the path is gone
  Sight sight = Sight::seen;
  std::string call;  // the tool call that names the path
  ObjectId git_id;   // what git would store, if it converts the file
  bool unsettled = false;
  bool withheld = false;
};

struct Skipped {
  std::string path;
  store::SkipReason reason = store::SkipReason::none;
};

// Where a worktree's history starts: a commit's tree but for the exceptions.
struct Base {
  struct Exception {
    std::string path;
    Version version;
    ObjectId git_id;
  };
  std::string commit, tree;  // "" if there is none
  uint64_t number = 0;       // its place among the transitions
  std::vector<Exception> except;
};

// HEAD moved: contents are borrowed from another tree from now on. git may drop the old one, so
// what it was is told by how it differs from the new one.
struct BaseMove {
  struct Change {
    std::string path;
    Version before, after;
  };
  std::string from_tree;
  std::string to_commit, to_tree;
  std::vector<Change> changes;
};

struct Observation {
  std::string worktree;
  bool full = false;
  bool complete = true;
  uint32_t seen = 0, known = 0;  // how far a cut pass came
  Micros began = 0;
  uint64_t next_number = 0;  // of a full pass: that the next transition gets, 0: not known
  std::optional<Base> base;
  std::optional<BaseMove> move;
  std::vector<Transition> transitions;
  std::vector<Skipped> skipped;

  bool empty() const { return !base && !move && transitions.empty() && skipped.empty(); }
};

}  // namespace baton::worktree
