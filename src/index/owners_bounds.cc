#include "index/owners_worktree.h"

#include <algorithm>

namespace baton::index::owners {

Result<TimelineOwners::Bound> TimelineOwners::bound_of(const Row& row, Micros upper, bool has_time,
                                                       const Row* previous) {
  Bound bound;
  bool cut = false;
  const Micros settled = has_time ? upper - kTick : row.began;
  auto take = [&](const WholeLook& look) {
    if (look.began >= upper) return false;
    // It may have run beside the one that saw the change, and come second.
    if (!has_time && look.next_q > row.q) return false;
    if (!has_time && look.next_q == 0 && look.session != row.session &&
        row.began - look.began < kConcurrent && look.time >= row.began) {
      if (look.complete) bound.beside = std::max(bound.beside, look.began);
      return false;
    }
    if (look.complete) {
      bound.low = look.began;
      bound.noted = look.time;
      return true;
    }
    // A change that tells when it happened was not missed by a look that came after it.
    cut |= look.began < settled;
    return false;
  };
  bool found = false;
  auto from =
      std::ranges::upper_bound(looks_, std::min(upper, row.began - 1), {}, &WholeLook::began);
  for (auto it = from; it != looks_.begin() && !found;) found = take(*--it);
  if (!found) {
    Statement* older =
        TRY(database_.cached("SELECT began, session, complete, time, next_q FROM looks"
                             " WHERE worktree = ? AND whole = 1 AND began < ?"
                             " ORDER BY began DESC"));
    older->bind(row_.key, std::min(upper, looks_from_));
    while (!found && TRY(older->step())) {
      found = take({older->integer(0), older->integer(1), older->integer(2) != 0, older->integer(3),
                    older->integer(4)});
    }
    older->reset();
  }
  bound.gap = !found || cut;

  // Looks at this path alone: the transition before it, and calls that name the path.
  Micros low = INT64_MIN;
  if (previous != nullptr && previous->began < row.began) low = previous->began;
  // Only calls that began or ended since the look at the whole matter; the path may have many.
  Statement* named = TRY(database_.cached(
      "SELECT max(CASE WHEN began < ?3 AND NOT EXISTS (SELECT 1 FROM gaps g WHERE"
      " g.session = call.session AND g.event = before_event AND g.what IN"
      " ('lock', 'object', 'manifest', 'pass')) THEN began END),"
      " max(CASE WHEN ended < ?3 AND after_event IS NOT NULL AND NOT EXISTS (SELECT 1"
      " FROM gaps g WHERE g.session = call.session AND g.event = after_event AND g.what IN"
      " ('lock', 'object', 'manifest', 'pass')) THEN ended END)"
      " FROM (SELECT s.session, s.began, s.ended, s.before_event, s.after_event"
      " FROM steps s INDEXED BY steps_first CROSS JOIN claims c"
      " ON c.session = s.session AND c.step = s.number"
      " WHERE s.first > ?4 AND s.first < ?3 AND c.path = ?1 AND c.worktree = ?2"
      " UNION ALL SELECT s.session, s.began, s.ended, s.before_event, s.after_event"
      " FROM steps s INDEXED BY steps_ended CROSS JOIN claims c"
      " ON c.session = s.session AND c.step = s.number"
      " WHERE s.ended > ?4 AND s.ended < ?3 AND c.path = ?1 AND c.worktree = ?2) call"));
  named->bind(row.path, row_.key, std::min(row.began, row.seen), bound.low);
  if (TRY(named->step())) {
    if (!named->is_null(0)) low = std::max(low, named->integer(0));
    if (!named->is_null(1)) low = std::max(low, named->integer(1));
  }
  named->reset();
  if (low != INT64_MIN && low <= upper && low > bound.low) {
    // A cut look before that does not matter any more.
    bool cut_after = std::ranges::any_of(looks_, [&](const WholeLook& look) {
      return look.began > low && look.began < settled && !look.complete;
    });
    if (!cut_after && low < looks_from_) {
      Statement* older = TRY(database_.cached(
          "SELECT 1 FROM looks WHERE worktree = ? AND began > ? AND began < ? AND whole = 1"
          " AND complete = 0 LIMIT 1"));
      older->bind(row_.key, low, looks_from_);
      cut_after = TRY(older->step());
      older->reset();
    }
    bound.low = low;
    bound.gap = cut_after;
  }
  return bound;
}

std::vector<Candidate> TimelineOwners::candidates(const Row& row, std::optional<Micros> time,
                                                  Micros low, Micros high,
                                                  const std::vector<Run>& runs,
                                                  const std::vector<Micros>* reach) {
  std::vector<Candidate> found;
  Micros latest = time ? *time + kTick + kStartSlack : high;
  for (size_t i = static_cast<size_t>(std::ranges::upper_bound(runs, latest, {}, &Run::began) -
                                      runs.begin());
       i-- > 0;) {
    Micros earliest = time ? *time - kTick : low;
    if (reach != nullptr && (*reach)[i] < earliest) break;
    const Run& run = runs[i];
    // What its own before-event saw was there before it.
    if (run.began >= row.seen) continue;
    if (run.kind == StepKind::edit) continue;
    Micros start = run.start();
    bool fore, behind;
    if (time) {
      // The stamp lags behind the write, and the write came after the look that did not see it.
      fore = start - kTick <= *time && *time <= run.stop() && run.stop() > low;
      behind = run.background() && !fore && *time > run.stop() && *time <= run.reach;
    } else {
      fore = start < high && run.stop() > low;
      behind = run.background() && !fore && run.stop() < high && run.reach > low;
    }
    if (fore || behind) found.push_back({&run, !fore});
  }
  return found;
}

std::vector<Candidate> TimelineOwners::begins_late(const Row& row, std::optional<Micros> time) {
  std::vector<Candidate> found;
  if (!time) return found;
  for (const Run& run : runs_) {
    if (run.began > *time + kTick || run.began >= row.seen || run.kind == StepKind::edit) continue;
    Micros start = run.start();
    if (*time < start && *time >= start - kLateEnd) found.push_back({&run, false});
  }
  return found;
}

Result<std::vector<Candidate>> TimelineOwners::naming(const Row& row, std::optional<Micros> time,
                                                      Micros low, Micros high) {
  std::vector<Candidate> found;
  Statement* names = TRY(database_.cached(
      "SELECT 1 FROM claims WHERE session = ?1 AND step = ?2 AND (path = ?3 OR move_to = ?3)"
      " AND worktree = ?4 LIMIT 1"));
  Micros latest = time ? *time + kTick : high;
  Micros earliest = time ? *time - kTick : low;
  for (size_t i = static_cast<size_t>(std::ranges::upper_bound(runs_, latest, {}, &Run::began) -
                                      runs_.begin());
       i-- > 0;) {
    if (reach_[i] < earliest) break;
    const Run& run = runs_[i];
    if (run.kind != StepKind::edit) continue;
    if (run.began >= row.seen) continue;
    // A tool's own call explains its result, not what it found or what was made of it.
    if ((row.kind == Seen::pre || row.kind == Seen::post) && run.session == row.session &&
        run.step == row.step) {
      continue;
    }
    Micros start = run.start();
    bool fits = time ? start - kTick <= *time && *time <= run.stop() && run.stop() > low
                     : start < high && run.stop() > low;
    if (!fits) continue;
    names->bind(run.session, run.step, row.path, row_.key);
    if (TRY(names->step())) found.push_back({&run, false});
    names->reset();
  }
  std::ranges::sort(found, {}, [](const Candidate& each) {
    return std::pair(each.run->session, each.run->step);
  });
  return found;
}

Result<bool> TimelineOwners::within_turn(const Run& run, Micros until) {
  Statement* row = TRY(
      database_.cached("SELECT t.ended, t.ending FROM steps s JOIN turns t ON t.session = s.session"
                       " AND t.number = s.turn WHERE s.session = ? AND s.number = ?"));
  row->bind(run.session, run.step);
  bool within = true;
  if (TRY(row->step())) {
    Micros ended = row->integer(0);
    within = ended == 0 || until <= ended;
  }
  row->reset();
  return within;
}

}  // namespace baton::index::owners
