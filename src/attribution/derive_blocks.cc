// Blocks of lines that came from another place: moved or copied.

#include "attribution/derive.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <unordered_map>

#include "base/bytes.h"
#include "diff/moves.h"

namespace baton::attribution {
namespace {

using index::LineVersion;
using index::OtherVersion;
using model::OwnerKind;

constexpr size_t kMaxOwnVersions = 64;  // of the file itself
constexpr size_t kMaxKnownPaths = 16;   // of those that the session read or changed last
constexpr size_t kMaxStanding = 256;    // contents whose lines' hashes are held
constexpr uint32_t kMinRareLetters = 12;
constexpr size_t kMaxEarlier = 4;       // versions that had what was taken away later
constexpr size_t kMaxWindowPaths = 16;  // with more paths only what they lost at once is looked at
// Letters and digits of a line that is known by itself, where more came from the same file.
constexpr uint32_t kMinSingle = 8;
constexpr size_t kMaxSlide = 64;  // lines that a run is moved to and fro

}  // namespace

// Hashes of a content's lines that say something, with how often each stands there.
const History::Standing& History::standing(const ObjectId& id, const std::string& text) {
  auto [found, added] = standing_.try_emplace(id);
  if (added) {
    if (standing_.size() > kMaxStanding) {
      standing_.clear();
      return standing(id, text);
    }
    for (std::string_view line : lines_of(text)) {
      if (is_telling(line)) ++found->second[line_hash(line)];
    }
  }
  return found->second;
}

// The same of what a version took away from the one before it.
const History::Standing& History::removed_by(const ObjectId& before, const ObjectId& after) {
  auto [found, added] = removed_.try_emplace({before, after});
  if (!added) return found->second;
  auto was = content(before);
  if (!was || (*was)->size() > kMaxSourceBytes) return found->second;
  std::string nothing;
  const std::string* text = &nothing;
  Content is;
  if (!after.empty()) {
    auto got = content(after);
    if (!got || (*got)->size() > kMaxSourceBytes) return found->second;
    is = *got;
    text = is.get();
  }
  for (const Stretch& stretch : carry(**was, *text)) {
    for (size_t i = 0; i < stretch.old_lines.size(); ++i) {
      if (stretch.lives[i] || !is_telling(stretch.old_lines[i])) continue;
      ++found->second[line_hash(stretch.old_lines[i])];
    }
  }
  return found->second;
}

// Whether enough of the open lines stand in the version before to be a copy.
bool History::may_be_here(Timeline& timeline, const Subject& subject, int32_t before) {
  const ObjectId& id = timeline.versions[static_cast<size_t>(before)].after;
  if (timeline.standing_of != id) {
    auto there = content(id);
    if (!there) return false;
    timeline.standing.clear();
    for (std::string_view line : lines_of(**there)) ++timeline.standing[line_hash(line)];
    timeline.standing_of = id;
  }
  uint32_t lines = 0;
  for (size_t i = 0; i < subject.marks.size(); ++i) {
    if (subject.marks[i] != kOpen || !is_telling(subject.lines[i])) continue;
    auto found = timeline.standing.find(line_hash(subject.lines[i]));
    lines += found != timeline.standing.end() && found->second > 0;
  }
  return lines >= kMinCopyLines;
}

// A whole content, as it stands in a version.
void History::offer_whole(Timeline& from, size_t version, BlockSources& sources) {
  auto got = content(from.versions[version].after);
  if (!got || (*got)->size() > kMaxSourceBytes || looks_binary(**got)) return;
  if (!sources.whole.emplace(&from, version).second) return;
  sources.blocks.push_back({&from, version, *got, lines_of(**got), 0, true});
}

// What of a version's content does not live on in `after`.
void History::offer_gone(Timeline& from, size_t version, std::string_view after,
                         BlockSources& sources) {
  auto was = content(from.versions[version].after);
  if (!was || (*was)->size() > kMaxSourceBytes || looks_binary(**was)) return;
  auto lines = lines_of(**was);
  std::vector<uint8_t> gone(lines.size(), 0);
  for (const Stretch& stretch : carry(**was, after)) {
    for (size_t i = 0; i < stretch.lives.size(); ++i) {
      gone[stretch.edit.old_begin + i] = !stretch.lives[i];
    }
  }
  for (uint32_t begin = 0; begin < lines.size();) {
    if (!gone[begin]) {
      ++begin;
      continue;
    }
    uint32_t end = begin + 1;
    while (end < lines.size() && gone[end]) ++end;
    sources.blocks.push_back(
        {&from, version, *was, {lines.begin() + begin, lines.begin() + end}, begin, false});
    begin = end;
  }
}

// What a version took away from the one before it, and what it left there.
Status History::offer_removed(Timeline& timeline, size_t at, const OtherVersion& other, Offer offer,
                              const std::vector<uint32_t>& open_hashes, BlockSources& sources) {
  // Most new lines stand nowhere else, which their hashes tell without reading anything.
  auto may_come_from = [&](const Standing& there) {
    return std::ranges::any_of(open_hashes, [&](uint32_t hash) { return there.contains(hash); });
  };
  bool is_own = other.path == timeline.key.path;
  bool removed_some = may_come_from(removed_by(other.version.before, other.version.after));
  bool standing = offer != Offer::taken && !is_own;
  if (standing && !removed_some) {
    auto there = content(other.version.before);
    standing = there && (*there)->size() <= kMaxSourceBytes &&
               may_come_from(this->standing(other.version.before, **there));
  }
  if (!standing && (!removed_some || offer == Offer::left)) return {};
  std::string path = is_own ? timeline.path : TRY(index::path_name(index_, other.path));
  Timeline* from = TRY(this->timeline({timeline.key.worktree, other.path}, path));
  auto number = change_at(*from, other.version.q);
  if (!number || (is_own && *number >= at)) return {};
  bool lost = false;
  int32_t before = previous(*from, *number, lost);
  // Nothing rests on what came later.
  while (before >= 0 && from->versions[static_cast<size_t>(before)].q >= timeline.versions[at].q) {
    if (from->versions[static_cast<size_t>(before)].kind != index::VersionKind::interim) return {};
    before = previous(*from, static_cast<size_t>(before), lost);
  }
  if (before < 0 || static_cast<size_t>(before) >= versions_for(*from, timeline.versions[at]) ||
      !ensure(*from, static_cast<size_t>(before))) {
    return {};
  }
  if (offer != Offer::left) {
    Content after = std::make_shared<const std::string>();
    if (!other.version.after.empty()) {
      auto is = content(other.version.after);
      if (!is || (*is)->size() > kMaxSourceBytes) return {};
      after = *is;
    }
    offer_gone(*from, static_cast<size_t>(before), *after, sources);
  }
  if (standing) offer_whole(*from, static_cast<size_t>(before), sources);
  return {};
}

// Whether enough of the open lines stand in a content for a block of them to be a copy.
bool History::holds_some(const ObjectId& id, const std::vector<uint32_t>& open_hashes) {
  auto known = standing_.find(id);
  if (known == standing_.end()) {
    auto text = content(id);
    if (!text || (*text)->size() > kMaxSourceBytes) return false;
    standing(id, **text);
    known = standing_.find(id);
  }
  return std::ranges::count_if(open_hashes, [&](uint32_t hash) {
           return known->second.contains(hash);
         }) >= static_cast<std::ptrdiff_t>(kMinCopyLines);
}

// What versions before `limit` had of the open lines, and `now` has not: git may have taken it away
// for a while, and it came back elsewhere.
Status History::offer_earlier(Timeline& from, size_t limit, std::string_view now,
                              const std::vector<uint32_t>& open_hashes, BlockSources& sources) {
  if (limit == 0 || !ensure(from, limit - 1)) return {};
  read_removals(from);
  std::set<uint32_t, std::greater<>> removers;
  for (uint32_t hash : open_hashes) {
    auto found = from.removals.find(hash);
    if (found == from.removals.end()) continue;
    for (const Removal& removal : found->second | std::views::reverse) {
      if (removal.moved || removal.version >= limit) continue;
      removers.insert(removal.version);
      break;
    }
  }
  std::set<int32_t> tried;
  for (uint32_t number : removers) {
    if (tried.size() == kMaxEarlier) break;
    int32_t before = from.deltas[number].previous;
    if (before < 0 || !tried.insert(before).second) continue;
    offer_gone(from, static_cast<size_t>(before), now, sources);
  }
  return {};
}

// Hashes of the open lines that say something.
std::vector<uint32_t> History::open_hashes_of(const Subject& subject) {
  std::vector<uint32_t> hashes;
  for (size_t i = 0; i < subject.marks.size(); ++i) {
    if (subject.marks[i] == kOpen && is_telling(subject.lines[i])) {
      hashes.push_back(line_hash(subject.lines[i]));
    }
  }
  return hashes;
}

// What the very act took from other files, or may have: what else its event saw, or changed between
// the same two looks. Gives the open lines the marks of such blocks, and the rest of what there is
// to offer to `act`.
Status History::from_act(Timeline& timeline, Subject& subject, size_t at, Act& act) {
  const LineVersion& version = *subject.version;
  if (version.kind == index::VersionKind::base || depth_ > kMaxDepth) return {};
  auto open_hashes = open_hashes_of(subject);
  if (open_hashes.empty()) return {};
  subject.crossing = true;
  if (version.owner == OwnerKind::step && version.owner_session != 0) {
    act.others =
        TRY(index::versions_of_event(index_, timeline.key.worktree, version, kMaxEventPaths + 1));
  } else {
    auto window =
        TRY(index::versions_around(index_, timeline.key.worktree, version, kMaxEventPaths + 1));
    subject.open |= window.open;
    act.others = std::move(window.versions);
  }
  if (act.others.size() > kMaxEventPaths) {
    act.others.clear();
    return {};
  }
  act.crowded = act.others.size() > kMaxWindowPaths;
  std::erase_if(act.others, [&](const OtherVersion& other) {
    return !in_one_hand(version, other.version) || other.path == timeline.key.path;
  });
  for (const OtherVersion& other : act.others) {
    if (other.version.before.empty()) continue;
    TRY(offer_removed(timeline, at, other, Offer::taken, open_hashes, act.sources));
  }
  for (const BlockSource& each : act.sources.blocks) act.sources.at_once.insert(each.from);
  if (act.sources.blocks.empty()) return {};
  const Frame before = subject.marks;
  take_blocks(timeline, subject, act.sources);
  subject.from_act.resize(before.size());
  for (size_t i = 0; i < before.size(); ++i) {
    subject.from_act[i] = before[i] == kOpen && subject.marks[i] != kOpen;
  }
  return {};
}

// Blocks that left another place by the same act or earlier in the same turn, and blocks that
// stand where the turn has read or changed something.
Status History::from_turn(Timeline& timeline, Subject& subject, size_t at, Act& act) {
  const LineVersion& version = *subject.version;
  if (version.kind == index::VersionKind::base || depth_ > kMaxDepth) return {};
  auto open_hashes = open_hashes_of(subject);
  if (open_hashes.empty()) return {};
  const size_t telling = open_hashes.size();
  subject.crossing = true;
  BlockSources& sources = act.sources;
  bool by_step = version.owner == OwnerKind::step && version.owner_session != 0;
  for (const OtherVersion& other : act.others) {
    if (!other.version.before.empty()) {
      TRY(offer_removed(timeline, at, other, Offer::left, open_hashes, sources));
      for (const BlockSource& each : sources.blocks) sources.at_once.insert(each.from);
    }
    if (subject.exact || act.crowded) continue;
    Timeline* from = TRY(this->timeline({timeline.key.worktree, other.path},
                                        TRY(index::path_name(index_, other.path))));
    Content now = std::make_shared<const std::string>();
    if (!other.version.after.empty()) {
      auto is = content(other.version.after);
      if (!is || (*is)->size() > kMaxSourceBytes) continue;
      now = *is;
    }
    // A file that this very act made may be a copy of this one, and rests on it then.
    int64_t until = other.version.before.empty() ? std::min(other.version.q, version.q) : version.q;
    size_t limit = std::min(earlier_versions(*from, until), versions_for(*from, version));
    TRY(offer_earlier(*from, limit, *now, open_hashes, sources));
  }
  if (is_git(version)) TRY(offer_committed(timeline, version, open_hashes, sources));
  // What the session had taken away from this file.
  read_removals(timeline);
  std::set<uint32_t> own_versions;
  for (uint32_t hash : open_hashes) {
    auto found = timeline.removals.find(hash);
    if (found == timeline.removals.end()) continue;
    for (const Removal& removal : found->second) {
      uint32_t number = removal.version;
      if (!removal.moved && number < at && number + kMaxOwnVersions >= at &&
          in_one_hand(version, timeline.versions[number])) {
        own_versions.insert(number);
      }
    }
  }
  for (uint32_t number : own_versions) {
    TRY(offer_removed(timeline, at, {timeline.key.path, timeline.versions[number]}, Offer::taken,
                      open_hashes, sources));
  }
  if (by_step) {
    for (const OtherVersion& other : TRY(turns_.before(timeline.key, version, kMaxTurnVersions))) {
      if (!other.version.before.empty())
        TRY(offer_removed(timeline, at, other, Offer::both, open_hashes, sources));
    }
    for (int64_t path : TRY(known_.before(timeline.key.worktree, version, kMaxKnownPaths))) {
      if (path == timeline.key.path) continue;
      Timeline* from =
          TRY(this->timeline({timeline.key.worktree, path}, TRY(index::path_name(index_, path))));
      bool lost = false;
      int32_t before = previous(*from, versions_for(*from, version), lost);
      if (before < 0) continue;
      if (holds_some(from->versions[static_cast<size_t>(before)].after, open_hashes) &&
          ensure(*from, static_cast<size_t>(before))) {
        offer_whole(*from, static_cast<size_t>(before), sources);
      }
    }
  }
  bool lost = false;
  int32_t own_before = previous(timeline, at, lost);
  if (own_before >= 0 && telling >= kMinCopyLines && may_be_here(timeline, subject, own_before)) {
    offer_whole(timeline, static_cast<size_t>(own_before), sources);
  }
  take_blocks(timeline, subject, sources);
  return {};
}

// The open runs. One beside equal lines may as well have been put in some lines up or down: then
// its lines follow each other in another order, beginning anew behind its end.
std::vector<History::Target> History::targets_of(const Subject& subject) {
  std::vector<Target> targets;
  std::vector<std::string_view> whole = lines_of(*subject.content);
  for (const auto& [begin, end] : open_runs(subject.marks)) {
    auto run = std::span(subject.lines).subspan(begin, end - begin);
    targets.push_back({begin, 0, {run.begin(), run.end()}});
    auto turned = [&](size_t first) {
      Target target{begin, static_cast<uint32_t>(first), {run.begin(), run.end()}};
      std::ranges::rotate(target.lines, target.lines.begin() + static_cast<std::ptrdiff_t>(first));
      targets.push_back(std::move(target));
    };
    auto number = static_cast<size_t>(
        std::ranges::lower_bound(whole, run.front().data(), {},
                                 [](std::string_view line) { return line.data(); }) -
        whole.begin());
    size_t most = std::min(run.size() - 1, kMaxSlide);
    for (size_t up = 1; up <= std::min(most, number); ++up) {
      if (whole[number - up] != run[run.size() - up]) break;
      turned(run.size() - up);
    }
    for (size_t down = 0; down < most && number + run.size() + down < whole.size(); ++down) {
      if (whole[number + run.size() + down] != run[down]) break;
      turned(down + 1);
    }
  }
  return targets;
}

// Gives the open lines the marks of blocks that they came from.
void History::take_blocks(Timeline& timeline, Subject& subject, const BlockSources& sources) {
  if (sources.blocks.empty()) return;
  std::set<Timeline*> near{&timeline};
  near.insert(sources.at_once.begin(), sources.at_once.end());
  take_blocks(timeline, subject, sources, near, false);
  // A file that has given a block may have given a line that would not be believed alone.
  bool gave = near.size() > 1 || !sources.at_once.empty();
  if (gave && has_open(subject)) take_blocks(timeline, subject, sources, near, true);
}

// `near`: files whose blocks need no more than those of the file itself. Adds those that gave one.
// `again`: lines that stand once are believed alone.
void History::take_blocks(Timeline& timeline, Subject& subject, const BlockSources& sources,
                          std::set<Timeline*>& near, bool again) {
  std::map<Timeline*, uint32_t> file_of;
  for (Timeline* each : near) file_of[each] = 0;
  std::unordered_map<uint32_t, uint32_t> here;  // how often a line stands in the file
  std::vector<diff::Block> source_blocks, target_blocks;
  for (const BlockSource& source : sources.blocks) {
    auto file = file_of.try_emplace(source.from, static_cast<uint32_t>(file_of.size())).first;
    source_blocks.push_back({source.lines, file->second, source.stands});
  }
  std::vector<Target> targets = targets_of(subject);
  for (const Target& target : targets) target_blocks.push_back({target.lines, 0, false});
  diff::MoveOptions options;
  // A person may have deleted it there and written it here.
  const bool by_agent = subject.version == nullptr || subject.version->owner == OwnerKind::step;
  auto is_doubtful = [&](const diff::Move& move, const BlockSource& source) {
    if (again && sources.doubtful) return true;
    if (by_agent || subject.from_git) return false;
    if (again) return true;
    if (source.from == &timeline) return false;
    uint32_t letters = 0, telling = 0;
    for (uint32_t i = 0; i < move.lines; ++i) {
      std::string_view line = source.lines[move.source_line + i];
      letters += letters_of(line);
      telling += is_telling(line);
    }
    return letters < options.min_alnum_other_file && telling < options.min_telling_lines;
  };
  if (again) {
    options.min_alnum_same_file = kMinSingle;
    for (std::string_view line : lines_of(*subject.content)) ++here[line_hash(line)];
  }
  for (const diff::Move& move : diff::find_moves(source_blocks, target_blocks, options)) {
    const BlockSource& source = sources.blocks[move.source];
    const Target& target = targets[move.target];
    auto to = [&](uint32_t i) { return target.number(move.target_line + i); };
    if (again) {
      bool known = false;
      for (uint32_t i = 0; i < move.lines && !known; ++i) {
        std::string_view line = subject.lines[to(i)];
        known = letters_of(line) >= kMinSingle && here[line_hash(line)] == 1;
      }
      if (!known) continue;
    }
    if (source.stands) {
      uint32_t letters = 0, lines = 0;
      bool rare = false;  // in its file: others may be copies of it
      const Standing& there =
          standing(source.from->versions[source.version].after, *source.content);
      for (uint32_t i = 0; i < move.lines; ++i) {
        std::string_view line = source.lines[move.source_line + i];
        uint32_t here = letters_of(line);
        letters += here;
        lines += here >= diff::kTellingAlnum;
        if (rare || here < kMinRareLetters) continue;
        auto known = there.find(line_hash(line));
        rare = known != there.end() && known->second == 1;
      }
      if (letters < kMinCopyLetters || lines < kMinCopyLines || !rare) continue;
    }
    if (!source.stands) near.insert(source.from);
    const bool doubtful = is_doubtful(move, source);
    Frame frame_there = frame(*source.from, source.version);
    for (uint32_t i = 0; i < move.lines; ++i) {
      uint32_t number = source.begin + move.source_line + i;
      if (number >= frame_there.size() || subject.marks[to(i)] != kOpen) continue;
      Mark made = timeline.marks[timeline.marks.import(source.from->marks, frame_there[number])];
      if (!sources.as_it_was) {
        made.mover = subject.origin;
        made.arrival = source.stands ? Arrival::copied : Arrival::moved;
      }
      if (doubtful) made.add_rival(subject.origin);
      if (source.lines[move.source_line + i] != subject.lines[to(i)]) {
        made.reformatter = subject.origin;
      }
      subject.marks[to(i)] = timeline.marks.add(made);
    }
  }
}

}  // namespace baton::attribution
