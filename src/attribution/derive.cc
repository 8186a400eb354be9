// How the lines of one version came from those of others: the order of the rules of
// docs/attribution.md.

#include "attribution/derive.h"

#include <algorithm>

#include "base/hash.h"

namespace baton::attribution {
using index::LineVersion;
using index::VersionKind;
using model::OwnerKind;
using Kind = LineSource::Kind;

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
  return version.owner == OwnerKind::git || version.kind == VersionKind::base;
}

// Whether one act may have made both changes: what one look saw, the steps of one session, or what
// nobody is known to have done.
bool in_one_hand(const LineVersion& a, const LineVersion& b) {
  if (a.session == b.session && a.event == b.event) return true;
  bool step_a = a.owner == OwnerKind::step, step_b = b.owner == OwnerKind::step;
  if (step_a != step_b) return false;
  return !step_a || a.owner_session == b.owner_session;
}

Origin origin_of(const Timeline& timeline, const LineVersion& version) {
  return {timeline.key, version.q, version.kind};
}

std::optional<size_t> change_at(const Timeline& timeline, int64_t q) {
  for (size_t i = 0; i < timeline.versions.size(); ++i) {
    const LineVersion& version = timeline.versions[i];
    if (version.q == q && version.kind != VersionKind::interim) return i;
  }
  return std::nullopt;
}

// How many versions came before that number: what a version may rest on, so that none rests on
// itself.
size_t earlier_versions(const Timeline& timeline, int64_t q) {
  size_t count = 0;
  while (count < timeline.versions.size() && timeline.versions[count].q < q) ++count;
  return count;
}

size_t versions_for(const Timeline& from, const LineVersion& version) {
  size_t count = 0;
  for (; count < from.versions.size() && from.versions[count].q < version.q; ++count) {
    const LineVersion& other = from.versions[count];
    bool is_copy = other.before.empty() && !version.before.empty() && other.after == version.after;
    if (is_copy) break;
  }
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

namespace {

// Whether what git brought came to what the version before had.
bool has_aside(const Timeline& timeline, size_t at) {
  return at > 0 && at < timeline.versions.size() && timeline.versions[at - 1].aside &&
         timeline.versions[at - 1].q == timeline.versions[at].q;
}

}  // namespace

int32_t History::previous(const Timeline& timeline, size_t at, bool& lost) const {
  for (size_t i = at; i-- > 0;) {
    const LineVersion& version = timeline.versions[i];
    if (version.skipped || version.aside) continue;
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
  // It was made of something that no version tells.
  if (has_aside(timeline, at)) lost |= timeline.deltas[at - 1].lost;
  lost |= delta.previous < 0 && version.kind == VersionKind::change && !version.before.empty();
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
      for (size_t i = 0; i < stretch.sources.size(); ++i) {
        Kind kind = stretch.sources[i].kind;
        if (kind != Kind::moved && kind != Kind::reflowed) continue;
        delta.moved.push_back(line_hash(stretch.new_lines[i]));
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
  std::vector<Doubt> doubts;
  if (before) stretches = stretches_of(timeline, version, *before, *after, doubts);
  if (!version.aside) note_removed(stretches);

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

  Origin origin = origin_of(timeline, version);
  if (version.by_hand) origin.kind = VersionKind::change;  // whose they are
  bool grew = !before || std::ranges::any_of(stretches, [](const Stretch& stretch) {
    return stretch.edit.added() > 0;
  });
  if (!grew) {
    delta.base = delta.previous;
    for (const Stretch& stretch : stretches) {
      delta.splices.push_back({stretch.edit.old_begin, stretch.edit.removed(), {}});
    }
    if (!doubts.empty()) {
      Frame old_frame = frame(timeline, static_cast<size_t>(delta.previous));
      take_doubts(timeline, stretches, doubts, origin, old_frame, delta);
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
  subject.from_git = is_git(version) && !version.committed;
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
            if (source.doubtful) made.add_rival(origin);
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
    take_doubts(timeline, stretches, doubts, origin, old_frame, delta);
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
  const bool with_aside = has_aside(timeline, at);
  const size_t earlier = with_aside ? at - 1 : at;
  bool is_new = earlier == 0 || timeline.versions[earlier - 1].after.empty();
  if (is_new && subject.version != nullptr) {
    if (TRY(from_renamed(timeline, subject))) return {};
  }
  if (subject.from_git) {
    if (TRY(known_elsewhere(timeline, subject))) return {};
    TRY(put_back(timeline, subject, timeline, at));
    TRY(from_worktrees(timeline, subject));
    TRY(from_kin(timeline, subject));
  }
  if (subject.version == nullptr) return {};
  if (with_aside) TRY(from_aside(timeline, subject, at - 1));
  TRY(from_named(timeline, subject));
  if (open_letters() < kMinPutBackBetween) return {};
  Act act;
  TRY(from_act(timeline, subject, at, act));
  if (!subject.from_git) TRY(put_back(timeline, subject, timeline, at));
  return from_turn(timeline, subject, at, act);
}

}  // namespace baton::attribution
