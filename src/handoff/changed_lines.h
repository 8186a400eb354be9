#pragma once

// The lines that a change took away and put in place, for quoting.

#include <string>
#include <vector>

#include "index/index.h"

namespace baton::handoff {

constexpr size_t kMaxQuotedLines = 6;
constexpr size_t kMaxQuotedBytes = 200;  // of one line

// Each line behind "-" or "+", without its end; at most `max_lines`, then one line "…". Empty if a
// content is binary, withheld or not to be had. Contents are masked as a whole first.
std::vector<std::string> changed_lines(index::Index& index, const ObjectId& before,
                                       const ObjectId& after, size_t max_lines = kMaxQuotedLines);

// How many lines a change added and removed.
struct LineCount {
  int added = 0, removed = 0;
  bool binary = false;
  bool known = false;  // both contents could be had
};
LineCount count_changed_lines(index::Index& index, const ObjectId& before, const ObjectId& after);

}  // namespace baton::handoff
