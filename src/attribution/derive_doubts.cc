// Lines of which a change does not tell whether they are the old ones or new ones that equal them.

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "attribution/derive.h"

namespace baton::attribution {
namespace {

using index::LineVersion;
using Kind = LineSource::Kind;

// The runs as edits, if they make the one content of the other.
std::optional<std::vector<diff::Edit>> edits_of(const std::vector<agents::PlacedRun>& runs,
                                                const std::string& before,
                                                const std::string& after) {
  auto old_lines = lines_of(before), new_lines = lines_of(after);
  std::vector<diff::Edit> edits;
  size_t old_line = 0, new_line = 0;
  auto keep_until = [&](size_t old_end) {
    for (; old_line < old_end; ++old_line, ++new_line) {
      if (old_line >= old_lines.size() || new_line >= new_lines.size()) return false;
      if (old_lines[old_line] != new_lines[new_line]) return false;
    }
    return true;
  };
  auto add = [&](diff::Edit edit) {
    if (!edits.empty() && edits.back().old_end == edit.old_begin) {
      edits.back().old_end = edit.old_end;
      edits.back().new_end = edit.new_end;
    } else {
      edits.push_back(edit);
    }
  };
  for (const agents::PlacedRun& run : runs) {
    if (run.begin < old_line || !keep_until(run.begin)) return std::nullopt;
    if (old_line + run.removed > old_lines.size() || new_line + run.added > new_lines.size()) {
      return std::nullopt;
    }
    // What a run took away and put back is kept.
    auto shift_old = static_cast<uint32_t>(old_line), shift_new = static_cast<uint32_t>(new_line);
    for (const diff::Edit& edit :
         diff::diff_lines(std::span(old_lines).subspan(old_line, run.removed),
                          std::span(new_lines).subspan(new_line, run.added))) {
      add({edit.old_begin + shift_old, edit.old_end + shift_old, edit.new_begin + shift_new,
           edit.new_end + shift_new});
    }
    old_line += run.removed;
    new_line += run.added;
  }
  if (!keep_until(old_lines.size()) || new_line != new_lines.size()) return std::nullopt;
  return edits;
}

// Whether the stretch may as well lie a line up or down: it was put in, or taken away, beside an
// equal line.
bool slides(const Stretch& stretch, std::string_view before, std::string_view after) {
  if (!stretch.old_lines.empty() && !stretch.new_lines.empty()) return false;
  const bool is_new = stretch.old_lines.empty();
  const auto& lines = is_new ? stretch.new_lines : stretch.old_lines;
  std::string_view content = is_new ? after : before;
  auto begin = static_cast<size_t>(lines.front().data() - content.data());
  auto end = static_cast<size_t>(lines.back().data() + lines.back().size() - content.data());
  std::string_view above = content.substr(0, begin), below = content.substr(end);
  std::string_view first = lines.front(), last = lines.back();
  const bool up = above.ends_with(last) &&
                  (above.size() == last.size() || above[above.size() - last.size() - 1] == '\n');
  return up || below.starts_with(first);
}

}  // namespace

// What the version changed. Where a diff would have to guess, the tool's own words decide if there
// are any.
std::vector<Stretch> History::stretches_of(const Timeline& timeline, const LineVersion& version,
                                           const std::string& before, const std::string& after,
                                           std::vector<Doubt>& doubts) {
  std::vector<Stretch> stretches = carry(before, after);
  doubts = attribution::doubts(before, after, stretches);
  if (version.evidence != model::Evidence::exact) return stretches;
  if (doubts.empty() && std::ranges::none_of(stretches, [&](const Stretch& stretch) {
        return slides(stretch, before, after);
      })) {
    return stretches;
  }
  auto edit = index::edit_behind(index_, version, timeline.path);
  if (!edit) return stretches;
  auto runs = agents::places_of(*edit, before);
  if (!runs) return stretches;
  auto edits = edits_of(*runs, before, after);
  if (!edits) return stretches;
  doubts.clear();
  return carry(before, after, *edits);
}

// Gives the lines in doubt their rivals.
void History::take_doubts(Timeline& timeline, const std::vector<Stretch>& stretches,
                          const std::vector<Doubt>& doubts, const Origin& origin,
                          const Frame& old_frame, Delta& delta) {
  // Whose the new lines are: a copy of a line is its writer's, whichever of the two it is.
  std::unordered_map<std::string_view, std::set<Origin>> writers;
  if (!doubts.empty()) {
    for (size_t i = 0; i < stretches.size(); ++i) {
      for (size_t k = 0; k < stretches[i].new_lines.size(); ++k) {
        const Mark& mark = timeline.marks[delta.splices[i].marks[k]];
        writers[stretches[i].new_lines[k]].insert(mark.writer);
      }
    }
  }
  for (const Doubt& doubt : doubts) {
    uint32_t* place = nullptr;  // of a new line
    Mark made;
    if (doubt.chosen >= 0) {
      if (static_cast<size_t>(doubt.chosen) >= old_frame.size()) continue;
      made = timeline.marks[old_frame[static_cast<size_t>(doubt.chosen)]];
    } else {
      for (size_t i = 0; i < stretches.size(); ++i) {
        const diff::Edit& edit = stretches[i].edit;
        if (doubt.line < edit.new_begin || doubt.line >= edit.new_end) continue;
        place = &delta.splices[i].marks[doubt.line - edit.new_begin];
      }
      // A line that came from elsewhere is not in doubt.
      if (place == nullptr || timeline.marks[*place].writer != origin) continue;
      made = timeline.marks[*place];
    }
    std::set<Origin> rivals(made.rivals.begin(), made.rivals.end());
    auto add = [&](uint32_t mark) {
      rivals.insert(timeline.marks[mark].writer);
      rivals.insert(timeline.marks[mark].rivals.begin(), timeline.marks[mark].rivals.end());
    };
    for (uint32_t line : doubt.old_lines) {
      if (line < old_frame.size()) add(old_frame[line]);
    }
    if (doubt.fresh) {
      auto fresh = writers.find(doubt.text);
      if (fresh != writers.end()) {
        rivals.insert(fresh->second.begin(), fresh->second.end());
      } else {
        rivals.insert(origin);
      }
    }
    rivals.erase(made.writer);
    if (rivals.empty() || rivals.size() > kMaxRivals) continue;
    made.rivals.assign(rivals.begin(), rivals.end());
    uint32_t mark = timeline.marks.add(made);
    if (place != nullptr) {
      *place = mark;
    } else {
      delta.splices.push_back({static_cast<uint32_t>(doubt.chosen), 1, {mark}});
    }
  }
  std::ranges::stable_sort(delta.splices, {}, &Splice::old_begin);
}

}  // namespace baton::attribution
