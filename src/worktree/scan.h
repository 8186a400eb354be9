#pragma once

// A whole-tree pass's first half: compares the disk with the manifest and says which paths are to
// be looked at again. It reads no file's content, takes no lock and changes nothing; what it finds
// may be out of date at once, so observe.h looks at each candidate again under the lock.

#include <string>
#include <vector>

#include "git/ignore.h"
#include "store/manifest.h"
#include "worktree/limits.h"
#include "worktree/observation.h"

namespace baton::worktree {

struct ListedDirectory {
  std::string path;
  os::FileStat stat;
  bool unsettled = false;  // modified within the clock's granularity: list it again
  store::SkipReason skipped = store::SkipReason::none;  // looked at again, and left out as before
};

struct Scan {
  bool complete = true;
  uint32_t seen = 0;                    // entries that were looked at
  uint32_t known = 0;                   // entries in all
  uint32_t cursor = 0;                  // where a cut pass goes on
  std::vector<std::string> candidates;  // sorted, unique
  std::vector<ListedDirectory> listed;
  std::vector<Skipped> skipped;  // found for the first time
};

struct ScanOptions {
  std::string root;
  std::vector<std::string> never;  // paths below the root that are not the user's (the store)
  uint32_t start = 0;              // a cut pass's cursor
  bool list_all = false;           // ignore rules changed: list every directory
  Deadline deadline = kNoDeadline;
  Limits limits;
};

Scan scan(const store::Manifest& manifest, git::Ignore& ignore, const ScanOptions& options);

}  // namespace baton::worktree
