#pragma once

// Where a changed region stands. When the line before a region equals its last line (or the line
// after it its first one) the region may as well lie one line higher (lower): a function added
// after another may begin with its own first line or with the closing brace of the one before. Of
// two readings that are equally short this chooses the one that a person would.

#include <cstdint>
#include <span>
#include <string_view>

#include "diff/align.h"
#include "diff/lines.h"

namespace baton::diff {

// A stretch of lines around all changes, of both sides.
struct Window {
  std::span<const std::string_view> old_lines, new_lines;
  std::span<const uint32_t> old_ids, new_ids;
  bool ends_file = true;  // false: more lines follow, the same ones on both sides
};

// Moves the regions of `alignment` (of the window's lines) and joins those that come to touch. The
// rules are those of git's diff, whose placing people are used to: a region is moved as far up and
// down as its text allows, joining others it meets; if on the way it came beside a region of the
// other side (a replacement), it stays with that; else with `indent_heuristic` the borders decide,
// else it stays lowest. The borders' judgement is git's indent heuristic (git 2.14 and later; the
// weights were fitted by its author M. Haggerty to 6,000 hand-judged diffs): best is a region that
// begins and ends at lines of little indent, after a blank line, before a line that goes deeper.
void slide(const Window& window, Alignment& alignment, bool indent_heuristic);

// No farther than this upwards from the lowest place, in lines.
constexpr uint32_t kMaxSlide = 100;
// How many blank lines around a border are looked at.
constexpr uint32_t kMaxBlanks = 20;

}  // namespace baton::diff
