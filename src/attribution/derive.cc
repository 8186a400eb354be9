// How the lines of one version came from those of others: the rules of docs/attribution.md, in
// their order.

#include <algorithm>

#include "attribution/history.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "diff/moves.h"
#include "diff/similarity.h"

namespace baton::attribution {
namespace {

using index::LineVersion;
using index::OtherVersion;
using model::OwnerKind;
using Kind = LineSource::Kind;

constexpr uint32_t kOpen = UINT32_MAX;  // a line that is not explained yet

constexpr int kMaxDepth = 32;            // timelines that rest on each other
constexpr size_t kMaxTries = 24;         // versions that one version's open lines are held against
constexpr size_t kManyPaths = 5000;      // of one event, looked through for one that went away
constexpr size_t kMaxEventPaths = 64;    // with more paths only whole files are compared
constexpr size_t kMaxTurnVersions = 24;  // of a turn, before a version, that lines may come from
constexpr size_t kMaxOwnVersions = 64;   // of the file itself
constexpr size_t kMaxReadPaths = 8;
constexpr size_t kMaxKin = 8;
constexpr size_t kMaxRecentPaths = 24;
constexpr size_t kMaxStanding = 256;                 // contents whose lines' hashes are held
constexpr size_t kMaxSourceBytes = size_t{4} << 20;  // of one file that lines may come from
constexpr int kMinRename = 50;                       // percent, as git's
// Lines that were put back need so many letters together, or stand between lines that stood there
// then.
constexpr uint32_t kMinPutBack = 20;
constexpr uint32_t kMinPutBackBetween = 8;
// A copy is believed less easily than a move: it takes nothing away that would speak for it.
constexpr uint32_t kMinCopyLetters = 60;
constexpr uint32_t kMinCopyLines = 3;
constexpr uint32_t kMinRareLetters = 12;

// Of what the line says, without its whitespace.
uint32_t line_hash(std::string_view line) {
  std::string text;
  text.reserve(line.size());
  for (char c : line) {
    if (!diff::is_space(c)) text += c;
  }
  return static_cast<uint32_t>(checksum64(text));
}

bool is_git(const LineVersion& version) {
  return version.owner == OwnerKind::git || version.base;
}

// Whether one act may have made both changes: what one look saw, the steps of one session, or what
// nobody is known to have done.
bool in_one_hand(const LineVersion& a, const LineVersion& b) {
  if (a.session == b.session && a.event == b.event) return true;
  bool step_a = a.owner == OwnerKind::step, step_b = b.owner == OwnerKind::step;
  if (step_a != step_b) return false;
  return !step_a || a.owner_session == b.owner_session;
}

// How many versions came before that number: what a version may rest on, so that none rests on
// itself.
size_t earlier_versions(const Timeline& timeline, int64_t q) {
  size_t count = 0;
  while (count < timeline.versions.size() && timeline.versions[count].q < q) ++count;
  return count;
}

// The open lines as runs.
std::vector<std::pair<uint32_t, uint32_t>> open_runs(const Frame& marks) {
  std::vector<std::pair<uint32_t, uint32_t>> runs;
  for (uint32_t begin = 0; begin < marks.size();) {
    if (marks[begin] != kOpen) {
      ++begin;
      continue;
    }
    uint32_t end = begin + 1;
    while (end < marks.size() && marks[end] == kOpen) ++end;
    runs.emplace_back(begin, end);
    begin = end;
  }
  return runs;
}

}  // namespace

int32_t History::previous(const Timeline& timeline, size_t at, bool& lost) const {
  for (size_t i = at; i-- > 0;) {
    const LineVersion& version = timeline.versions[i];
    if (version.skipped) continue;
    if (version.after.empty()) return -1;
    if (version.withheld || (i < timeline.deltas.size() && timeline.deltas[i].lost)) {
      lost = true;
      continue;
    }
    return static_cast<int32_t>(i);
  }
  return -1;
}

// The nearest earlier version of the same content.
int32_t History::known(const Timeline& timeline, const LineVersion& version, size_t limit) const {
  for (size_t i = limit; i-- > 0;) {
    const LineVersion& other = timeline.versions[i];
    if (other.skipped || other.withheld || other.after.empty()) continue;
    if (i < timeline.deltas.size() && timeline.deltas[i].lost) continue;
    bool same = other.after == version.after ||
                (!version.git_id.empty() && other.git_id == version.git_id) ||
                (!other.git_id.empty() && other.git_id == version.after);
    if (same) return static_cast<int32_t>(i);
  }
  return -1;
}

Result<Delta> History::derive(Timeline& timeline, size_t at) {
  const LineVersion& version = timeline.versions[at];
  Delta delta;
  bool lost = false;
  delta.previous = previous(timeline, at, lost);
  auto skip = [&] {
    delta.base = delta.previous;
    return delta;
  };
  if (version.skipped) return skip();
  Content before, after;
  if (delta.previous >= 0) {
    before = TRY(content(timeline.versions[static_cast<size_t>(delta.previous)].after));
  }
  auto note_removed = [&](const std::vector<Stretch>& stretches) {
    for (const Stretch& stretch : stretches) {
      for (size_t i = 0; i < stretch.old_lines.size(); ++i) {
        if (!stretch.lives[i]) delta.removed.push_back(line_hash(stretch.old_lines[i]));
      }
    }
  };
  if (version.after.empty()) {
    if (before) {
      for (std::string_view line : lines_of(*before)) delta.removed.push_back(line_hash(line));
    }
    return delta;
  }
  if (version.withheld) {
    delta.lost = true;
    return skip();
  }
  auto got = content(version.after);
  if (!got) {
    if (got.error().kind != ErrorKind::not_found && got.error().kind != ErrorKind::damage) {
      return std::unexpected(got.error());
    }
    delta.lost = true;
    return skip();
  }
  after = *got;
  std::vector<Stretch> stretches;
  if (before) stretches = carry(*before, *after);
  note_removed(stretches);

  int32_t same = known(timeline, version, at);
  if (same >= 0) {
    // What was there once is what it was.
    const LineVersion& other = timeline.versions[static_cast<size_t>(same)];
    if (other.after == version.after ||
        frame(timeline, static_cast<size_t>(same)).size() == lines_of(*after).size()) {
      delta.base = same;
      return delta;
    }
  }

  Origin origin{timeline.key, version.q, version.base};
  bool grew = !before || std::ranges::any_of(stretches, [](const Stretch& stretch) {
    return stretch.edit.added() > 0;
  });
  if (!grew) {
    delta.base = delta.previous;
    for (const Stretch& stretch : stretches) {
      delta.splices.push_back({stretch.edit.old_begin, stretch.edit.removed(), {}});
    }
    return delta;
  }

  // The new lines, each first as what the version before it tells.
  Frame old_frame;
  if (before) old_frame = frame(timeline, static_cast<size_t>(delta.previous));
  Subject subject;
  subject.version = &version;
  subject.origin = origin;
  subject.content = after;
  subject.from_git = is_git(version);
  subject.exact = version.evidence == model::Evidence::exact;
  if (!before) {
    subject.lines = lines_of(*after);
    subject.marks.assign(subject.lines.size(), kOpen);
  } else {
    for (const Stretch& stretch : stretches) {
      for (size_t i = 0; i < stretch.sources.size(); ++i) {
        const LineSource& source = stretch.sources[i];
        uint32_t mark = kOpen;
        if (source.kind != Kind::fresh && source.kind != Kind::reworked) {
          Mark made = timeline.marks[old_frame[source.line]];
          if (source.kind != Kind::moved) made.reformatter = origin;
          if (source.kind != Kind::reformatted) {
            made.mover = origin;
            made.arrival = Arrival::moved;
          }
          mark = timeline.marks.add(made);
        }
        subject.lines.push_back(stretch.new_lines[i]);
        subject.marks.push_back(mark);
      }
    }
  }
  TRY(explain(timeline, subject, at));
  // What is left is the version's own.
  size_t next = 0;
  auto own = [&](int32_t was) {
    Mark made;
    made.writer = origin;
    made.was = was;
    made.lost = lost;
    return timeline.marks.add(made);
  };
  if (!before) {
    for (size_t i = 0; i < subject.marks.size(); ++i) {
      if (subject.marks[i] != kOpen) continue;
      subject.marks[i] = own(i < subject.was.size() ? subject.was[i] : -1);
    }
    delta.base = -1;
    delta.splices.push_back({0, 0, std::move(subject.marks)});
  } else {
    delta.base = delta.previous;
    for (const Stretch& stretch : stretches) {
      Splice splice{stretch.edit.old_begin, stretch.edit.removed(), {}};
      for (const LineSource& source : stretch.sources) {
        uint32_t mark = subject.marks[next++];
        if (mark == kOpen) {
          mark = own(source.kind == Kind::reworked ? static_cast<int32_t>(old_frame[source.line])
                                                   : -1);
        }
        splice.marks.push_back(mark);
      }
      delta.splices.push_back(std::move(splice));
    }
  }
  if (before &&
      timeline.standing_of == timeline.versions[static_cast<size_t>(delta.previous)].after) {
    for (const Stretch& stretch : stretches) {
      for (std::string_view line : stretch.old_lines) --timeline.standing[line_hash(line)];
      for (std::string_view line : stretch.new_lines) ++timeline.standing[line_hash(line)];
    }
    timeline.standing_of = version.after;
  }
  delta.crossing = subject.crossing;
  delta.open = subject.open;
  return delta;
}

Status History::explain(Timeline& timeline, Subject& subject, size_t at) {
  auto open_letters = [&] {
    uint32_t letters = 0;
    for (size_t i = 0; i < subject.marks.size(); ++i) {
      if (subject.marks[i] == kOpen) letters += letters_of(subject.lines[i]);
    }
    return letters;
  };
  if (open_letters() == 0) return {};
  bool is_new = at == 0 || timeline.versions[at - 1].after.empty();
  if (is_new && subject.version != nullptr) {
    if (TRY(from_renamed(timeline, subject))) return {};
  }
  if (subject.from_git) {
    if (TRY(known_elsewhere(timeline, subject))) return {};
    TRY(put_back(timeline, subject, timeline, at));
    TRY(from_worktrees(timeline, subject));
    TRY(from_kin(timeline, subject));
  }
  if (subject.version == nullptr || open_letters() < kMinPutBackBetween) return {};
  if (!subject.from_git && !subject.exact) TRY(put_back(timeline, subject, timeline, at));
  if (open_letters() < kMinPutBack) return {};
  return from_turn(timeline, subject, at);
}

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

// Open lines that stand in a version of some timeline, among lines that stand there too.
Status History::align_with(Timeline& timeline, Subject& subject, Timeline& from, size_t version) {
  auto got = content(from.versions[version].after);
  if (!got) return {};
  std::vector<std::string_view> whole = lines_of(*subject.content);
  std::vector<std::string_view> there = lines_of(**got);
  // Subject lines may be some of the content's only: find them by where they stand in memory.
  std::unordered_map<const char*, uint32_t> number_of;
  for (uint32_t i = 0; i < subject.lines.size(); ++i) number_of[subject.lines[i].data()] = i;
  Frame frame_there = frame(from, version);
  uint32_t old_line = 0, new_line = 0;
  auto match_until = [&](uint32_t old_end) {
    uint32_t run = old_end - old_line;
    uint32_t open = 0, letters = 0, most = 0;
    bool tells = false;
    for (uint32_t i = 0; i < run; ++i) {
      uint32_t here = letters_of(whole[new_line + i]);
      tells |= here >= diff::kTellingAlnum;
      auto found = number_of.find(whole[new_line + i].data());
      if (found == number_of.end() || subject.marks[found->second] != kOpen) continue;
      ++open;
      letters += here;
      most = std::max(most, here);
    }
    bool between = open > 0 && open < run && most >= kMinPutBackBetween;
    bool believed = subject.from_git ? tells : letters >= kMinPutBack || between;
    if (open > 0 && believed) {
      for (uint32_t i = 0; i < run; ++i) {
        auto found = number_of.find(whole[new_line + i].data());
        if (found == number_of.end() || subject.marks[found->second] != kOpen) continue;
        if (old_line + i >= frame_there.size()) continue;
        Mark made = timeline.marks[timeline.marks.import(from.marks, frame_there[old_line + i])];
        if (!subject.from_git) {
          made.mover = subject.origin;
          made.arrival = Arrival::restored;
        }
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
    for (uint32_t hash : timeline.deltas[timeline.removals_read].removed) {
      auto& list = timeline.removals[hash];
      auto number = static_cast<uint32_t>(timeline.removals_read);
      if (list.empty() || list.back() != number) list.push_back(number);
    }
  }
}

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

// Open lines that some version before `limit` took away: as they were before that.
Status History::put_back(Timeline& timeline, Subject& subject, Timeline& from, size_t limit) {
  read_removals(from);
  std::set<uint32_t> tried;
  while (tried.size() < kMaxTries) {
    int64_t best = -1;
    for (size_t i = 0; i < subject.lines.size(); ++i) {
      if (subject.marks[i] != kOpen || !is_telling(subject.lines[i])) continue;
      auto found = from.removals.find(line_hash(subject.lines[i]));
      if (found == from.removals.end()) continue;
      for (size_t k = found->second.size(); k-- > 0;) {
        uint32_t number = found->second[k];
        if (number >= limit || tried.contains(number)) continue;
        best = std::max<int64_t>(best, number);
        break;
      }
    }
    if (best < 0) return {};
    tried.insert(static_cast<uint32_t>(best));
    int32_t before = from.deltas[static_cast<size_t>(best)].previous;
    if (before >= 0) TRY(align_with(timeline, subject, from, static_cast<size_t>(before)));
  }
  return {};
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

// Versions of files that this one has lines from: it may have had another name then.
Status History::from_kin(Timeline& timeline, Subject& subject) {
  if (depth_ > kMaxDepth) return {};
  std::set<index::TimelineKey> keys;
  for (uint32_t i = 0; i < timeline.marks.size() && keys.size() < kMaxKin; ++i) {
    const Origin& writer = timeline.marks[i].writer;
    if (!writer.none() && writer.key.path != timeline.key.path && writer.key.path != 0) {
      keys.insert(writer.key);
    }
  }
  for (const index::TimelineKey& key : keys) {
    if (!has_open(subject)) return {};
    Timeline* other = TRY(this->timeline(key, TRY(index::path_name(index_, key.path))));
    subject.crossing = true;
    size_t limit = other->versions.size();
    if (subject.version != nullptr && key.worktree == timeline.key.worktree) {
      limit = earlier_versions(*other, subject.version->q);
    } else if (subject.version != nullptr) {
      while (limit > 0 && other->versions[limit - 1].seen >= subject.version->seen) --limit;
    }
    if (limit == 0 || !ensure(*other, limit - 1)) continue;
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

// The file that a new one is made of: one that went away, or that has this content.
Result<History::FileSource> History::source_of(Timeline& timeline, Subject& subject) {
  const LineVersion& version = *subject.version;
  int64_t worktree = timeline.key.worktree;
  std::vector<OtherVersion> gone;
  auto add = [&](std::vector<OtherVersion> others) {
    for (OtherVersion& other : others) {
      if (other.path == timeline.key.path || !other.version.after.empty()) continue;
      if (other.version.before.empty() || !in_one_hand(version, other.version)) continue;
      gone.push_back(std::move(other));
    }
  };
  auto window = TRY(index::versions_around(index_, worktree, version, kManyPaths));
  subject.open |= window.open;
  // Of two files that became the same the one that was there is the other's source.
  std::optional<OtherVersion> same;
  for (const OtherVersion& other : window.versions) {
    if (other.path == timeline.key.path || other.version.after != version.after) continue;
    if (other.version.before.empty() && other.version.q > version.q) continue;
    if (in_one_hand(version, other.version)) same = other;
  }
  bool crowded = window.versions.size() > kMaxEventPaths;
  add(std::move(window.versions));
  if (version.owner == OwnerKind::step && version.owner_session != 0) {
    add(TRY(index::versions_of_turn(index_, timeline.key, version, kMaxTurnVersions)));
  }
  // What a file was before it went away, or up to the version of that number.
  auto source = [&](int64_t path, int64_t q, bool with, Arrival arrival) -> Result<FileSource> {
    FileSource found;
    found.arrival = arrival;
    found.from = TRY(this->timeline({worktree, path}, TRY(index::path_name(index_, path))));
    const auto& versions = found.from->versions;
    while (found.limit < versions.size() &&
           (versions[found.limit].q < q || (with && versions[found.limit].q == q))) {
      ++found.limit;
    }
    // It may have gone away later, but not have been what it was by then.
    if (!with) found.limit = std::min(found.limit, earlier_versions(*found.from, version.q));
    return found;
  };
  for (const OtherVersion& other : gone) {
    if (other.version.before == version.after) {
      return source(other.path, other.version.q, false, Arrival::renamed);
    }
  }
  bool tells = letters_of(*subject.content) >= kMinCopyLetters;
  if (tells) {
    if (!same) same = TRY(index::version_with(index_, worktree, version.after, version.q));
    if (same && same->path != timeline.key.path) {
      bool left = std::ranges::any_of(
          gone, [&](const OtherVersion& other) { return other.path == same->path; });
      return source(same->path, same->version.q, true, left ? Arrival::renamed : Arrival::copied);
    }
  }
  if (gone.size() <= kMaxEventPaths && subject.content->size() <= kMaxSourceBytes) {
    int best = kMinRename - 1;
    const OtherVersion* alike = nullptr;
    for (const OtherVersion& other : gone) {
      auto there = content(other.version.before);
      if (!there || (*there)->size() > kMaxSourceBytes) continue;
      int like = diff::similarity(**there, *subject.content);
      if (like > best) {
        best = like;
        alike = &other;
      }
    }
    if (alike != nullptr) return source(alike->path, alike->version.q, false, Arrival::renamed);
  }
  if (!tells || same) return FileSource{};
  // A copy that was worked on before it was seen.
  if (!subject.exact && !crowded && subject.content->size() <= kMaxSourceBytes) {
    int best = kMinRename - 1;
    std::optional<OtherVersion> alike;
    for (OtherVersion& other :
         TRY(index::versions_before(index_, worktree, version.q, kMaxRecentPaths))) {
      if (other.path == timeline.key.path || other.version.withheld) continue;
      auto there =
          content(other.version.after.empty() ? other.version.before : other.version.after);
      if (!there || (*there)->size() > kMaxSourceBytes) continue;
      int like = diff::similarity(**there, *subject.content);
      if (like > best) {
        best = like;
        alike = std::move(other);
      }
    }
    if (alike) return source(alike->path, alike->version.q, true, Arrival::copied);
  }
  auto held = TRY(index::base_path_with(index_, worktree, version.after, version.q));
  if (!held || *held == timeline.path) return FileSource{};
  auto key = TRY(index::timeline_key(index_, TRY(index::worktree_name(index_, worktree)), *held));
  FileSource found;
  found.arrival = Arrival::copied;
  found.from = TRY(this->timeline(key, *held));
  const auto& versions = found.from->versions;
  while (found.limit < versions.size() && versions[found.limit].q < version.q &&
         (found.limit == 0 || versions[found.limit - 1].after != version.after)) {
    ++found.limit;
  }
  return found;
}

// A new file that another one became, or was copied to.
Result<bool> History::from_renamed(Timeline& timeline, Subject& subject) {
  if (subject.version->base || depth_ > kMaxDepth) return false;
  subject.crossing = true;
  FileSource source = TRY(source_of(timeline, subject));
  Timeline* other = source.from;
  size_t limit = source.limit;
  Arrival arrival = source.arrival;
  if (other == nullptr || other == &timeline || limit == 0) return false;
  bool lost = false;
  int32_t before = previous(*other, limit, lost);
  if (before < 0 || !ensure(*other, static_cast<size_t>(before))) return false;
  auto was = content(other->versions[static_cast<size_t>(before)].after);
  if (!was) return false;
  Frame frame_there = frame(*other, static_cast<size_t>(before));
  auto stretches = carry(**was, *subject.content);
  // Lines that the old file has keep their marks; the rest is open, and may have been reworked.
  auto arrive = [&](uint32_t number, bool reformatted) {
    Mark made = timeline.marks[timeline.marks.import(other->marks, frame_there[number])];
    made.mover = subject.origin;
    made.arrival = arrival;
    if (reformatted) made.reformatter = subject.origin;
    return timeline.marks.add(made);
  };
  uint32_t old_line = 0, new_line = 0;
  auto keep_until = [&](uint32_t old_end) {
    for (; old_line < old_end && new_line < subject.marks.size(); ++old_line, ++new_line) {
      if (old_line < frame_there.size()) subject.marks[new_line] = arrive(old_line, false);
    }
  };
  for (const Stretch& stretch : stretches) {
    keep_until(stretch.edit.old_begin);
    for (size_t i = 0; i < stretch.sources.size(); ++i) {
      const LineSource& source_line = stretch.sources[i];
      uint32_t& mark = subject.marks[new_line + i];
      if (source_line.kind == Kind::fresh || source_line.line >= frame_there.size()) continue;
      if (source_line.kind == Kind::reworked) {
        subject.was.resize(subject.marks.size(), -1);
        subject.was[new_line + i] = static_cast<int32_t>(
            timeline.marks.import(other->marks, frame_there[source_line.line]));
      } else {
        mark = arrive(source_line.line, source_line.kind != Kind::moved);
      }
    }
    old_line = stretch.edit.old_end;
    new_line = stretch.edit.new_end;
  }
  keep_until(static_cast<uint32_t>(frame_there.size()));
  // It may have become another one before it was seen here: what had been put away came back.
  size_t earlier = earlier_versions(*other, subject.version->q);
  if (!subject.exact && earlier > 0 && ensure(*other, earlier - 1)) {
    TRY(put_back(timeline, subject, *other, earlier));
  }
  return std::ranges::find(subject.marks, kOpen) == subject.marks.end();
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

// Blocks that left another place in the same event, or earlier in the same turn, and blocks that
// stand where the turn has read or changed something.
Status History::from_turn(Timeline& timeline, Subject& subject, size_t at) {
  const LineVersion& version = *subject.version;
  if (version.base || depth_ > kMaxDepth) return {};
  uint32_t telling = 0;
  for (size_t i = 0; i < subject.marks.size(); ++i) {
    telling += subject.marks[i] == kOpen && is_telling(subject.lines[i]);
  }
  if (telling == 0) return {};
  subject.crossing = true;
  std::vector<uint32_t> open_hashes;
  for (size_t i = 0; i < subject.marks.size(); ++i) {
    if (subject.marks[i] == kOpen && is_telling(subject.lines[i])) {
      open_hashes.push_back(line_hash(subject.lines[i]));
    }
  }
  // Most new lines stand nowhere else, which their hashes tell without reading anything.
  auto may_come_from = [&](const Standing& there) {
    return std::ranges::any_of(open_hashes, [&](uint32_t hash) { return there.contains(hash); });
  };

  // A file that lines may come from: its version, and what of it is offered.
  struct Source {
    Timeline* from;
    size_t version;
    Content content;
    std::vector<std::string_view> lines;
    uint32_t begin;  // number of lines[0]
    bool stands;
  };
  std::vector<Source> sources;
  std::set<std::pair<Timeline*, size_t>> offered;
  auto offer = [&](Timeline& from, size_t number, const std::vector<uint8_t>* gone) -> Status {
    auto got = content(from.versions[number].after);
    if (!got || (*got)->size() > kMaxSourceBytes || looks_binary(**got)) return {};
    auto lines = lines_of(**got);
    if (gone == nullptr) {
      if (!offered.emplace(&from, number).second) return {};
      sources.push_back({&from, number, *got, std::move(lines), 0, true});
      return {};
    }
    for (uint32_t begin = 0; begin < lines.size();) {
      if (!(*gone)[begin]) {
        ++begin;
        continue;
      }
      uint32_t end = begin + 1;
      while (end < lines.size() && (*gone)[end]) ++end;
      sources.push_back(
          {&from, number, *got, {lines.begin() + begin, lines.begin() + end}, begin, false});
      begin = end;
    }
    return {};
  };
  // What a version took away from the one before it.
  auto offer_removed = [&](const OtherVersion& other, bool standing) -> Status {
    bool is_own = other.path == timeline.key.path;
    bool removed_some = may_come_from(removed_by(other.version.before, other.version.after));
    if (standing && !is_own && !removed_some) {
      auto there = content(other.version.before);
      standing = there && (*there)->size() <= kMaxSourceBytes &&
                 may_come_from(this->standing(other.version.before, **there));
    }
    if (!removed_some && (is_own || !standing)) return {};
    std::string path = is_own ? timeline.path : TRY(index::path_name(index_, other.path));
    Timeline* from = TRY(this->timeline({timeline.key.worktree, other.path}, path));
    size_t number = 0;
    while (number < from->versions.size() && from->versions[number].q != other.version.q) ++number;
    if (number == from->versions.size() || (is_own && number >= at)) return {};
    bool lost = false;
    int32_t before = previous(*from, number, lost);
    // Nothing rests on what came later.
    if (before < 0 || from->versions[static_cast<size_t>(before)].q >= version.q ||
        !ensure(*from, static_cast<size_t>(before))) {
      return {};
    }
    auto was = content(from->versions[static_cast<size_t>(before)].after);
    if (!was || (*was)->size() > kMaxSourceBytes) return {};
    std::vector<uint8_t> gone(lines_of(**was).size(), 0);
    if (other.version.after.empty()) {
      std::ranges::fill(gone, 1);
    } else {
      auto is = content(other.version.after);
      if (!is || (*is)->size() > kMaxSourceBytes) return {};
      for (const Stretch& stretch : carry(**was, **is)) {
        for (size_t i = 0; i < stretch.lives.size(); ++i) {
          gone[stretch.edit.old_begin + i] = !stretch.lives[i];
        }
      }
    }
    if (std::ranges::find(gone, 1) != gone.end()) {
      TRY(offer(*from, static_cast<size_t>(before), &gone));
    }
    if (standing && !is_own) TRY(offer(*from, static_cast<size_t>(before), nullptr));
    return {};
  };

  bool by_step = version.owner == OwnerKind::step && version.owner_session != 0;
  std::vector<OtherVersion> others;
  if (by_step) {
    others =
        TRY(index::versions_of_event(index_, timeline.key.worktree, version, kMaxEventPaths + 1));
  } else {
    auto window =
        TRY(index::versions_around(index_, timeline.key.worktree, version, kMaxEventPaths + 1));
    subject.open |= window.open;
    others = std::move(window.versions);
  }
  if (others.size() <= kMaxEventPaths) {
    for (const OtherVersion& other : others) {
      if (!in_one_hand(version, other.version)) continue;
      if (other.path != timeline.key.path && !other.version.before.empty()) {
        TRY(offer_removed(other, true));
      }
    }
  }
  // What the session had taken away from this file.
  read_removals(timeline);
  std::set<uint32_t> own_versions;
  for (uint32_t hash : open_hashes) {
    auto found = timeline.removals.find(hash);
    if (found == timeline.removals.end()) continue;
    for (uint32_t number : found->second) {
      if (number < at && number + kMaxOwnVersions >= at &&
          in_one_hand(version, timeline.versions[number])) {
        own_versions.insert(number);
      }
    }
  }
  for (uint32_t number : own_versions) {
    TRY(offer_removed({timeline.key.path, timeline.versions[number]}, false));
  }
  if (by_step) {
    for (const OtherVersion& other :
         TRY(index::versions_of_turn(index_, timeline.key, version, kMaxTurnVersions))) {
      if (!other.version.before.empty()) TRY(offer_removed(other, true));
    }
    for (int64_t path :
         TRY(index::paths_read(index_, version.owner_session, version.owner_step, kMaxReadPaths))) {
      if (path == timeline.key.path) continue;
      Timeline* from =
          TRY(this->timeline({timeline.key.worktree, path}, TRY(index::path_name(index_, path))));
      bool lost = false;
      int32_t before = previous(*from, earlier_versions(*from, version.q), lost);
      if (before >= 0 && ensure(*from, static_cast<size_t>(before)))
        TRY(offer(*from, static_cast<size_t>(before), nullptr));
    }
  }
  bool lost = false;
  int32_t own_before = previous(timeline, at, lost);
  if (own_before >= 0 && telling >= kMinCopyLines && may_be_here(timeline, subject, own_before)) {
    TRY(offer(timeline, static_cast<size_t>(own_before), nullptr));
  }
  if (sources.empty()) return {};

  std::map<Timeline*, uint32_t> file_of{{&timeline, 0}};
  std::vector<diff::Block> source_blocks, target_blocks;
  std::unordered_map<uint32_t, uint32_t> occurrences;  // of lines in sources that stand
  for (const Source& source : sources) {
    auto file = file_of.try_emplace(source.from, static_cast<uint32_t>(file_of.size())).first;
    source_blocks.push_back({source.lines, file->second, source.stands});
    if (!source.stands) continue;
    for (std::string_view line : source.lines) ++occurrences[line_hash(line)];
  }
  auto runs = open_runs(subject.marks);
  for (const auto& [begin, end] : runs) {
    target_blocks.push_back({std::span(subject.lines).subspan(begin, end - begin), 0, false});
  }
  for (const diff::Move& move : diff::find_moves(source_blocks, target_blocks)) {
    const Source& source = sources[move.source];
    uint32_t to = runs[move.target].first + move.target_line;
    if (source.stands) {
      uint32_t letters = 0, lines = 0;
      bool rare = false;
      for (uint32_t i = 0; i < move.lines; ++i) {
        std::string_view line = source.lines[move.source_line + i];
        uint32_t here = letters_of(line);
        letters += here;
        lines += here >= diff::kTellingAlnum;
        rare |= here >= kMinRareLetters && occurrences[line_hash(line)] == 1;
      }
      if (letters < kMinCopyLetters || lines < kMinCopyLines || !rare) continue;
    }
    Frame frame_there = frame(*source.from, source.version);
    for (uint32_t i = 0; i < move.lines; ++i) {
      uint32_t number = source.begin + move.source_line + i;
      if (number >= frame_there.size()) continue;
      Mark made = timeline.marks[timeline.marks.import(source.from->marks, frame_there[number])];
      made.mover = subject.origin;
      made.arrival = source.stands ? Arrival::copied : Arrival::moved;
      if (source.lines[move.source_line + i] != subject.lines[to + i]) {
        made.reformatter = subject.origin;
      }
      subject.marks[to + i] = timeline.marks.add(made);
    }
  }
  return {};
}

Result<Lines> History::lines_of_content(std::string_view worktree, const std::string& path,
                                        const std::string& text, const ObjectId& id,
                                        const std::vector<std::string>& other_names) {
  Lines result;
  size_t count = attribution::lines_of(text).size();
  constexpr uint32_t kNobody = 0;
  result.marks.add({});  // number 0: nobody
  result.frame.assign(count, kNobody);
  auto key = TRY(index::timeline_key(index_, worktree, path));
  Timeline nowhere;
  Timeline* own = &nowhere;
  if (key.worktree != 0) own = TRY(timeline(key, path));
  own->path = path;
  if (key.worktree == 0) nowhere.key.path = key.path;
  size_t end = own->versions.size();
  if (end > 0) TRY(ensure(*own, end - 1));
  LineVersion wanted;
  wanted.after = id;
  wanted.seen = INT64_MAX;
  wanted.q = INT64_MAX;
  auto take = [&](Timeline& from, const Frame& frame) {
    std::vector<uint32_t> taken(from.marks.size(), kOpen);
    for (size_t i = 0; i < frame.size() && i < count; ++i) {
      if (frame[i] == kOpen) continue;
      uint32_t& mark = taken[frame[i]];
      if (mark == kOpen) mark = result.marks.import(from.marks, frame[i]);
      result.frame[i] = mark;
    }
  };
  int32_t same = known(*own, wanted, end);
  if (same >= 0) {
    Frame there = frame(*own, static_cast<size_t>(same));
    if (there.size() == count) {
      result.version = same;
      take(*own, there);
      return result;
    }
  }
  // As if git had brought it after everything else.
  Subject subject;
  subject.content = std::make_shared<const std::string>(text);
  subject.lines = attribution::lines_of(*subject.content);
  subject.marks.assign(count, kOpen);
  subject.from_git = true;
  if (key.path != 0) {
    for (int64_t other_key : TRY(index::worktrees_of_path(index_, key.path, key.worktree))) {
      if (other_key == key.worktree) continue;
      Timeline* other = TRY(timeline({other_key, key.path}, path));
      int32_t there = known(*other, wanted, other->versions.size());
      if (there < 0 || !ensure(*other, static_cast<size_t>(there))) continue;
      Frame lines = frame(*other, static_cast<size_t>(there));
      if (lines.size() != count) continue;
      take(*other, lines);
      return result;
    }
  }
  // The same content under another name: it was renamed and taken back before anybody looked.
  auto tells = letters_of(text) >= kMinCopyLetters;
  for (int64_t other_key : TRY(index::worktrees_of_path(index_, key.path, key.worktree))) {
    if (!tells) break;
    auto held = TRY(index::version_with(index_, other_key, id, INT64_MAX));
    if (!held || held->path == key.path) continue;
    Timeline* other =
        TRY(timeline({other_key, held->path}, TRY(index::path_name(index_, held->path))));
    int32_t there = known(*other, wanted, other->versions.size());
    if (there < 0 || !ensure(*other, static_cast<size_t>(there))) continue;
    Frame lines = frame(*other, static_cast<size_t>(there));
    if (lines.size() != count) continue;
    take(*other, lines);
    return result;
  }
  bool lost = false;
  int32_t newest = previous(*own, end, lost);
  if (newest >= 0) TRY(align_with(*own, subject, *own, static_cast<size_t>(newest)));
  if (end > 0) TRY(put_back(*own, subject, *own, end));
  if (key.path != 0) TRY(from_worktrees(*own, subject));
  TRY(from_kin(*own, subject));
  for (const std::string& name : other_names) {
    if (name == path || !has_open(subject)) continue;
    auto other_key = TRY(index::timeline_key(index_, worktree, name));
    if (other_key.worktree == 0) continue;
    Timeline* other = TRY(timeline(other_key, name));
    size_t limit = other->versions.size();
    if (limit == 0 || !ensure(*other, limit - 1)) continue;
    int32_t last = previous(*other, limit, lost);
    if (last >= 0) TRY(align_with(*own, subject, *other, static_cast<size_t>(last)));
    TRY(put_back(*own, subject, *other, limit));
  }
  take(*own, subject.marks);
  return result;
}

}  // namespace baton::attribution
