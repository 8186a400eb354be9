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

std::string without_end(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return std::string(utf8_prefix(line, kMaxQuotedBytes));
}

}  // namespace

const std::optional<std::string>& ChangedLines::text(const ObjectId& id) {
  auto known = std::ranges::find(newest_, id, &Text::id);
  if (known != newest_.end()) {
    newest_.splice(newest_.begin(), newest_, known);
    return known->masked;
  }
  if (newest_.size() == kTextsKept) newest_.pop_back();
  Text& text = newest_.emplace_front(id, std::nullopt);
  auto content = index_.contents().get(id);
  if (!content || looks_binary(*content)) return text.masked;
  // Masked before it is cut into lines: some secrets are several lines long.
  if (auto masked = secrets::mask(*content)) content = std::move(*masked);
  text.masked = std::move(*content);
  return text.masked;
}

std::vector<std::string> ChangedLines::between(const ObjectId& before, const ObjectId& after) {
  const auto& old_text = text(before);
  const auto& new_text = text(after);
  if (!old_text || !new_text) return {};
  auto old_lines = diff::split_lines(*old_text);
  auto new_lines = diff::split_lines(*new_text);
  std::vector<std::string> quoted;
  auto add = [&](char sign, std::string_view line) {
    if (quoted.size() < kMaxQuotedLines)
      quoted.push_back(sign + without_end(line));
    else if (quoted.size() == kMaxQuotedLines)
      quoted.push_back("…");
  };
  for (const auto& edit : diff::diff_lines(old_lines, new_lines)) {
    for (uint32_t i = edit.old_begin; i < edit.old_end; i++) add('-', old_lines[i]);
    for (uint32_t i = edit.new_begin; i < edit.new_end; i++) add('+', new_lines[i]);
  }
  return quoted;
}

LineCount count_changed_lines(index::Index& index, const ObjectId& before, const ObjectId& after) {
  LineCount count;
  auto old_content = index.contents().get(before);
  auto new_content = index.contents().get(after);
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
