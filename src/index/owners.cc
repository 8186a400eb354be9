#include "index/owners.h"

#include <algorithm>

#include "index/owners_worktree.h"

namespace baton::index::owners {

Status TimelineOwners::decide() {
  TRY(widen());
  TRY(load_looks());
  TRY(link_commits());
  TRY(load_bases());
  TRY(load_transitions());
  size_t begin = 0;
  while (begin < rows_.size()) {
    // The transitions of one event share what git is asked.
    size_t end = begin + 1;
    while (end < rows_.size() && rows_[end].session == rows_[begin].session &&
           rows_[end].event == rows_[begin].event) {
      ++end;
    }
    TRY(decide_group(begin, end));
    begin = end;
  }
  if (git_ != nullptr && row_.git_missing >= since_) {
    row_.git_missing = 0;
    row_.changed = true;
  }
  if (missing_ != 0 && (row_.git_missing == 0 || missing_ < row_.git_missing)) {
    row_.git_missing = missing_;
    row_.changed = true;
  }
  return {};
}

Status TimelineOwners::settle(const Row& before, const Row& after) {
  if (!(before.flags & kUnsettled)) return {};
  bool gone =
      after.before == before.after && after.after != before.after && after.kind != Seen::tool;
  // It stood for longer than a write takes, or nothing was written in its place.
  if (after.after.empty()) gone = false;
  Micros written = before.ctime_ns > 0 ? before.ctime_ns / 1000 : before.seen;
  if (after.ctime_ns / 1000 > written + kSettled) gone = false;
  if (gone) {
    auto confirmed = std::ranges::any_of(looks_, [&](const WholeLook& look) {
      return look.complete && look.began > before.seen && look.began < after.began;
    });
    if (!confirmed) {
      Statement* named = TRY(database_.cached(
          "SELECT 1 FROM claims c JOIN steps s ON s.session = c.session AND s.number = c.step"
          " WHERE c.path = ?1 AND c.worktree = ?2 AND ((s.began > ?3 AND s.began < ?4)"
          " OR (s.after_event IS NOT NULL AND s.ended > ?3 AND s.ended < ?4)) LIMIT 1"));
      named->bind(before.path, row_.key, before.seen, after.began);
      confirmed = TRY(named->step());
      named->reset();
    }
    gone = !confirmed;
  }
  int flags = gone ? before.flags | kSkip : before.flags & ~kSkip;
  if (flags == before.flags) return {};
  Statement* update =
      TRY(database_.cached("UPDATE transitions SET flags = ? WHERE worktree = ? AND q = ? AND "
                           "seen = ? AND session = ?"));
  return update->run(flags, row_.key, before.q, before.seen, before.session);
}

Status TimelineOwners::decide_group(size_t begin, size_t end) {
  TRY(open_group(begin, end));
  for (size_t i = begin; i < end; ++i) {
    Row& row = rows_[i];
    ++stats_.transitions;
    const Row* previous = TRY(previous_of(row));
    int flags = row.flags & ~kRepeat;
    // The event that saw it died before its manifest was written, so it was seen again: perhaps
    // as one change what had been told as two.
    if (previous != nullptr && !(row.flags & kNoChange) && previous->after == row.after &&
        previous->after_mode == row.after_mode && !begun_anew(*previous, row)) {
      flags |= kRepeat;
    }
    Decision decision = TRY(owner_of(row, previous));
    if (!(row.flags & kNoChange) && !(flags & kRepeat)) {
      if (previous != nullptr) TRY(settle(*previous, row));
      Row kept = row;
      kept.flags = flags;
      last_[row.path] = std::move(kept);
    }
    TRY(write(row, decision, flags));
  }
  return {};
}

}  // namespace baton::index::owners

namespace baton::index {

Status decide_owners(Tables& tables, GitSource* git, UpdateStats& stats) {
  std::map<int64_t, Micros> touched = tables.touched();
  if (git != nullptr) {
    for (auto& [key, row] : tables.worktrees()) {
      if (row.git_missing == 0) continue;
      auto [found, added] = touched.try_emplace(key, row.git_missing);
      if (!added) found->second = std::min(found->second, row.git_missing);
    }
  }
  // Lines that rest on other paths or worktrees: what they found there may be another thing now.
  Statement* forget =
      TRY(tables.database().cached("DELETE FROM kept_lines WHERE crossing = 1 AND seen >= ?"));
  for (const auto& [key, since] : touched) {
    TRY(forget->run(since));
    auto found = tables.worktrees().find(key);
    if (found == tables.worktrees().end()) continue;
    owners::TimelineOwners worktree(tables, git, found->second, since, stats);
    TRY(worktree.decide());
  }
  return tables.flush();
}

}  // namespace baton::index
