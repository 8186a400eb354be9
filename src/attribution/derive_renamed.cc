// Files that are another one under a new name, or a copy of it.

#include "attribution/derive.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "diff/similarity.h"

namespace baton::attribution {
namespace {

using index::LineVersion;
using index::OtherVersion;
using model::OwnerKind;
using Kind = LineSource::Kind;

constexpr size_t kManyPaths = 5000;  // of one event, looked through for one that went away
constexpr size_t kMaxRecentPaths = 24;
constexpr size_t kMaxGone = 8;  // files whose earlier lines are looked through

std::string_view name_in_folder(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

// The file that a new one is made of: one that went away, or that has this content. `gone` gets all
// that went away by the same hand.
Result<History::FileSource> History::source_of(Timeline& timeline, Subject& subject,
                                               std::vector<OtherVersion>& gone) {
  const LineVersion& version = *subject.version;
  int64_t worktree = timeline.key.worktree;
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
  add(window.versions);
  if (version.owner == OwnerKind::step && version.owner_session != 0) {
    add(TRY(turns_.before(timeline.key, version, kMaxTurnVersions)));
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
  // One that came later, and went between the same two looks, is nobody's source.
  if (gone.size() <= kMaxEventPaths) {
    std::vector<OtherVersion> older;
    for (OtherVersion& other : gone) {
      bool is_older = other.version.q < version.q ||
                      TRY(source(other.path, other.version.q, false, Arrival::renamed)).limit > 0;
      if (is_older) older.push_back(std::move(other));
    }
    gone = std::move(older);
  }
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
  // Binary contents are the same or not.
  bool compares = subject.content->size() <= kMaxSourceBytes && !looks_binary(*subject.content);
  diff::Likeness most;  // of those that went away
  std::optional<FileSource> renamed;
  if (compares) {
    // Of many those that have its name: a folder was renamed.
    const bool many = gone.size() > kMaxEventPaths;
    size_t left = kMaxEventPaths;
    const OtherVersion* alike = nullptr;
    for (const OtherVersion& other : gone) {
      if (many) {
        std::string path = TRY(index::path_name(index_, other.path));
        if (name_in_folder(path) != name_in_folder(timeline.path)) continue;
        if (left-- == 0) break;
      }
      auto there = content(other.version.before);
      if (!there || (*there)->size() > kMaxSourceBytes || looks_binary(**there)) continue;
      diff::Likeness like = diff::likeness(**there, *subject.content);
      if (like.percent >= kMinRename && like.percent > most.percent) {
        most = like;
        alike = &other;
      }
    }
    if (alike != nullptr) {
      renamed = TRY(source(alike->path, alike->version.q, false, Arrival::renamed));
    }
  }
  if (!tells || same) return renamed.value_or(FileSource{});
  // A copy that was worked on before it was seen.
  if (!subject.exact && !crowded && compares) {
    struct Candidate {
      OtherVersion other;
      bool before;  // as it was before that version
    };
    std::vector<Candidate> candidates;
    for (OtherVersion& other :
         TRY(index::versions_before(index_, worktree, version.q, kMaxRecentPaths))) {
      const bool left = other.version.after.empty();
      candidates.push_back({std::move(other), left});
    }
    // It may have been copied before its source changed between the same two looks.
    for (OtherVersion& other : window.versions) {
      if (other.version.q < version.q) candidates.push_back({std::move(other), true});
    }
    // The one that explains most of it, and more than what went away.
    diff::Likeness best;
    const Candidate* alike = nullptr;
    for (const Candidate& each : candidates) {
      const auto& [other, before] = each;
      const ObjectId& id = before ? other.version.before : other.version.after;
      if (other.path == timeline.key.path || other.version.withheld || id.empty()) continue;
      auto there = content(id);
      if (!there || (*there)->size() > kMaxSourceBytes || looks_binary(**there)) continue;
      diff::Likeness like = diff::likeness(**there, *subject.content);
      if (like.percent >= kMinRename && like.common > most.common &&
          std::pair(like.common, like.percent) > std::pair(best.common, best.percent)) {
        best = like;
        alike = &each;
      }
    }
    if (alike != nullptr) {
      const bool left = alike->other.version.after.empty();
      return source(alike->other.path, alike->other.version.q, !alike->before,
                    left ? Arrival::renamed : Arrival::copied);
    }
  }
  if (renamed) return std::move(*renamed);
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
  if (subject.version->kind == index::VersionKind::base || depth_ > kMaxDepth) return false;
  subject.crossing = true;
  std::vector<OtherVersion> gone;
  FileSource source;
  if (auto named = TRY(whole_named(timeline, subject))) {
    source = {named->from, named->version + 1, named->arrival};
  } else {
    source = TRY(source_of(timeline, subject, gone));
  }
  if (TRY(from_source(timeline, subject, source))) return true;
  // It may have been something else that nobody saw before it got this name.
  if (subject.exact || gone.size() > kMaxGone || !has_open(subject)) return false;
  for (OtherVersion& other : TRY(index::versions_before(index_, timeline.key.worktree,
                                                        subject.version->q, kMaxRecentPaths))) {
    if (gone.size() == kMaxGone) break;
    if (other.path != timeline.key.path && other.version.after.empty() &&
        std::ranges::find(gone, other.path, &OtherVersion::path) == gone.end()) {
      gone.push_back(std::move(other));
    }
  }
  for (const OtherVersion& other : gone) {
    if (!has_open(subject)) return false;
    Timeline* from = TRY(this->timeline({timeline.key.worktree, other.path},
                                        TRY(index::path_name(index_, other.path))));
    size_t earlier = earlier_versions(*from, subject.version->q);
    if (from == source.from || earlier == 0 || !ensure(*from, earlier - 1)) continue;
    bool lost = false;
    int32_t newest = previous(*from, earlier, lost);
    if (newest >= 0) TRY(align_with(timeline, subject, *from, static_cast<size_t>(newest)));
    TRY(put_back(timeline, subject, *from, earlier));
  }
  return std::ranges::find(subject.marks, kOpen) == subject.marks.end();
}

Result<bool> History::from_source(Timeline& timeline, Subject& subject, const FileSource& source) {
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

}  // namespace baton::attribution
