#pragma once

// Which lines the words of a user mean, in the language of git's -L:
//
//   10,20   10,+5   20,-5   10   ,20        numbers; a range that runs backwards is turned around
//   /RE/,/RE/   /RE/,+5   ^/RE/             POSIX basic expressions; the first is searched behind
//   the
//                                           range before it, with ^ from the file's first line
//   :RE                                     the function whose first line matches, up to the next
//   one
//
// A function's first line is here one that begins with a letter, '_' or '$', as git's default has
// it. What git's attributes say of a path's language only git knows.

#include <cstddef>
#include <span>
#include <string_view>

#include "base/result.h"

namespace baton::diff {

// Counted from 1, both ends included.
struct LineRange {
  size_t first = 1, last = 1;
  bool operator==(const LineRange&) const = default;
};

// `behind` is the last line of the range before this one, 0 for none. ErrorKind::usage for words
// that mean nothing, ErrorKind::not_found for lines that are not there. `last` never exceeds the
// file.
Result<LineRange> parse_line_range(std::string_view words, std::span<const std::string_view> lines,
                                   size_t behind = 0);

// Whether the words name a function, so that git should be asked first.
bool names_function(std::string_view words);

}  // namespace baton::diff
