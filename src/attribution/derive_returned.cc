// Lines that stood somewhere before: in an earlier version, in another worktree, under another
// name.

#include "attribution/derive.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"

namespace baton::attribution {
namespace {

using index::LineVersion;
using index::VersionKind;

constexpr size_t kMaxKin = 8;

}  // namespace

// A content that another worktree has had: whole.
Result<bool> History::known_elsewhere(Timeline& timeline, Subject& subject) {
  if (subject.version == nullptr || depth_ > kMaxDepth) return false;
  for (int64_t worktree :
       TRY(index::worktrees_of_path(index_, timeline.key.path, timeline.key.worktree))) {
    if (worktree == timeline.key.worktree) continue;
    Timeline* other = TRY(this->timeline({worktree, timeline.key.path}, timeline.path));
    subject.crossing = true;
    size_t limit = other->versions.size();
    while (limit > 0 && other->versions[limit - 1].seen > subject.version->seen) --limit;
    int32_t same = known(*other, *subject.version, limit);
    if (same < 0 || !ensure(*other, static_cast<size_t>(same))) continue;
    TRY(align_with(timeline, subject, *other, static_cast<size_t>(same)));
    if (std::ranges::find(subject.marks, kOpen) == subject.marks.end()) return true;
  }
  return false;
}

// Open lines that stand in a version of some timeline, among lines that stand there too. `alone`:
// one that stands there once and here once is enough; it may have been written again, though.
Status History::align_with(Timeline& timeline, Subject& subject, Timeline& from, size_t version,
                           bool alone) {
  auto got = content(from.versions[version].after);
  if (!got) return {};
  std::vector<std::string_view> whole = lines_of(*subject.content);
  std::vector<std::string_view> there = lines_of(**got);
  // Subject lines may be some of the content's only: find them by where they stand in memory.
  std::unordered_map<const char*, uint32_t> number_of;
  for (uint32_t i = 0; i < subject.lines.size(); ++i) number_of[subject.lines[i].data()] = i;
  Frame frame_there = frame(from, version);
  // A line that has its equal in the file may have been written again.
  std::unordered_map<std::string_view, uint32_t> here;
  if (!subject.from_git) {
    for (std::string_view line : whole) {
      auto found = number_of.find(line.data());
      bool from_act = found != number_of.end() && found->second < subject.from_act.size() &&
                      subject.from_act[found->second] != 0;
      if (!from_act) ++here[trim(line)];
    }
  }
  uint32_t old_line = 0, new_line = 0;
  auto match_until = [&](uint32_t old_end) {
    uint32_t run = old_end - old_line;
    uint32_t open = 0, letters = 0, most = 0;
    bool tells = false, stands_alone = false;
    for (uint32_t i = 0; i < run; ++i) {
      uint32_t letters_here = letters_of(whole[new_line + i]);
      tells |= letters_here >= diff::kTellingAlnum;
      auto found = number_of.find(whole[new_line + i].data());
      if (found == number_of.end() || subject.marks[found->second] != kOpen) continue;
      ++open;
      if (!subject.from_git && here[trim(whole[new_line + i])] > 1) continue;
      letters += letters_here;
      most = std::max(most, letters_here);
      stands_alone |= alone && letters_here >= kMinPutBackBetween &&
                      std::ranges::count(there, trim(whole[new_line + i]), trim) == 1;
    }
    bool between = open > 0 && open < run && most >= kMinPutBackBetween;
    bool believed = subject.from_git ? tells
                    : subject.exact  ? letters >= kMinPutBack && between
                                     : letters >= kMinPutBack || between;
    if (open > 0 && (believed || stands_alone)) {
      for (uint32_t i = 0; i < run; ++i) {
        auto found = number_of.find(whole[new_line + i].data());
        if (found == number_of.end() || subject.marks[found->second] != kOpen) continue;
        if (old_line + i >= frame_there.size()) continue;
        Mark made = timeline.marks[timeline.marks.import(from.marks, frame_there[old_line + i])];
        if (!subject.from_git) {
          made.mover = subject.origin;
          made.arrival = Arrival::restored;
        }
        if (!believed) made.add_rival(subject.origin);
        if (there[old_line + i] != whole[new_line + i]) made.reformatter = subject.origin;
        subject.marks[found->second] = timeline.marks.add(made);
      }
    }
    old_line += run;
    new_line += run;
  };
  diff::DiffOptions options;
  options.whitespace = diff::Whitespace::ignore_all;
  for (const diff::Edit& edit :
       diff::diff_lines(std::span<const std::string_view>(there),
                        std::span<const std::string_view>(whole), options)) {
    match_until(edit.old_begin);
    old_line = edit.old_end;
    new_line = edit.new_end;
  }
  match_until(static_cast<uint32_t>(there.size()));
  return {};
}

void History::read_removals(Timeline& timeline) {
  for (; timeline.removals_read < timeline.deltas.size(); ++timeline.removals_read) {
    auto number = static_cast<uint32_t>(timeline.removals_read);
    const Delta& delta = timeline.deltas[number];
    auto note = [&](uint32_t hash, bool moved) {
      auto& list = timeline.removals[hash];
      if (list.empty() || list.back().version != number) list.push_back({number, moved});
    };
    for (uint32_t hash : delta.removed) note(hash, false);
    for (uint32_t hash : delta.moved) note(hash, true);
  }
}

// Open lines that some version before `limit` took away: as they were before that.
Status History::put_back(Timeline& timeline, Subject& subject, Timeline& from, size_t limit) {
  read_removals(from);
  std::set<uint32_t> tried;
  BlockSources sources;
  size_t seen = limit;  // up to the last version that somebody saw
  while (seen > 0 && from.versions[seen - 1].kind == VersionKind::interim) --seen;
  while (tried.size() < kMaxTries) {
    int64_t best = -1;
    for (size_t i = 0; i < subject.lines.size(); ++i) {
      if (subject.marks[i] != kOpen || !is_telling(subject.lines[i])) continue;
      auto found = from.removals.find(line_hash(subject.lines[i]));
      if (found == from.removals.end()) continue;
      for (size_t k = found->second.size(); k-- > 0;) {
        const Removal& removal = found->second[k];
        // git brings back what stood before a move; for others the line still stands.
        if (removal.moved && !subject.from_git) continue;
        if (removal.version >= limit || tried.contains(removal.version)) continue;
        best = std::max<int64_t>(best, removal.version);
        break;
      }
    }
    if (best < 0) break;
    tried.insert(static_cast<uint32_t>(best));
    int32_t before = from.deltas[static_cast<size_t>(best)].previous;
    if (before < 0) continue;
    // What git put away a moment ago comes back as somebody left it.
    bool put_away = subject.version != nullptr && &from == &timeline &&
                    best + 1 == static_cast<int64_t>(seen) &&
                    is_git(from.versions[static_cast<size_t>(best)]) &&
                    subject.version->owner != model::OwnerKind::step;
    TRY(align_with(timeline, subject, from, static_cast<size_t>(before), put_away));
    if (subject.from_git || put_away) offer_gone(from, static_cast<size_t>(before), {}, sources);
    sources.doubtful |= put_away;
  }
  // A merge may have put them in another order.
  if (has_open(subject)) {
    sources.at_once.insert(&from);
    take_blocks(timeline, subject, sources);
  }
  return {};
}

// Of a revision: blocks that stand in a version of its file at another place, where they were moved
// since.
Status History::in_another_order(Timeline& timeline, Subject& subject, size_t version) {
  if (!has_open(subject)) return {};
  BlockSources sources;
  offer_gone(timeline, version, {}, sources);
  sources.as_it_was = true;
  sources.at_once.insert(&timeline);
  take_blocks(timeline, subject, sources);
  return {};
}

// What git brought while the file had changes of its own: in the middle of them.
Status History::from_aside(Timeline& timeline, Subject& subject, size_t interim) {
  const bool from_git = std::exchange(subject.from_git, true);
  auto aligned = align_with(timeline, subject, timeline, interim);
  subject.from_git = from_git;
  return aligned;
}

// What git brought may have been recorded in another worktree, under the same path.
Status History::from_worktrees(Timeline& timeline, Subject& subject) {
  if (depth_ > kMaxDepth) return {};
  Micros until = subject.version != nullptr ? subject.version->seen : INT64_MAX;
  for (int64_t worktree :
       TRY(index::worktrees_of_path(index_, timeline.key.path, timeline.key.worktree))) {
    if (worktree == timeline.key.worktree) continue;
    if (!has_open(subject)) return {};
    Timeline* other = TRY(this->timeline({worktree, timeline.key.path}, timeline.path));
    subject.crossing = true;
    size_t limit = other->versions.size();
    while (limit > 0 && other->versions[limit - 1].seen > until) --limit;
    if (limit == 0 || !ensure(*other, limit - 1)) continue;
    bool lost = false;
    int32_t newest = previous(*other, limit, lost);
    if (newest >= 0) TRY(align_with(timeline, subject, *other, static_cast<size_t>(newest)));
    TRY(put_back(timeline, subject, *other, limit));
  }
  return {};
}

// Other names of the file: it got this one there, or lost it.
Result<std::vector<int64_t>> History::other_names(const Timeline& timeline,
                                                  const Subject& subject) {
  std::vector<int64_t> paths;
  size_t looked_at = 0;
  for (const LineVersion& version : timeline.versions | std::views::reverse) {
    if (version.q >= subject.origin.q && !subject.origin.none()) continue;
    if (version.before.empty() == version.after.empty() || version.kind != VersionKind::change) {
      continue;
    }
    if (++looked_at > kMaxKin) break;
    auto others =
        TRY(index::versions_of_event(index_, timeline.key.worktree, version, kMaxEventPaths + 1));
    if (others.size() > kMaxEventPaths) continue;
    for (const index::OtherVersion& other : others) {
      if (other.version.before != version.after || other.version.after != version.before) continue;
      if (std::ranges::find(paths, other.path) == paths.end()) paths.push_back(other.path);
    }
  }
  return paths;
}

// Versions of files that this one has lines from, or that it was under another name.
Status History::from_kin(Timeline& timeline, Subject& subject) {
  if (depth_ > kMaxDepth) return {};
  std::set<index::TimelineKey> names, keys;
  for (int64_t path : TRY(other_names(timeline, subject))) {
    names.insert({timeline.key.worktree, path});
  }
  keys = names;
  for (uint32_t i = 0; i < timeline.marks.size() && keys.size() < kMaxKin; ++i) {
    const Origin& writer = timeline.marks[i].writer;
    if (!writer.none() && writer.key.path != timeline.key.path) {
      keys.insert(writer.key);
    }
  }
  for (const index::TimelineKey& key : keys) {
    if (!has_open(subject)) return {};
    Timeline* other = TRY(this->timeline(key, TRY(index::path_name(index_, key.path))));
    subject.crossing = true;
    size_t limit = other->versions.size();
    if (subject.version != nullptr && key.worktree == timeline.key.worktree) {
      limit = versions_for(*other, *subject.version);
    } else if (subject.version != nullptr) {
      while (limit > 0 && other->versions[limit - 1].seen >= subject.version->seen) --limit;
    }
    if (limit == 0 || !ensure(*other, limit - 1)) continue;
    if (names.contains(key)) {
      bool lost = false;
      int32_t newest = previous(*other, limit, lost);
      if (newest >= 0) TRY(align_with(timeline, subject, *other, static_cast<size_t>(newest)));
    }
    TRY(put_back(timeline, subject, *other, limit));
  }
  return {};
}

bool History::has_open(const Subject& subject) {
  for (size_t i = 0; i < subject.marks.size(); ++i) {
    if (subject.marks[i] == kOpen && is_telling(subject.lines[i])) return true;
  }
  return false;
}

}  // namespace baton::attribution
