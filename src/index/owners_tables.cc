#include "index/owners_worktree.h"

#include <algorithm>

#include "base/bytes.h"

namespace baton::index::owners {

Status TimelineOwners::load_looks() {
  Statement* back = TRY(database_.cached(
      "SELECT min(began) FROM (SELECT began FROM looks WHERE worktree = ? AND began < ?"
      " AND whole = 1 ORDER BY began DESC LIMIT ?)"));
  back->bind(row_.key, since_, kLooksBack);
  looks_from_ = since_;
  if (TRY(back->step()) && !back->is_null(0)) looks_from_ = back->integer(0);
  back->reset();
  Statement* rows = TRY(database_.cached(
      "SELECT began, session, complete, time, next_q FROM looks WHERE worktree = ? AND began >= ?"
      " AND whole = 1 ORDER BY began"));
  rows->bind(row_.key, looks_from_);
  while (TRY(rows->step())) {
    looks_.push_back({rows->integer(0), rows->integer(1), rows->integer(2) != 0, rows->integer(3),
                      rows->integer(4)});
  }
  Statement* first = TRY(database_.cached("SELECT min(began) FROM looks WHERE worktree = ?"));
  first->bind(row_.key);
  first_look_ = TRY(first->step()) ? first->integer(0) : 0;
  first->reset();
  return {};
}

Run TimelineOwners::read_run(Statement& rows) {
  Run run;
  run.session = rows.integer(0);
  run.step = rows.small(1);
  run.kind = static_cast<StepKind>(rows.small(2));
  run.began = rows.integer(3);
  run.ended = rows.integer(4);
  run.end_source = static_cast<EndSource>(rows.small(5));
  if (!rows.is_null(6)) run.duration_ms = rows.integer(6);
  run.reach = rows.integer(7);
  run.flags = rows.small(8);
  return run;
}

Status TimelineOwners::reach_back(Micros from) {
  from = std::max(from, INT64_MIN + kMaxReach) - kClockSlack;
  if (from >= runs_from_) return {};
  if (from < since_) from -= since_ - from;  // twice as far, so that few ask again
  runs_from_ = from;
  runs_.clear();
  leaving_.clear();
  by_step_.clear();
  moves_.clear();
  TRY(load_runs(from));
  return load_reflog(from);
}

Status TimelineOwners::load_runs(Micros from) {
  Statement* rows = TRY(database_.cached(
      "SELECT session, step, kind, began, ended, end_source, duration, reach, flags FROM runs"
      " WHERE worktree = ? AND reach >= ? ORDER BY began, session, step"));
  rows->bind(row_.key, from);
  while (TRY(rows->step())) runs_.push_back(read_run(*rows));
  reach_.resize(runs_.size());
  Micros farthest = INT64_MIN;
  for (size_t i = 0; i < runs_.size(); ++i) {
    farthest = std::max(farthest, std::max(runs_[i].reach, runs_[i].ended));
    reach_[i] = farthest;
    by_step_[{runs_[i].session, runs_[i].step}] = i;
  }
  Statement* leaving = TRY(database_.cached(
      "SELECT session, step, kind, began, ended, end_source, duration, reach, flags FROM runs"
      " WHERE worktree <> ? AND (flags & 2) AND reach >= ? ORDER BY began"));
  leaving->bind(row_.key, from);
  while (TRY(leaving->step())) {
    Run run = read_run(*leaving);
    if (!by_step_.contains({run.session, run.step})) leaving_.push_back(run);
  }
  return {};
}

Status TimelineOwners::load_bases() {
  Statement* rows =
      TRY(database_.cached("SELECT seen FROM bases WHERE worktree = ? ORDER BY seen"));
  rows->bind(row_.key);
  while (TRY(rows->step())) bases_.push_back(rows->integer(0));
  return {};
}

bool TimelineOwners::begun_anew(const Row& before, const Row& after) const {
  return std::ranges::any_of(bases_,
                             [&](Micros base) { return base > before.seen && base <= after.seen; });
}

namespace {

// What was seen, of a row whose columns are named as below: the first fifteen.
Row seen_row(Statement& rows) {
  Row row;
  row.q = rows.integer(0);
  row.seen = rows.integer(1);
  row.began = rows.integer(2);
  row.session = rows.integer(3);
  row.event = rows.integer(4);
  row.path = rows.integer(5);
  row.before = rows.object(6);
  row.after = rows.object(7);
  row.git_id = rows.object(8);
  row.before_mode = rows.str(9);
  row.after_mode = rows.str(10);
  row.ctime_ns = rows.integer(11);
  row.kind = static_cast<Seen>(rows.small(12));
  row.step = rows.small(13);
  row.flags = rows.small(14);
  return row;
}

}  // namespace

Status TimelineOwners::load_transitions() {
  Statement* rows = TRY(database_.cached(
      "SELECT q, seen, began, session, event, path, before, after, git_id, before_mode,"
      " after_mode, ctime, kind, step, flags,"
      " owner, evidence, rule, owner_session, owner_step, commit_id"
      " FROM transitions INDEXED BY transitions_seen WHERE worktree = ? AND seen >= ?"
      " ORDER BY q, seen"));
  rows->bind(row_.key, since_);
  while (TRY(rows->step())) {
    Row row = seen_row(*rows);
    row.owner = rows->is_null(15) ? -1 : rows->small(15);
    row.evidence = rows->small(16);
    row.rule = rows->small(17);
    row.owner_session = rows->integer(18);
    row.owner_step = rows->small(19);
    row.commit = rows->integer(20);
    rows_.push_back(std::move(row));
  }
  return {};
}

Result<const Row*> TimelineOwners::previous_of(const Row& row) {
  auto known = last_.find(row.path);
  if (known != last_.end()) return &known->second;
  Statement* find = TRY(database_.cached(
      "SELECT q, seen, began, session, event, path, before, after, git_id, before_mode,"
      " after_mode, ctime, kind, step, flags"
      " FROM transitions WHERE path = ? AND worktree = ? AND q < ? AND (flags & 16) = 0"
      " ORDER BY q DESC LIMIT 1"));
  find->bind(row.path, row_.key, row.q);
  if (!TRY(find->step())) {
    find->reset();
    return nullptr;
  }
  Row before = seen_row(*find);
  find->reset();
  return &(last_[row.path] = std::move(before));
}

Status TimelineOwners::write(const Row& row, const Decision& decision, int flags) {
  // The bit for a version that is gone is the next version's to set.
  int merged = (flags & ~kSkip) | (row.flags & kSkip);
  bool same = row.owner == static_cast<int>(decision.kind) &&
              row.evidence == static_cast<int>(decision.evidence) &&
              row.rule == static_cast<int>(decision.rule) &&
              row.owner_session == decision.session && row.owner_step == decision.step &&
              row.commit == decision.commit && merged == row.flags;
  if (!same) {
    Statement* update = TRY(database_.cached(
        "UPDATE transitions SET owner = ?, evidence = ?, rule = ?, owner_session = ?,"
        " owner_step = ?, commit_id = ?, flags = ? WHERE worktree = ? AND q = ? AND seen = ?"
        " AND session = ?"));
    std::optional<int64_t> session, step;
    if (decision.session != 0) {
      session = decision.session;
      step = decision.step;
    }
    TRY(update->run(static_cast<int>(decision.kind), static_cast<int>(decision.evidence),
                    static_cast<int>(decision.rule), session, step, decision.commit, merged,
                    row_.key, row.q, row.seen, row.session));
  }
  if (row.owner >= 0 && !decision.interim) {
    Statement* clear =
        TRY(database_.cached("DELETE FROM interims WHERE path = ? AND worktree = ? AND q = ?"));
    TRY(clear->run(row.path, row_.key, row.q));
  }
  if (decision.interim) {
    Statement* add = TRY(database_.cached(
        "INSERT OR REPLACE INTO interims(path, worktree, q, content, aside, by_hand, commit_id,"
        " session, step) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    const Decision::Interim& interim = *decision.interim;
    TRY(add->run(row.path, row_.key, row.q, interim.content, interim.aside ? 1 : 0,
                 interim.by_hand     ? 1
                 : interim.committed ? 2
                                     : 0,
                 interim.commit, interim.session, interim.step));
  }
  if (row.owner >= 0 || !decision.suspects.empty()) {
    Statement* clear = TRY(database_.cached("DELETE FROM suspects WHERE worktree = ? AND q = ?"));
    TRY(clear->run(row_.key, row.q));
    Statement* add = TRY(database_.cached(
        "INSERT OR IGNORE INTO suspects(worktree, q, session, step) VALUES(?, ?, ?, ?)"));
    for (const auto& [session, step] : decision.suspects) {
      TRY(add->run(row_.key, row.q, session, step));
    }
  }
  return {};
}

}  // namespace baton::index::owners
