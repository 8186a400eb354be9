#include "handoff/changed_lines.h"

#include <algorithm>

#include "base/bytes.h"
#include "diff/diff.h"
#include "diff/lines.h"
#include "index/contents.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

constexpr size_t kTextsKept = 4;
constexpr size_t kQuotesKept = 16;

std::string without_end(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return std::string(utf8_prefix(line, kMaxQuotedBytes));
}

// Lines of a content by their numbers, which must rise.
class LineWalk {
 public:
  explicit LineWalk(std::string_view content) : rest_(content) {}

  std::string_view at(uint32_t number) {
    for (; next_ < number; ++next_) rest_.remove_prefix(length());
    return rest_.substr(0, length());
  }

 private:
  size_t length() const {
    size_t newline = rest_.find('\n');
    return newline == std::string_view::npos ? rest_.size() : newline + 1;
  }

  std::string_view rest_;
  uint32_t next_ = 0;  // the line that `rest_` begins with
};

}  // namespace

const std::optional<std::string>& ChangedLines::text(const ObjectId& id) {
  auto known = std::ranges::find(newest_, id, &Text::id);
  if (known != newest_.end()) {
    newest_.splice(newest_.begin(), newest_, known);
    return known->masked;
  }
  if (newest_.size() == kTextsKept) newest_.pop_back();
  Text& text = newest_.emplace_front(id, std::nullopt);
  auto content = index_.contents().text(id);
  if (!content || looks_binary(*content)) return text.masked;
  // Masked before it is cut into lines: some secrets are several lines long.
  if (auto masked = secrets::mask(*content)) content = std::move(*masked);
  text.masked = std::move(*content);
  return text.masked;
}

const std::vector<std::string>& ChangedLines::between(const ObjectId& before,
                                                      const ObjectId& after) {
  auto known = std::ranges::find_if(
      told_, [&](const Quoted& each) { return each.before == before && each.after == after; });
  if (known != told_.end()) {
    told_.splice(told_.begin(), told_, known);
    return known->lines;
  }
  if (told_.size() == kQuotesKept) told_.pop_back();
  return told_.emplace_front(before, after, quote(before, after)).lines;
}

std::vector<std::string> ChangedLines::quote(const ObjectId& before, const ObjectId& after) {
  const auto& old_text = text(before);
  const auto& new_text = text(after);
  if (!old_text || !new_text) return {};
  LineWalk old_lines(*old_text), new_lines(*new_text);
  std::vector<std::string> quoted;
  auto add = [&](char sign, LineWalk& lines, uint32_t begin, uint32_t end) {
    for (uint32_t i = begin; i < end && quoted.size() <= kMaxQuotedLines; i++) {
      bool full = quoted.size() == kMaxQuotedLines;
      quoted.push_back(full ? "…" : sign + without_end(lines.at(i)));
    }
  };
  for (const auto& edit : diff::diff_lines(*old_text, *new_text)) {
    add('-', old_lines, edit.old_begin, edit.old_end);
    add('+', new_lines, edit.new_begin, edit.new_end);
    if (quoted.size() > kMaxQuotedLines) break;
  }
  return quoted;
}

LineCount count_changed_lines(index::Index& index, const ObjectId& before, const ObjectId& after) {
  LineCount count;
  auto old_content = index.contents().text(before);
  auto new_content = index.contents().text(after);
  if (!old_content || !new_content) return count;
  count.known = true;
  count.binary = looks_binary(*old_content) || looks_binary(*new_content);
  if (count.binary) return count;
  diff::Stat stat = diff::stat(diff::diff_lines(*old_content, *new_content));
  count.added = static_cast<int>(stat.added);
  count.removed = static_cast<int>(stat.removed);
  return count;
}

}  // namespace baton::handoff
