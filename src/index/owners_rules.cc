#include "index/owners_worktree.h"

#include <algorithm>

namespace baton::index::owners {

Result<std::optional<Decision>> TimelineOwners::claimed(const Row& row, Micros low) {
  // No tool claims a mode.
  if (row.kind == Seen::tool || row.before == row.after) return std::nullopt;
  // By the content, which few changes share.
  Statement* rows = TRY(database_.cached(
      row.after.empty() ? "SELECT t.session, t.step FROM transitions t INDEXED BY transitions_path"
                          " CROSS JOIN steps s ON s.session = t.session AND s.number = t.step"
                          " WHERE t.path = ?1 AND t.worktree = ?2 AND t.kind = 1 AND t.q <> ?3"
                          " AND t.after IS ?4 AND s.began < ?5 AND (s.ended = 0 OR s.ended >= ?6)"
                          " ORDER BY t.q LIMIT 1"
                        : "SELECT t.session, t.step FROM transitions t INDEXED BY transitions_after"
                          " CROSS JOIN steps s ON s.session = t.session AND s.number = t.step"
                          " WHERE t.path = ?1 AND t.worktree = ?2 AND t.kind = 1 AND t.q <> ?3"
                          " AND t.after = ?4 AND s.began < ?5 AND (s.ended = 0 OR s.ended >= ?6)"
                          " ORDER BY t.q LIMIT 1"));
  rows->bind(row.path, row_.key, row.q, row.after, row.seen, low);
  std::optional<Decision> decision;
  if (TRY(rows->step())) {
    decision.emplace();
    decision->kind = OwnerKind::step;
    decision->evidence = Evidence::exact;
    decision->rule = Rule::claimed;
    decision->session = rows->integer(0);
    decision->step = rows->small(1);
  }
  rows->reset();
  return decision;
}

bool TimelineOwners::may_be_later(const Row& row, const Run& run, const Bound& bound) {
  // Its own look follows at once; what another one saw later may have been done in between.
  if (row.session == run.session) return false;
  return run.stop() <= bound.beside || run.stop() + kTick < row.began;
}

Result<Decision> TimelineOwners::owner_of(const Row& row, const Row* previous) {
  Decision decision;
  if (row.kind == Seen::tool) {
    if (row.step != 0) {
      decision = {
          OwnerKind::step, Evidence::exact, Rule::tool_result, row.session, row.step, 0, {}};
    }
    return decision;
  }
  if (group_.rewind || row.kind == Seen::rewind) {
    decision.kind = OwnerKind::outside;
    decision.rule = Rule::rewind;
    return decision;
  }

  // When it changed, as far as the file tells.
  std::optional<Micros> time;
  Micros ctime = row.ctime_ns / 1000;
  bool moved_in = false;
  if (row.ctime_ns > 0 && ctime <= row.seen + kClockSlack && row.kind != Seen::pre) time = ctime;
  if (time && previous != nullptr && *time < previous->began - kClockSlack) {
    time.reset();  // other content was there later than that: the clocks do not agree
  }
  bool old_file = false;
  if (time) {
    Bound straight = TRY(bound_of(row, row.began, false, previous));
    if (straight.low != INT64_MIN && *time < straight.low && row.before.empty()) {
      // It lay elsewhere: a folder that was renamed keeps its files' times.
      moved_in = std::ranges::any_of(
          rows_.begin() + static_cast<std::ptrdiff_t>(group_.begin),
          rows_.begin() + static_cast<std::ptrdiff_t>(group_.end), [&](const Row& other) {
            return other.after.empty() && other.before == row.after && other.path != row.path;
          });
    }
    if (moved_in) {
      time.reset();
    } else if (straight.low != INT64_MIN && *time < straight.low - kClockSlack) {
      if (row.before.empty()) {
        old_file = true;  // or it was ignored
      } else {
        time.reset();
      }
    }
  }

  Micros upper = time ? std::min(*time + kTick, row.began) : row.began;
  Bound bound = TRY(bound_of(row, upper, time.has_value(), previous));
  if (auto exact = TRY(claimed(row, bound.low))) return std::move(*exact);
  // Behind a gap everything of a day is suspect, not everything there ever was.
  Micros low = std::max(bound.low, row.began - kMaxReach);
  TRY(reach_back(time ? std::min(low, *time) : low));

  auto running = candidates(row, time, low, row.began, runs_, &reach_);
  auto names = TRY(naming(row, time, low, row.began));
  std::vector<Candidate> all = running;
  all.insert(all.end(), names.begin(), names.end());

  bound.low = low;
  auto early = all.empty() ? begins_late(row, time) : std::vector<Candidate>{};
  bool nobody = all.empty() && early.empty();
  std::optional<Decision::Interim> committed;
  if (all.size() == 1 && !all.front().behind && !all.front().run->unanswered()) {
    committed = TRY(committed_by(all.front().run, row, previous, bound));
  } else if (nobody) {
    committed = TRY(committed_by(nullptr, row, previous, bound));
  }
  if (nobody || !committed || committed->content != stored(row)) {
    if (auto git = TRY(from_git(row, bound, time, all, nobody))) {
      if (committed && committed->content != stored(row)) {
        git->interim = std::move(committed);
      } else if (committed && git->rule == Rule::git_commit) {
        git->rule = Rule::committed;
      }
      if (git->rule == Rule::committed) {
        git->interim = TRY(interim_of(row, previous, bound, nobody));
      }
      return std::move(*git);
    }
  }

  decision.interim = TRY(interim_of(row, previous, bound, nobody));

  if (old_file) {
    // It was there and could not be seen: who made it is another question than who showed it.
    if (first_look_ != 0 && *time < first_look_) {
      decision.kind = OwnerKind::before;
    } else {
      add_suspects(decision, all);
    }
    decision.rule = Rule::old_file;
    return decision;
  }
  if (bound.gap) {
    decision.rule = Rule::gap;
    add_suspects(decision, all);
    return decision;
  }
  if (all.empty()) {
    auto elsewhere = candidates(row, time, low, row.began, leaving_, nullptr);
    if (!elsewhere.empty()) {
      decision.rule = Rule::elsewhere;
      add_suspects(decision, elsewhere);
      return decision;
    }
    if (!early.empty()) {
      decision.rule = Rule::early;
      add_suspects(decision, early);
      return decision;
    }
    decision.kind = OwnerKind::outside;
    decision.rule = row.kind == Seen::post  ? Rule::after_tool
                    : row.kind == Seen::pre ? Rule::before_tool
                                            : Rule::between;
    if (row.kind == Seen::post && row.step != 0) {
      decision.suspects.emplace_back(row.session, row.step);
    }
    return decision;
  }

  if (all.size() == 1) {
    const Candidate& only = all.front();
    if (only.behind) {
      // Something else may have done it once the agent waits for its user.
      if (!TRY(within_turn(*only.run, row.seen))) {
        decision.rule = Rule::background;
        add_suspects(decision, all);
        return decision;
      }
      decision.rule = Rule::background;
    } else if (only.run->unanswered()) {
      decision.rule = Rule::unclosed;
      add_suspects(decision, all);
      return decision;
    } else if (only.run->kind != StepKind::edit &&
               (!only.run->sure_at(time) || (!time && may_be_later(row, *only.run, bound)))) {
      decision.rule = Rule::gap;
      add_suspects(decision, all);
      return decision;
    } else {
      decision.rule = only.run->kind == StepKind::edit ? Rule::named_path : Rule::one_command;
    }
    decision.kind = OwnerKind::step;
    decision.evidence = Evidence::during;
    // The call's own answer is not this content, or was not recorded: somebody else may have had
    // a hand in it.
    if (only.run->kind == StepKind::edit && !(row.flags & kWithheld)) {
      decision.evidence = Evidence::contested;
      decision.rule = Rule::mixed;
      decision.suspects.emplace_back(only.run->session, only.run->step);
      return decision;
    }
    decision.session = only.run->session;
    decision.step = only.run->step;
    return decision;
  }

  bool all_behind = std::ranges::all_of(all, &Candidate::behind);
  bool all_unanswered =
      std::ranges::all_of(all, [](const Candidate& each) { return each.run->unanswered(); });
  add_suspects(decision, all);
  if (all_unanswered || (all_behind && !TRY(within_turn(*all.front().run, row.seen)))) {
    decision.rule = all_unanswered ? Rule::unclosed : Rule::background;
    return decision;
  }
  decision.kind = OwnerKind::step;
  decision.evidence = Evidence::contested;
  decision.rule = Rule::several;
  return decision;
}

}  // namespace baton::index::owners
