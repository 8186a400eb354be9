#pragma once

// Taking away what failed writes left in the segments, and versions for a budget (docs/gc.md).
// Hooks may record and readers may read all the while.
//
// The contents that stay are written into new segments, of numbers that were never used, beside the
// old ones; only when they are on the disk, and nobody relies on a content that no line names yet,
// does the lookup table follow and the old ones go. So whatever dies when, each content is there
// at least once; what is there twice then, the next run takes away.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "os/file.h"
#include "store/objects.h"
#include "store/thinned.h"
#include "store/usage.h"

namespace baton::store {

// Held by the one who cleans up. ErrorKind::limit if somebody else does.
Result<os::File> lock_cleaning(const Store& store);

struct CompactOptions {
  bool dry_run = false;  // change nothing, say what would be
  BorrowedReader borrowed;
  int64_t wait_us = 10'000'000;  // for whoever records just now
  // How large the store may be without its index; 0: nothing is thinned.
  uint64_t budget = 0;
  // Contents of versions that may go for it, the first ones first. Asked once, after the record was
  // read: what is recorded later keeps what it names.
  std::function<Result<std::vector<ObjectId>>()> may_go;
  // Writes down, to the disk, what is about to go: with a time not before that one, which is the
  // newest in the record.
  std::function<Status(const std::vector<ThinnedContent>&, Micros not_before)> note;
};

struct Compacted {
  Amount left_behind;      // contents that nothing needs
  Amount repeated;         // the same content again
  uint64_t torn = 0;       // bytes of an unfinished record at the end
  uint64_t temporary = 0;  // bytes of files that a killed run left
  uint64_t before = 0;     // of all segments
  Amount thinned;          // for the budget; bytes: less what others grow by
  uint64_t over = 0;       // bytes by which the store is still larger than its budget
  // Why nothing that seems to be left behind was taken away: not all of the record can be read.
  std::string uncertain;
  uint64_t reclaimed() const {
    return left_behind.bytes + repeated.bytes + thinned.bytes + torn + temporary;
  }
};

// REQUIRES: lock_cleaning(). ErrorKind::limit if somebody records all the time: nothing is lost
// then, and the next run goes on.
Result<Compacted> compact(const Store& store, const CompactOptions& options);

}  // namespace baton::store
