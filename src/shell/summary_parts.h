#pragma once

// What the summaries of runners are made of: lines, counts with their words, names of tests, and
// the verdict that follows from the counts.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/chars.h"
#include "shell/test_summaries.h"

namespace baton::shell {

// Without their line ends.
std::vector<std::string_view> lines_of(std::string_view output);
std::string_view skip_spaces(std::string_view text);

// The number at the front; the text behind it goes to `rest`.
std::optional<int> leading_number(std::string_view text, std::string_view* rest = nullptr);
// The number behind `label` in the text: "Failures: 1".
std::optional<int> labelled(std::string_view text, std::string_view label);
// The number before a word in a list such as "1 failed, 2 passed" or "1 failed | 2 passed (3)".
std::optional<int> counted(std::string_view text, std::string_view word);

void add_count(std::optional<int>& sum, std::optional<int> more);
void add_name(std::vector<std::string>& names, std::string_view name);

// Failed if anything failed; passed only if something passed.
void judge(Summary& summary);

}  // namespace baton::shell
