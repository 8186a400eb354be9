#include "handoff/at_head.h"

#include <algorithm>

#include "base/bytes.h"
#include "diff/diff.h"
#include "diff/lines.h"
#include "handoff/changed_lines.h"
#include "handoff/hunks.h"
#include "secrets/mask.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxNames = 8;  // of one file

// For each line of `present`, counted from 1, the line that it is in `other`; 0 if it is not there.
std::vector<int> same_lines(std::string_view present, std::string_view other) {
  auto old_lines = diff::split_lines(present), new_lines = diff::split_lines(other);
  std::vector<int> places(old_lines.size() + 1, 0);
  uint32_t old_at = 0, new_at = 0;
  auto keep_until = [&](uint32_t old_end) {
    for (; old_at < old_end; ++old_at, ++new_at) places[old_at + 1] = static_cast<int>(new_at) + 1;
  };
  for (const auto& edit : diff::diff_lines(old_lines, new_lines)) {
    keep_until(edit.old_begin);
    old_at = edit.old_end;
    new_at = edit.new_end;
  }
  keep_until(static_cast<uint32_t>(old_lines.size()));
  return places;
}

LineRange moved(const LineRange& lines, const std::vector<int>& places) {
  LineRange range;
  for (int line = std::max(lines.first, 1); line <= lines.last; ++line) {
    int place = static_cast<size_t>(line) < places.size() ? places[static_cast<size_t>(line)] : 0;
    if (place == 0) continue;
    if (range.first == 0) range.first = place;
    range.last = place;
  }
  return range;
}

// Names that a file had before and after it was moved, as far as the moves were seen: one look
// found it gone, and its very content under one other name.
std::vector<std::string> other_names(const Facts& facts, const std::string& path) {
  std::vector<std::string> names{path};
  for (size_t i = 0; i < names.size() && names.size() <= kMaxNames; ++i) {
    for (const auto& [worktree, changes] : facts.timelines) {
      for (const auto& change : changes) {
        bool gone = change.after.empty(), came = change.before.empty();
        if (change.path != names[i] || gone == came) continue;
        auto is_other_end = [&](const model::Change& other) {
          return other.seen == change.seen && other.path != change.path &&
                 (gone ? other.before.empty() && other.after == change.before
                       : other.after.empty() && other.before == change.after);
        };
        if (std::ranges::count_if(changes, is_other_end) != 1) continue;
        const std::string& name = std::ranges::find_if(changes, is_other_end)->path;
        if (std::ranges::find(names, name) == names.end()) names.push_back(name);
      }
    }
  }
  names.erase(names.begin());
  return names;
}

}  // namespace

void place_at_head(const Facts& facts, const std::string& head, std::vector<ChangeLine>& changes) {
  index::GitSource* git = facts.index.git();
  if (git == nullptr || head.empty() || changes.empty()) return;
  std::vector<std::string> paths;
  for (const auto& change : changes) paths.push_back(change.path);
  auto held = git->entries(head, paths);
  if (!held) return;
  for (size_t i = 0; i < changes.size(); ++i) {
    ChangeLine& change = changes[i];
    const Net* net = facts.net(change.path);
    if (net == nullptr || !change.worktree.empty()) continue;
    ObjectId id = (*held)[i] ? (*held)[i]->id : ObjectId();
    const model::Change& last = net->last;
    bool same = id == last.after || (!last.git_id.empty() && id == last.git_id);
    change.at_head = same ? "same" : id.empty() ? "absent" : "other";
    if (id.empty()) {
      std::vector<std::string> names = other_names(facts, change.path);
      auto elsewhere = git->entries(head, names);
      for (size_t j = 0; elsewhere && j < names.size() && id.empty(); ++j) {
        if (!(*elsewhere)[j]) continue;
        id = (*elsewhere)[j]->id;
        change.head_path = names[j];
      }
    }
    if (same || id.empty() || change.hunks.empty()) continue;
    auto content = git->blob(id);
    std::string present = facts.content(last.after);
    if (!content || looks_binary(*content) || content->size() + present.size() > kMaxHunkContent) {
      continue;
    }
    // The lines of hunks are those of masked contents.
    if (auto masked = secrets::mask(*content)) *content = std::move(*masked);
    if (auto masked = secrets::mask(present)) present = std::move(*masked);
    std::vector<int> places = same_lines(present, *content);
    for (HunkLine& hunk : change.hunks) hunk.head_lines = moved(hunk.lines, places);
  }
}

}  // namespace baton::handoff
