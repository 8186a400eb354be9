#pragma once

// Looks at every byte of the record: are journals, objects, transcripts and timelines what they
// should be? Changes nothing. The index is derived and not looked at.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "store/objects.h"
#include "store/store.h"

namespace baton::store {

constexpr size_t kMaxFindings = 1000;

struct Finding {
  enum class Kind : uint8_t {
    damage,  // bytes are not what they should be, or are missing
    note,    // lost or cut before, and noted in the journal then; or a tail that the next writer
             // mends
  };
  Kind kind = Kind::damage;
  std::string where;  // "claude-code/0f3c… line 12", "objects 3 at byte 1024", "worktree 5f65…"
  std::string what;
};

struct VerifyReport {
  int64_t journals = 0, lines = 0, objects = 0, transcripts = 0, transitions = 0;
  uint64_t bytes = 0;              // of journals and objects
  std::vector<Finding> findings;   // in a fixed order; at most kMaxFindings
  int64_t damaged = 0, noted = 0;  // all of them
  int64_t thinned = 0;             // contents that lines name and a budget took
  bool sound() const { return damaged == 0; }
};

struct VerifyOptions {
  // Contents and trees that git holds. Without them, references to what is not in the store are not
  // checked.
  BorrowedReader borrowed;
  std::function<bool(std::string_view hex_id)> in_git;
  std::function<void(uint64_t done, uint64_t total)> progress;
};

Result<VerifyReport> verify(const Store& store, const VerifyOptions& options = {});

}  // namespace baton::store
