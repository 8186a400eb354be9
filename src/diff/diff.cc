#include "diff/diff.h"

#include <algorithm>
#include <cstring>

#include "diff/align.h"
#include "diff/slide.h"

namespace baton::diff {
namespace {

// Lines around the changed stretch that sliding may want to see.
constexpr size_t kContextAbove = kMaxSlide + kMaxBlanks + 8;
constexpr size_t kContextBelow = 128;
constexpr size_t kCompareBlock = 4096;

size_t common_prefix(std::string_view a, std::string_view b) {
  const size_t limit = std::min(a.size(), b.size());
  size_t at = 0;
  while (at + kCompareBlock <= limit && memcmp(a.data() + at, b.data() + at, kCompareBlock) == 0) {
    at += kCompareBlock;
  }
  while (at < limit && a[at] == b[at]) ++at;
  return at;
}

size_t common_suffix(std::string_view a, std::string_view b) {
  const size_t limit = std::min(a.size(), b.size());
  const char* a_end = a.data() + a.size();
  const char* b_end = b.data() + b.size();
  size_t length = 0;
  while (length + kCompareBlock <= limit &&
         memcmp(a_end - length - kCompareBlock, b_end - length - kCompareBlock, kCompareBlock) ==
             0) {
    length += kCompareBlock;
  }
  while (length < limit && *(a_end - length - 1) == *(b_end - length - 1)) ++length;
  return length;
}

// Both contents, cut into whole lines that both begin with, a middle, and lines that both end with.
struct Trimmed {
  std::string_view above;
  std::string_view old_middle, new_middle;
  std::string_view below;
};

Trimmed trim_common(std::string_view old_content, std::string_view new_content) {
  size_t prefix = common_prefix(old_content, new_content);
  if (prefix < old_content.size() || prefix < new_content.size()) {
    // Back to a line's begin; a line without an end is not the same as one with.
    while (prefix > 0 && old_content[prefix - 1] != '\n') --prefix;
  }
  Trimmed trimmed;
  trimmed.above = old_content.substr(0, prefix);
  std::string_view old_rest = old_content.substr(prefix);
  std::string_view new_rest = new_content.substr(prefix);
  size_t suffix = common_suffix(old_rest, new_rest);
  auto begins_line = [&](std::string_view rest) {
    return suffix == rest.size() || rest[rest.size() - suffix - 1] == '\n';
  };
  if (!begins_line(old_rest) || !begins_line(new_rest)) {
    size_t newline = old_rest.find('\n', old_rest.size() - suffix);
    suffix = newline == std::string_view::npos ? 0 : old_rest.size() - newline - 1;
  }
  trimmed.below = old_rest.substr(old_rest.size() - suffix);
  trimmed.old_middle = old_rest.substr(0, old_rest.size() - suffix);
  trimmed.new_middle = new_rest.substr(0, new_rest.size() - suffix);
  return trimmed;
}

// The last `count` lines at most of whole lines.
std::string_view last_lines(std::string_view content, size_t count) {
  size_t from = content.size();
  for (; count > 0 && from > 0; --count) {
    --from;
    while (from > 0 && content[from - 1] != '\n') --from;
  }
  return content.substr(from);
}

std::string_view first_lines(std::string_view content, size_t count) {
  size_t to = 0;
  for (; count > 0 && to < content.size(); --count) {
    size_t newline = content.find('\n', to);
    to = newline == std::string_view::npos ? content.size() : newline + 1;
  }
  return content.substr(0, to);
}

using Lines = std::span<const std::string_view>;

template <class T>
std::vector<T> join(std::span<const T> a, std::span<const T> b, std::span<const T> c) {
  std::vector<T> all;
  all.reserve(a.size() + b.size() + c.size());
  all.insert(all.end(), a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

// Edits of two middles between common lines, numbered from the first line of `above`.
std::vector<Edit> diff_window(Lines above, Lines old_middle, Lines new_middle, Lines below,
                              bool ends_file, const DiffOptions& options) {
  LineIds ids(options.whitespace,
              above.size() + old_middle.size() + new_middle.size() + below.size());
  const std::vector<uint32_t> old_middle_ids = ids.intern_all(old_middle);
  const std::vector<uint32_t> new_middle_ids = ids.intern_all(new_middle);
  Alignment alignment = align(old_middle_ids, new_middle_ids, ids.size());
  auto surround = [&](std::vector<uint8_t>& changed) {
    changed.insert(changed.begin(), above.size(), 0);
    changed.insert(changed.end(), below.size(), 0);
  };
  surround(alignment.old_changed);
  surround(alignment.new_changed);

  const std::vector<uint32_t> above_ids = ids.intern_all(above);
  const std::vector<uint32_t> below_ids = ids.intern_all(below);
  using Ids = std::span<const uint32_t>;
  const auto old_ids = join<uint32_t>(Ids(above_ids), Ids(old_middle_ids), Ids(below_ids));
  const auto new_ids = join<uint32_t>(Ids(above_ids), Ids(new_middle_ids), Ids(below_ids));
  const auto old_lines = join<std::string_view>(above, old_middle, below);
  const auto new_lines = join<std::string_view>(above, new_middle, below);
  slide({old_lines, new_lines, old_ids, new_ids, ends_file}, alignment, options.indent_heuristic);
  return edits_of(alignment);
}

std::vector<Edit> shifted(std::vector<Edit> edits, size_t lines) {
  auto by = static_cast<uint32_t>(lines);
  for (Edit& edit : edits) {
    edit.old_begin += by;
    edit.old_end += by;
    edit.new_begin += by;
    edit.new_end += by;
  }
  return edits;
}

std::vector<Edit> whole(size_t old_lines, size_t new_lines) {
  return {{0, static_cast<uint32_t>(old_lines), 0, static_cast<uint32_t>(new_lines)}};
}

// Whether the only edit is plain to see: nothing but these lines changed, and they cannot stand
// anywhere else.
bool is_plain(const Trimmed& trimmed, size_t old_count, size_t new_count) {
  if (old_count == 1 && new_count == 1) return true;
  if (old_count > 0 && new_count > 0) return false;
  // It lies as low as it can, since what both begin with was cut off first.
  std::string_view middle = old_count > 0 ? trimmed.old_middle : trimmed.new_middle;
  return last_lines(trimmed.above, 1) != last_lines(middle, 1);
}

}  // namespace

std::vector<Edit> diff_lines(std::string_view old_content, std::string_view new_content,
                             const DiffOptions& options) {
  CommonStart start;
  return diff_lines(old_content, new_content, options, start);
}

std::vector<Edit> diff_lines(std::string_view old_content, std::string_view new_content,
                             const DiffOptions& options, CommonStart& start) {
  start = {};
  if (old_content == new_content) return {};
  Trimmed trimmed = trim_common(old_content, new_content);
  const size_t above_count = count_lines(trimmed.above);
  const size_t old_count = count_lines(trimmed.old_middle);
  const size_t new_count = count_lines(trimmed.new_middle);
  if (old_count > kMaxDiffLines || new_count > kMaxDiffLines ||
      (options.whitespace == Whitespace::exact && is_plain(trimmed, old_count, new_count))) {
    start = {trimmed.above.size(), static_cast<uint32_t>(above_count)};
    return shifted(whole(old_count, new_count), above_count);
  }
  std::string_view below = first_lines(trimmed.below, kContextBelow);
  std::string_view context = last_lines(trimmed.above, kContextAbove);
  std::vector<std::string_view> above_lines = split_lines(context);
  start = {trimmed.above.size() - context.size(),
           static_cast<uint32_t>(above_count - above_lines.size())};
  std::vector<Edit> edits =
      diff_window(above_lines, split_lines(trimmed.old_middle), split_lines(trimmed.new_middle),
                  split_lines(below), below.size() == trimmed.below.size(), options);
  return shifted(std::move(edits), above_count - above_lines.size());
}

std::vector<Edit> diff_lines(Lines old_lines, Lines new_lines, const DiffOptions& options) {
  const size_t limit = std::min(old_lines.size(), new_lines.size());
  size_t prefix = 0;
  while (prefix < limit && old_lines[prefix] == new_lines[prefix]) ++prefix;
  if (prefix == old_lines.size() && prefix == new_lines.size()) return {};
  size_t suffix = 0;
  while (suffix < limit - prefix &&
         old_lines[old_lines.size() - 1 - suffix] == new_lines[new_lines.size() - 1 - suffix]) {
    ++suffix;
  }
  Lines old_middle = old_lines.subspan(prefix, old_lines.size() - prefix - suffix);
  Lines new_middle = new_lines.subspan(prefix, new_lines.size() - prefix - suffix);
  if (old_middle.size() > kMaxDiffLines || new_middle.size() > kMaxDiffLines) {
    return shifted(whole(old_middle.size(), new_middle.size()), prefix);
  }
  Lines above = old_lines.first(prefix).last(std::min(prefix, kContextAbove));
  Lines below = old_lines.last(suffix).first(std::min(suffix, kContextBelow));
  std::vector<Edit> edits =
      diff_window(above, old_middle, new_middle, below, below.size() == suffix, options);
  return shifted(std::move(edits), prefix - above.size());
}

std::vector<Edit> inverse(std::span<const Edit> edits) {
  std::vector<Edit> inverted;
  inverted.reserve(edits.size());
  for (const Edit& edit : edits) {
    inverted.push_back({edit.new_begin, edit.new_end, edit.old_begin, edit.old_end});
  }
  return inverted;
}

Stat stat(std::span<const Edit> edits) {
  Stat sum;
  for (const Edit& edit : edits) {
    sum.added += edit.added();
    sum.removed += edit.removed();
  }
  return sum;
}

}  // namespace baton::diff
