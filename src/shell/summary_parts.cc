#include "shell/summary_parts.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::shell {

using model::TestVerdict;

std::vector<std::string_view> lines_of(std::string_view output) {
  std::vector<std::string_view> lines = split(output, '\n');
  for (std::string_view& line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
  }
  return lines;
}

std::string_view skip_spaces(std::string_view text) {
  size_t at = text.find_first_not_of(" \t");
  return at == text.npos ? std::string_view() : text.substr(at);
}

std::optional<int> leading_number(std::string_view text, std::string_view* rest) {
  size_t end = 0;
  while (end < text.size() && end < 9 && is_digit(text[end])) ++end;
  if (end == 0 || (end < text.size() && is_digit(text[end]))) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, end)) value = value * 10 + (c - '0');
  if (rest != nullptr) *rest = text.substr(end);
  return value;
}

std::optional<int> labelled(std::string_view text, std::string_view label) {
  size_t at = text.find(label);
  if (at == text.npos) return std::nullopt;
  return leading_number(skip_spaces(text.substr(at + label.size())));
}

std::optional<int> counted(std::string_view text, std::string_view word) {
  size_t from = 0;
  for (;;) {
    size_t at = text.find(word, from);
    if (at == text.npos) return std::nullopt;
    from = at + word.size();
    bool whole = from == text.size() || !isalpha(static_cast<unsigned char>(text[from]));
    if (!whole || at < 2 || text[at - 1] != ' ' || !is_digit(text[at - 2])) continue;
    size_t begin = at - 1;
    while (begin > 0 && is_digit(text[begin - 1])) --begin;
    return leading_number(text.substr(begin));
  }
}

void add_count(std::optional<int>& sum, std::optional<int> more) {
  if (more) sum = sum.value_or(0) + *more;
}

void add_name(std::vector<std::string>& names, std::string_view name) {
  name = trim(name);
  if (name.empty() || names.size() >= kMaxTestNames) return;
  std::string text(utf8_prefix(name, kMaxTestNameSize));
  if (std::ranges::find(names, text) == names.end()) names.push_back(std::move(text));
}

void judge(Summary& summary) {
  summary.found = true;
  if (summary.failed.value_or(0) > 0) {
    summary.verdict = TestVerdict::failed;
  } else if (summary.passed.value_or(0) > 0) {
    summary.verdict = TestVerdict::passed;
  } else {
    summary.nothing_ran = true;
  }
}

}  // namespace baton::shell
