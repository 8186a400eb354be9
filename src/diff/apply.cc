#include "diff/apply.h"

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "diff/lines.h"

namespace baton::diff {
namespace {

struct Range {
  size_t begin = 0;  // from 0
  size_t count = 0;
};

struct HunkHead {
  Range before, after;
};

// "12,3" or "12" up to a blank.
std::optional<Range> read_range(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return std::nullopt;
  size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  std::string_view words = text.substr(1, blank - 1);
  text.remove_prefix(blank + 1);
  size_t comma = words.find(',');
  auto line = parse_int(words.substr(0, comma));
  auto count = comma == std::string_view::npos ? std::optional<int64_t>(1)
                                               : parse_int(words.substr(comma + 1));
  constexpr int64_t kMaxLine = int64_t{1} << 40;
  if (!line || !count || *line < 0 || *count < 0 || *line > kMaxLine || *count > kMaxLine) {
    return std::nullopt;
  }
  if (*count == 0) return Range{static_cast<size_t>(*line), 0};  // it names the line before it
  if (*line == 0) return std::nullopt;
  return Range{static_cast<size_t>(*line) - 1, static_cast<size_t>(*count)};
}

// "@@ -1,3 +1,4 @@ heading"
std::optional<HunkHead> read_head(std::string_view line) {
  if (!line.starts_with("@@ ")) return std::nullopt;
  line.remove_prefix(3);
  auto before = read_range(line, '-');
  if (!before) return std::nullopt;
  auto after = read_range(line, '+');
  if (!after || !line.starts_with("@@")) return std::nullopt;
  return HunkHead{*before, *after};
}

std::unexpected<Error> corrupt(size_t patch_line) {
  return fail(ErrorKind::damage, "corrupt patch at line " + std::to_string(patch_line + 1));
}

}  // namespace

Result<std::string> apply_edits(std::string_view old_content, std::string_view new_content,
                                std::span<const Edit> edits) {
  std::vector<std::string_view> old_lines = split_lines(old_content);
  std::vector<std::string_view> new_lines = split_lines(new_content);
  std::string out;
  out.reserve(new_content.size());
  size_t old_at = 0, new_at = 0;
  for (const Edit& edit : edits) {
    if (edit.old_begin < old_at || edit.new_begin < new_at || edit.old_end < edit.old_begin ||
        edit.new_end < edit.new_begin || edit.old_end > old_lines.size() ||
        edit.new_end > new_lines.size()) {
      return fail(ErrorKind::damage, "edits do not fit the content");
    }
    for (; old_at < edit.old_begin; ++old_at) out += old_lines[old_at];
    for (new_at = edit.new_begin; new_at < edit.new_end; ++new_at) out += new_lines[new_at];
    old_at = edit.old_end;
  }
  for (; old_at < old_lines.size(); ++old_at) out += old_lines[old_at];
  return out;
}

Result<std::string> apply_unified(std::string_view content, std::string_view patch) {
  std::vector<std::string_view> lines = split_lines(content);
  std::vector<std::string_view> text = split_lines(patch);
  size_t i = 0;
  while (i < text.size() && !text[i].starts_with("@@ ")) ++i;
  std::string out;
  out.reserve(content.size() + patch.size());
  size_t at = 0;       // in `lines`
  size_t written = 0;  // lines of `out`
  bool ended = false;  // `out` has got a line without an end: nothing may follow
  auto write = [&](std::string_view line) {
    if (ended) return false;
    out += line;
    ++written;
    ended = !line.ends_with('\n');
    return true;
  };

  while (i < text.size()) {
    const size_t head_line = i;
    auto head = read_head(text[i++]);
    if (!head) return corrupt(head_line);
    auto mismatch = [&] {
      return fail(ErrorKind::negative,
                  "patch does not apply at line " + std::to_string(head->before.begin + 1));
    };
    if (head->before.begin < at || head->before.begin > lines.size()) return mismatch();
    for (; at < head->before.begin; ++at) {
      if (!write(lines[at])) return mismatch();
    }
    if (head->after.begin != written) return mismatch();
    size_t old_left = head->before.count, new_left = head->after.count;
    while (old_left > 0 || new_left > 0) {
      if (i == text.size()) return corrupt(i);
      std::string_view line = text[i];
      const char sign = line == "\n" ? ' ' : line[0];  // some tools strip the blank
      if (sign != ' ' && sign != '-' && sign != '+') return corrupt(i);
      if (line != "\n") line.remove_prefix(1);
      ++i;
      if (i < text.size() && text[i].starts_with("\\ ")) {
        if (line.ends_with('\n')) line.remove_suffix(1);
        ++i;
      }
      if (sign != '+') {
        if (old_left-- == 0) return corrupt(i - 1);
        if (at == lines.size() || lines[at] != line) return mismatch();
        ++at;
      }
      if (sign != '-') {
        if (new_left-- == 0) return corrupt(i - 1);
        if (!write(line)) return mismatch();
      }
    }
  }
  for (; at < lines.size(); ++at) {
    if (!write(lines[at])) return fail(ErrorKind::negative, "patch does not apply at the end");
  }
  return out;
}

}  // namespace baton::diff
