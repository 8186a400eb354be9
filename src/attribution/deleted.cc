#include "attribution/deleted.h"

#include <algorithm>
#include <set>

#include "attribution/derive.h"
#include "base/bytes.h"

namespace baton::attribution {
namespace {

using Kind = LineSource::Kind;

std::string without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  return std::string(line);
}

// Where the places are after the edits.
void shift(std::vector<Tombstone>& stones, const std::vector<diff::Edit>& edits) {
  for (Tombstone& stone : stones) {
    int64_t moved = 0;
    for (const diff::Edit& edit : edits) {
      if (edit.old_begin >= stone.before) break;
      if (stone.before < edit.old_end) {
        moved = int64_t{edit.new_end} - stone.before;
        break;
      }
      moved = int64_t{edit.new_end} - edit.old_end;
    }
    stone.before = static_cast<uint32_t>(std::max<int64_t>(0, stone.before + moved));
  }
}

}  // namespace

Result<std::vector<Tombstone>> tombstones(History& history, Timeline& timeline, int32_t version,
                                          std::string_view content) {
  size_t end = timeline.versions.size();
  if (version >= 0) end = static_cast<size_t>(version) + 1;
  std::map<size_t, std::vector<Tombstone>> states;  // of versions that come back
  std::set<size_t> wanted;
  for (size_t i = 0; i < end; ++i) {
    const Delta& delta = timeline.deltas[i];
    if (delta.base >= 0 && delta.base != delta.previous) {
      wanted.insert(static_cast<size_t>(delta.base));
    }
  }
  std::vector<Tombstone> stones;
  std::string last;
  for (size_t i = 0; i < end; ++i) {
    const index::LineVersion& now = timeline.versions[i];
    const Delta& delta = timeline.deltas[i];
    if (now.skipped || now.aside || delta.lost) continue;
    Origin origin = origin_of(timeline, now);
    if (now.after.empty()) {
      if (delta.previous >= 0) {
        auto was = history.content(timeline.versions[static_cast<size_t>(delta.previous)].after);
        Frame frame = history.frame(timeline, static_cast<size_t>(delta.previous));
        if (was && !looks_binary(**was)) {
          auto lines = lines_of(**was);
          for (size_t k = 0; k < lines.size() && k < frame.size(); ++k) {
            stones.push_back({without_end(lines[k]), origin, frame[k], 0});
          }
        }
      }
      continue;
    }
    auto is = history.content(now.after);
    if (!is) continue;
    Content was;
    if (delta.previous >= 0) {
      auto got = history.content(timeline.versions[static_cast<size_t>(delta.previous)].after);
      if (got) was = *got;
    }
    std::string_view before = was ? std::string_view(*was) : std::string_view();
    last = **is;
    bool back = delta.base >= 0 && delta.base != delta.previous;
    if (back && states.contains(static_cast<size_t>(delta.base))) {
      stones = states[static_cast<size_t>(delta.base)];
      // What had been written since then went.
      Frame frame = history.frame(timeline, static_cast<size_t>(delta.previous));
      for (const Stretch& stretch : carry(before, **is)) {
        for (size_t k = 0; k < stretch.old_lines.size() && !looks_binary(before); ++k) {
          uint32_t number = stretch.edit.old_begin + static_cast<uint32_t>(k);
          if (stretch.lives[k] || number >= frame.size()) continue;
          stones.push_back({without_end(stretch.old_lines[k]), origin, frame[number],
                            stretch.edit.new_end, true});
        }
      }
    } else {
      auto stretches = carry(before, **is);
      std::vector<diff::Edit> edits;
      for (const Stretch& stretch : stretches) edits.push_back(stretch.edit);
      shift(stones, edits);
      Frame frame;
      if (delta.previous >= 0) {
        frame = history.frame(timeline, static_cast<size_t>(delta.previous));
      }
      std::multiset<std::string_view> came;
      for (const Stretch& stretch : stretches) {
        std::set<uint32_t> reworked;
        for (size_t k = 0; k < stretch.sources.size(); ++k) {
          if (stretch.sources[k].kind == Kind::reworked) reworked.insert(stretch.sources[k].line);
          if (is_telling(stretch.new_lines[k])) came.insert(stretch.new_lines[k]);
        }
        // What a binary content held is no line.
        for (size_t k = 0; k < stretch.old_lines.size() && !looks_binary(before); ++k) {
          uint32_t number = stretch.edit.old_begin + static_cast<uint32_t>(k);
          if (stretch.lives[k] || reworked.contains(number) || number >= frame.size()) continue;
          stones.push_back(
              {without_end(stretch.old_lines[k]), origin, frame[number], stretch.edit.new_end});
        }
      }
      // Put back: the newest of that text.
      for (size_t k = stones.size(); k-- > 0 && !came.empty();) {
        if (stones[k].remover == origin) continue;
        auto found = std::ranges::find_if(
            came, [&](std::string_view line) { return without_end(line) == stones[k].text; });
        if (found == came.end()) continue;
        came.erase(found);
        stones.erase(stones.begin() + static_cast<ptrdiff_t>(k));
      }
    }
    if (stones.size() > kMaxTombstones) {
      stones.erase(stones.begin(),
                   stones.begin() + static_cast<ptrdiff_t>(stones.size() - kMaxTombstones));
    }
    if (wanted.contains(i)) states[i] = stones;
  }
  if (last != content) shift(stones, diff::diff_lines(last, content));
  std::ranges::stable_sort(stones, {}, &Tombstone::before);
  return stones;
}

}  // namespace baton::attribution
