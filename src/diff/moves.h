#pragma once

// Blocks of lines that went from one place to another: taken away here and put there, in the same
// file or between files, or copied from text that still stands. For the owner of a line it is the
// origin that counts, not the hand that moved it.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "diff/lines.h"

namespace baton::diff {

// A stretch of lines on one side of a change.
struct Block {
  std::span<const std::string_view> lines;
  uint32_t file = 0;    // a number of the caller's; blocks of one file need less to be believed
  bool stands = false;  // a source that was not taken away: what is found there is a copy
};

struct Move {
  uint32_t source = 0, source_line = 0;  // index into the sources, line in that block
  uint32_t target = 0, target_line = 0;
  uint32_t lines = 0;
  bool exact = true;  // false: the lines differ in space (indented anew)
  bool operator==(const Move&) const = default;
};

struct MoveOptions {
  Whitespace whitespace = Whitespace::ignore_all;
  // A run of lines is believed to have moved if it has this many letters and digits, as in git's
  // blame -M and -C, or this many lines that say something (kTellingAlnum).
  uint32_t min_alnum_same_file = 20;
  uint32_t min_alnum_other_file = 40;
  uint32_t min_telling_lines = 3;
};

// Where the targets' lines came from, in the targets' order. No target line is in two moves; a
// source line is in two only if its block stands. Of several sources the one with the longest run
// is taken, then one that was taken away, then one in the same file, then the first.
std::vector<Move> find_moves(std::span<const Block> sources, std::span<const Block> targets,
                             const MoveOptions& options = {});

constexpr uint32_t kTellingAlnum = 4;  // letters and digits in a line that says something
// A line that occurs more often among the sources is no place to start a search from; runs with no
// rarer line in them are not found.
constexpr uint32_t kMaxMoveCandidates = 64;
constexpr int64_t kMaxMoveWork = 50'000'000;  // compared lines; what is not found by then is not

}  // namespace baton::diff
