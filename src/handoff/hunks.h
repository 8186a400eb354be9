#pragma once

// A change of a file hunk by hunk: its lines now, and the step and words behind each.

#include "handoff/facts.h"

namespace baton::handoff {

constexpr size_t kMaxHunks = 50;                     // of one file; the rest is not told apart
constexpr size_t kMaxHunkContent = size_t{2} << 20;  // bytes; larger files have no hunks

struct Hunk {
  LineRange lines;                          // now; of a deletion, the line before it
  std::vector<std::string> removed, added;  // masked, without ends
  const model::Step* step = nullptr;        // that wrote it, null if nobody's step did
  std::vector<const model::Step*> writers;  // of each added line, null if nobody's step wrote it
};

// Empty where contents are binary, too large, withheld or not to be had.
std::vector<Hunk> hunks_of(const Facts& facts, const Net& net);
HunkLine hunk_line(const Facts& facts, const Hunk& hunk);

}  // namespace baton::handoff
