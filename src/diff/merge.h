#pragma once

// Two changes of one content put together: keeps what either side did, and says where both did
// something else to the same lines. What is a conflict, and how it is written, is as in
// `git merge-file` (git 2.39), so that a person who knows git's answer knows ours.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diff/lines.h"

namespace baton::diff {

struct MergeOptions {
  // What the conflict markers say after their signs; "" for nothing.
  std::string_view ours_label = "ours";
  std::string_view base_label = "base";
  std::string_view theirs_label = "theirs";
  uint32_t marker_size = 7;
  // Write the base's lines into conflicts too, and leave each conflict as large as it is; otherwise
  // lines at a conflict's borders on which both sides agree are taken out of it.
  bool show_base = false;
};

struct LineRange {
  uint32_t begin = 0, end = 0;  // from 0, half-open
  bool operator==(const LineRange&) const = default;
};

struct Conflict {
  // In the three contents. Of conflicts that are pieces of one change the first has its base lines.
  LineRange base, ours, theirs;
  LineRange merged;  // in the merged text, with its markers
};

struct Merge {
  std::string text;
  std::vector<Conflict> conflicts;  // in order
  bool clean() const { return conflicts.empty(); }
};

// Works on any bytes; for contents that are no text the caller may want not to. Changes are in
// conflict where they touch: without a line between them that neither changed. The same change on
// both sides is none.
Merge merge(std::string_view base, std::string_view ours, std::string_view theirs,
            const MergeOptions& options = {});

}  // namespace baton::diff
