#pragma once

// What changed between two contents, in lines.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "diff/lines.h"

namespace baton::diff {

// A maximal changed region: lines [old_begin, old_end) were replaced by [new_begin, new_end). Line
// numbers count from 0; one of the two may be empty, never both. Edits come in order and never
// touch: between two of them lies at least one line that both sides have.
struct Edit {
  uint32_t old_begin = 0;
  uint32_t old_end = 0;
  uint32_t new_begin = 0;
  uint32_t new_end = 0;

  uint32_t removed() const { return old_end - old_begin; }
  uint32_t added() const { return new_end - new_begin; }
  bool operator==(const Edit&) const = default;
};

struct DiffOptions {
  Whitespace whitespace = Whitespace::exact;
  // Where a region could as well lie some lines higher or lower, choose as git does by default: the
  // place whose borders look most like those of a block (slide.h). Off: as low as possible, as
  // git's merge does.
  bool indent_heuristic = true;
};

// The edits that make `new_content` of `old_content`. Minimal for what people and agents do to
// files; for contents that have little in common it is bounded work that counts, not the last
// line (align.h). Works on any bytes. Costs a few memory passes over what both have in common at
// their ends, and no memory for it.
std::vector<Edit> diff_lines(std::string_view old_content, std::string_view new_content,
                             const DiffOptions& options = {});
// A place up to which two contents are the same, in whole lines: edits begin behind it.
struct CommonStart {
  size_t bytes = 0;
  uint32_t lines = 0;
};
// The same, telling such a place near the first edit: who looks at the edits' lines need not count
// up to there again.
std::vector<Edit> diff_lines(std::string_view old_content, std::string_view new_content,
                             const DiffOptions& options, CommonStart& start);
// The same for lines that are split already.
std::vector<Edit> diff_lines(std::span<const std::string_view> old_lines,
                             std::span<const std::string_view> new_lines,
                             const DiffOptions& options = {});

// The other direction.
std::vector<Edit> inverse(std::span<const Edit> edits);

struct Stat {
  uint64_t added = 0;
  uint64_t removed = 0;
  bool operator==(const Stat&) const = default;
};
Stat stat(std::span<const Edit> edits);

// Where two contents differ in more lines than this, between the first difference and the last, on
// either side, that whole stretch is one edit.
constexpr size_t kMaxDiffLines = size_t{1} << 24;

}  // namespace baton::diff
