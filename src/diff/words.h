#pragma once

// Inside a replaced region: which new line is which old one changed, and what changed in it.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "diff/diff.h"

namespace baton::diff {

// The edits between two short texts in words: a word is a run of letters, digits, '_' and bytes
// >= 0x80, a run of space, or any other byte. The edits' numbers are byte offsets.
std::vector<Edit> diff_words(std::string_view old_text, std::string_view new_text);

// For each new line the old line that it was, if at least half of what both say is the same. In
// order: two pairs never cross. Blank lines have no pair.
std::vector<std::optional<uint32_t>> pair_lines(std::span<const std::string_view> old_lines,
                                                std::span<const std::string_view> new_lines);

constexpr size_t kMaxWordsText = 64 * 1024;  // bytes; a longer text is one edit
// Old times new lines that are compared with each other; in a larger region line n is compared with
// line n only.
constexpr size_t kMaxPairs = 10'000;

}  // namespace baton::diff
