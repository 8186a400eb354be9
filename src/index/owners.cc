#include "index/owners.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/bytes.h"
#include "index/rows.h"
#include "index/sqlite.h"
#include "model/owner.h"
#include "model/session.h"

namespace baton::index {
namespace {

using model::Evidence;
using model::OwnerKind;
using model::StepKind;

// A kernel stamps files with the time of its last tick, up to 10 ms before the write.
constexpr Micros kTick = 20'000;
// What is written in the place of a version that was caught in the middle of a write follows at
// once.
constexpr Micros kSettled = 20'000;
// Between a command's end and the moment that its after-event counts from lie the agent's own work
// and the start of a process; a command can have begun so much earlier than its duration tells.
constexpr Micros kStartSlack = 200'000;
// On a busy machine that may be so much.
constexpr Micros kLateEnd = 2 * kSecond;
// Two looks of different sessions that begin so close together may run at the same time.
constexpr Micros kConcurrent = kSecond;
// A ctime that lies further in the future than this says that the clocks do not agree.
constexpr Micros kClockSlack = 2 * kSecond;
// How many looks before the first doubtful transition are read at once.
constexpr int kLooksBack = 64;
constexpr size_t kMaxCommitsAsked = 64;  // reflog entries of one interval that are looked into

struct Look {
  Micros began = 0;
  int64_t session = 0;
  bool complete = false;
  Micros time = 0;  // of its event
};

struct Run {
  int64_t session = 0;
  int step = 0;
  StepKind kind{};
  Micros began = 0, ended = 0, reach = 0;
  EndSource end_source{};
  std::optional<int64_t> duration_ms;
  int flags = 0;

  // Nothing ever said that it ran: it may have waited for an approval that never came.
  bool unanswered() const {
    if (ended == 0) return true;
    return end_source != EndSource::after && end_source != EndSource::batch &&
           end_source != EndSource::file;
  }
  // Whether it certainly ran at that time, if only its end was heard: what changed before it is not
  // behind a look, and when it began is known by its duration alone.
  bool sure_at(std::optional<Micros> time) const {
    if ((flags & kRunUnheard) == 0) return true;
    return time && duration_ms && *time >= ended - *duration_ms * 1000 - kTick && *time <= ended;
  }
  bool background() const { return (flags & kRunBackground) != 0; }
  // When it can have begun to change files: not while it waited for approval.
  Micros start() const {
    if (ended == 0 || !duration_ms || end_source != EndSource::after) return began;
    return std::max(began, ended - *duration_ms * 1000 - kStartSlack);
  }
  // Until when it works in the foreground.
  Micros stop() const { return ended != 0 ? ended : reach; }
};

struct Row {
  int64_t q = 0;
  Micros seen = 0, began = 0;
  int64_t session = 0, event = 0, path = 0;
  ObjectId before, after, git_id;
  std::string before_mode, after_mode;
  int64_t ctime_ns = 0;
  Seen kind{};
  int step = 0;
  int flags = 0;
  // What is decided, and what was decided before.
  int owner = -1, evidence = 0, rule = 0;
  int64_t owner_session = 0;
  int owner_step = 0;
  int64_t commit = 0;
};

struct Moved {
  Micros time = 0;   // when it was noted
  Micros moved = 0;  // whole seconds
  int64_t old_commit = 0, new_commit = 0;
  std::string message;
  bool makes = false;  // makes a commit of what is there, and brings nothing
};

// Whether the entry is one of a command that makes commits out of the working tree.
bool makes_commit(std::string_view message) {
  return message.starts_with("commit:") || message.starts_with("commit (") ||
         message.starts_with("commit ");
}

bool is_merge_commit(std::string_view message) {
  return message.starts_with("commit (merge)");
}

// Entries after which a commit is there that was not there before.
bool makes_history(std::string_view message) {
  if (makes_commit(message)) return true;
  for (std::string_view word : {"cherry-pick", "revert", "am"}) {
    if (message.starts_with(word)) return true;
  }
  if (message.starts_with("merge ") || message.starts_with("pull")) {
    return !contains(message, "Fast-forward") && !contains(message, "rebase (start)");
  }
  return message.starts_with("rebase") &&
         (contains(message, "(pick)") || contains(message, "(squash)") ||
          contains(message, "(fixup)") || contains(message, "(reword)") ||
          contains(message, "(edit)") || contains(message, "(continue)"));
}

struct Candidate {
  const Run* run = nullptr;
  bool behind = false;  // in the background, after it had answered
};

struct Decision {
  OwnerKind kind = OwnerKind::unknown;
  Evidence evidence = Evidence::none;
  Rule rule = Rule::none;
  int64_t session = 0;
  int step = 0;
  int64_t commit = 0;
  std::vector<std::pair<int64_t, int>> suspects;
};

class Worktree {
 public:
  Worktree(Tables& tables, GitSource* git, WorktreeRow& row, Micros since, UpdateStats& stats)
      : tables_(tables),
        database_(tables.database()),
        git_(git),
        row_(row),
        since_(since),
        stats_(stats) {}

  Status decide() {
    TRY(widen());
    TRY(load_looks());
    TRY(reach_back(looks_from_));
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

 private:
  // --- What the tables hold ---

  // A merge commit tells what came from where while the merge was in progress.
  Status widen() {
    Statement* merges =
        TRY(database_.cached("SELECT min(time) FROM reflog WHERE worktree = ? AND time >= ?"
                             " AND message LIKE 'commit (merge)%'"));
    merges->bind(row_.key, since_);
    Micros first = TRY(merges->step()) ? merges->integer(0) : 0;
    merges->reset();
    if (first == 0) return {};
    Statement* before = TRY(database_.cached(
        "SELECT max(began) FROM looks WHERE worktree = ? AND began < ? AND op = ''"));
    before->bind(row_.key, first);
    Micros quiet = TRY(before->step()) ? before->integer(0) : 0;
    before->reset();
    since_ = std::min(since_, quiet);
    return {};
  }

  Status load_looks() {
    Statement* back = TRY(database_.cached(
        "SELECT min(began) FROM (SELECT began FROM looks WHERE worktree = ? AND began < ?"
        " AND whole = 1 ORDER BY began DESC LIMIT ?)"));
    back->bind(row_.key, since_, kLooksBack);
    looks_from_ = since_;
    if (TRY(back->step()) && !back->is_null(0)) looks_from_ = back->integer(0);
    back->reset();
    Statement* rows = TRY(database_.cached(
        "SELECT began, session, complete, time FROM looks WHERE worktree = ? AND began >= ?"
        " AND whole = 1 ORDER BY began"));
    rows->bind(row_.key, looks_from_);
    while (TRY(rows->step())) {
      looks_.push_back(
          {rows->integer(0), rows->integer(1), rows->integer(2) != 0, rows->integer(3)});
    }
    Statement* first = TRY(database_.cached("SELECT min(began) FROM looks WHERE worktree = ?"));
    first->bind(row_.key);
    first_look_ = TRY(first->step()) ? first->integer(0) : 0;
    first->reset();
    return {};
  }

  static Run read_run(Statement& rows) {
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

  // Runs and moves of HEAD since then; reads more if an older change asks for it.
  Status reach_back(Micros from) {
    from = std::max(from, INT64_MIN + kMaxReach) - kClockSlack;
    if (from >= runs_from_) return {};
    runs_from_ = from;
    runs_.clear();
    leaving_.clear();
    by_step_.clear();
    moves_.clear();
    TRY(load_runs(from));
    return load_reflog(from);
  }

  Status load_runs(Micros from) {
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

  Status load_reflog(Micros from) {
    Statement* rows = TRY(database_.cached(
        "SELECT time, moved, old, new, message FROM reflog WHERE worktree = ? AND time >= ?"
        " ORDER BY moved, time, idx"));
    rows->bind(row_.key, from);
    while (TRY(rows->step())) {
      Moved entry;
      entry.time = rows->integer(0);
      entry.moved = rows->integer(1);
      entry.old_commit = rows->integer(2);
      entry.new_commit = rows->integer(3);
      entry.message = rows->str(4);
      entry.makes = makes_commit(entry.message);
      moves_.push_back(std::move(entry));
    }
    return {};
  }

  Status load_bases() {
    Statement* rows =
        TRY(database_.cached("SELECT seen FROM bases WHERE worktree = ? ORDER BY seen"));
    rows->bind(row_.key);
    while (TRY(rows->step())) bases_.push_back(rows->integer(0));
    return {};
  }

  // Whether the files' state was told anew between the two.
  bool begun_anew(const Row& before, const Row& after) const {
    return std::ranges::any_of(
        bases_, [&](Micros base) { return base > before.seen && base <= after.seen; });
  }

  Status load_transitions() {
    Statement* rows = TRY(database_.cached(
        "SELECT q, seen, began, session, event, path, before, after, git_id, before_mode, "
        "after_mode,"
        " ctime, kind, step, flags, owner, evidence, rule, owner_session, owner_step, commit_id"
        " FROM transitions WHERE worktree = ? AND seen >= ? ORDER BY q, seen"));
    rows->bind(row_.key, since_);
    while (TRY(rows->step())) {
      Row row;
      row.q = rows->integer(0);
      row.seen = rows->integer(1);
      row.began = rows->integer(2);
      row.session = rows->integer(3);
      row.event = rows->integer(4);
      row.path = rows->integer(5);
      row.before = rows->object(6);
      row.after = rows->object(7);
      row.git_id = rows->object(8);
      row.before_mode = rows->str(9);
      row.after_mode = rows->str(10);
      row.ctime_ns = rows->integer(11);
      row.kind = static_cast<Seen>(rows->small(12));
      row.step = rows->small(13);
      row.flags = rows->small(14);
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

  // --- Commits ---

  // A commit is linked to the step that ran when HEAD moved; it owns nothing.
  Status link_commits() {
    Statement* rows = TRY(database_.cached(
        "SELECT time, session, event, idx, moved, message, owner_session, owner_step FROM reflog"
        " WHERE worktree = ? AND time >= ?"));
    struct Entry {
      Micros time, moved;
      int64_t session, event, index;
      std::string message;
      int64_t owner_session;
      int owner_step;
    };
    std::vector<Entry> entries;
    rows->bind(row_.key, since_);
    while (TRY(rows->step())) {
      entries.push_back({rows->integer(0), rows->integer(4), rows->integer(1), rows->integer(2),
                         rows->integer(3), rows->str(5), rows->integer(6), rows->small(7)});
    }
    Statement* update = TRY(database_.cached(
        "UPDATE reflog SET owner_session = ?, owner_step = ? WHERE worktree = ? AND time = ?"
        " AND session = ? AND event = ? AND idx = ?"));
    for (const Entry& entry : entries) {
      std::vector<const Run*> running;
      if (makes_history(entry.message)) {
        // git notes whole seconds.
        for (const Run& run : runs_) {
          if (run.kind == StepKind::edit) continue;
          if (run.start() <= entry.moved + kSecond && run.stop() >= entry.moved &&
              run.start() <= entry.time) {
            running.push_back(&run);
          }
        }
        if (running.size() > 1) {
          std::vector<const Run*> speaking;
          for (const Run* run : running) {
            if (run->flags & kRunCommits) speaking.push_back(run);
          }
          if (!speaking.empty()) running = std::move(speaking);
        }
        if (running.size() > 1) {
          // The one whose own after-event found it.
          std::vector<const Run*> finding;
          for (const Run* run : running) {
            if (run->session == entry.session && run->ended <= entry.time &&
                entry.time - run->ended < kSecond) {
              finding.push_back(run);
            }
          }
          if (finding.size() == 1) running = std::move(finding);
        }
      }
      int64_t session = running.size() == 1 ? running[0]->session : 0;
      int step = running.size() == 1 ? running[0]->step : 0;
      if (session == entry.owner_session && step == entry.owner_step) continue;
      std::optional<int64_t> new_session, new_step;
      if (session != 0) {
        new_session = session;
        new_step = step;
      }
      TRY(update->run(new_session, new_step, row_.key, entry.time, entry.session, entry.event,
                      entry.index));
    }
    return {};
  }

  // --- Intervals ---

  struct Bound {
    Micros low = INT64_MIN;  // the path was as before at this time
    bool gap = false;        // ... and since then a look at the whole was cut, or there was none
    // Moves of HEAD that had been noted by then came before it.
    Micros noted = INT64_MIN;
  };

  // The last look that would have seen the change if it had been there. `upper`: the change is not
  // older than this. `fenced` is filled for changes without a time of their own.
  Result<Bound> bound_of(const Row& row, Micros upper, bool has_time, const Row* previous) {
    Bound bound;
    bool cut = false;
    const Micros settled = has_time ? upper - kTick : row.began;
    auto take = [&](const Look& look) {
      if (look.began >= upper) return false;
      // It may have run beside the one that saw the change, and come second.
      if (!has_time && look.session != row.session && row.began - look.began < kConcurrent) {
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
    auto from = std::ranges::upper_bound(looks_, std::min(upper, row.began - 1), {}, &Look::began);
    for (auto it = from; it != looks_.begin() && !found;) found = take(*--it);
    if (!found) {
      Statement* older =
          TRY(database_.cached("SELECT began, session, complete, time FROM looks"
                               " WHERE worktree = ? AND whole = 1 AND began < ?"
                               " ORDER BY began DESC"));
      older->bind(row_.key, std::min(upper, looks_from_));
      while (!found && TRY(older->step())) {
        found =
            take({older->integer(0), older->integer(1), older->integer(2) != 0, older->integer(3)});
      }
      older->reset();
    }
    bound.gap = !found || cut;

    // Looks at this path alone: the transition before it, and calls that name the path.
    Micros low = INT64_MIN;
    if (previous != nullptr && previous->began < row.began) low = previous->began;
    Statement* named = TRY(database_.cached(
        "SELECT max(CASE WHEN s.began < ?3 AND NOT EXISTS (SELECT 1 FROM gaps g WHERE"
        " g.session = s.session AND g.event = s.before_event AND g.what IN"
        " ('lock', 'object', 'manifest', 'pass')) THEN s.began END),"
        " max(CASE WHEN s.ended < ?3 AND s.after_event IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM gaps g WHERE g.session = s.session AND g.event = s.after_event AND g.what IN"
        " ('lock', 'object', 'manifest', 'pass')) THEN s.ended END)"
        " FROM claims c JOIN steps s ON s.session = c.session AND s.number = c.step"
        " WHERE c.path = ?1 AND c.worktree = ?2"));
    named->bind(row.path, row_.key, std::min(row.began, row.seen));
    if (TRY(named->step())) {
      if (!named->is_null(0)) low = std::max(low, named->integer(0));
      if (!named->is_null(1)) low = std::max(low, named->integer(1));
    }
    named->reset();
    if (low != INT64_MIN && low <= upper && low > bound.low) {
      // A cut look before that does not matter any more.
      bool cut_after = std::ranges::any_of(looks_, [&](const Look& look) {
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

  // Calls that may have made the change: at `time`, or without one in (low, high].
  std::vector<Candidate> candidates(const Row& row, std::optional<Micros> time, Micros low,
                                    Micros high, const std::vector<Run>& runs,
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

  // Commands that had been announced by then, and by their duration began a little later.
  std::vector<Candidate> begins_late(const Row& row, std::optional<Micros> time) {
    std::vector<Candidate> found;
    if (!time) return found;
    for (const Run& run : runs_) {
      if (run.began > *time + kTick || run.began >= row.seen || run.kind == StepKind::edit)
        continue;
      Micros start = run.start();
      if (*time < start && *time >= start - kLateEnd) found.push_back({&run, false});
    }
    return found;
  }

  // Calls of edit tools that name the path.
  Result<std::vector<Candidate>> naming(const Row& row, std::optional<Micros> time, Micros low,
                                        Micros high) {
    std::vector<Candidate> found;
    Statement* rows = TRY(database_.cached(
        "SELECT c.session, c.step FROM claims c WHERE c.path = ?1 AND c.worktree = ?2"
        " UNION SELECT c.session, c.step FROM claims c WHERE c.move_to = ?1 AND c.worktree = ?2"));
    rows->bind(row.path, row_.key);
    std::vector<std::pair<int64_t, int>> keys;
    while (TRY(rows->step())) keys.emplace_back(rows->integer(0), rows->small(1));
    for (const auto& key : keys) {
      auto at = by_step_.find(key);
      if (at == by_step_.end()) continue;
      const Run& run = runs_[at->second];
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
      if (fits) found.push_back({&run, false});
    }
    return found;
  }

  // Whether everything of the interval lies in the turn of the call.
  Result<bool> within_turn(const Run& run, Micros until) {
    Statement* row = TRY(database_.cached(
        "SELECT t.ended, t.ending FROM steps s JOIN turns t ON t.session = s.session"
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

  // --- git ---

  static ObjectId stored(const Row& row) { return row.git_id.empty() ? row.after : row.git_id; }

  Result<std::string> commit_id(int64_t key) {
    Statement* row = TRY(database_.cached("SELECT id FROM commits WHERE key = ?"));
    row->bind(key);
    std::string id = TRY(row->step()) ? row->str(0) : "";
    row->reset();
    return id;
  }

  Result<std::string> path_text(int64_t key) {
    Statement* row = TRY(database_.cached("SELECT path FROM paths WHERE key = ?"));
    row->bind(key);
    std::string path = TRY(row->step()) ? row->str(0) : "";
    row->reset();
    return path;
  }

  // What the revision holds at the paths of the group; asked once for all of them.
  Result<const std::map<int64_t, ObjectId>*> held_by(const std::string& revision) {
    auto known = held_.find(revision);
    if (known != held_.end()) return &known->second;
    std::map<int64_t, ObjectId> held;
    std::vector<int64_t> keys;
    std::vector<std::string> paths;
    for (size_t i = group_.begin; i < group_.end; ++i) {
      keys.push_back(rows_[i].path);
      paths.push_back(TRY(path_text(rows_[i].path)));
    }
    auto entries = git_->entries(revision, paths);
    if (!entries) {
      // A commit that is gone holds nothing that we could know.
      if (entries.error().kind != ErrorKind::not_found) return std::unexpected(entries.error());
      gone_.insert(revision);
    } else {
      for (size_t i = 0; i < keys.size(); ++i) {
        if ((*entries)[i]) held[keys[i]] = (*entries)[i]->id;
      }
    }
    return &(held_[revision] = std::move(held));
  }

  Result<bool> holds(const std::string& revision, const Row& row) {
    const auto* held = TRY(held_by(revision));
    if (gone_.contains(revision)) return false;
    auto found = held->find(row.path);
    if (row.after.empty()) return found == held->end();
    return found != held->end() && found->second == stored(row);
  }

  // HEAD's moves in the interval that brought content. git's log tells whole seconds; a look at the
  // whole notes all that there is of it, so what the one before noted came before it, and what a
  // later one notes came later.
  std::vector<const Moved*> moves_in(const Bound& bound, const Row& row) {
    std::vector<const Moved*> found;
    // A look at some paths notes no moves, but where HEAD is.
    const Moved* last = nullptr;
    for (const Moved& entry : moves_) {
      if (entry.moved > row.seen) break;
      if (group_.head_key == 0 || entry.new_commit == group_.head_key) last = &entry;
    }
    for (const Moved& entry : moves_) {
      if (entry.makes) continue;
      if (bound.low != INT64_MIN && entry.moved + kSecond < bound.low) continue;
      if (entry.time <= bound.noted || entry.moved > row.seen) continue;
      if (entry.time > row.seen &&
          (group_.whole ? entry.moved + kSecond > row.began : &entry > last)) {
        continue;
      }
      found.push_back(&entry);
    }
    if (found.size() > kMaxCommitsAsked) {
      found.erase(found.begin(), found.end() - kMaxCommitsAsked);
    }
    return found;
  }

  Status open_group(size_t begin, size_t end) {
    group_ = Group{begin, end, {}, {}, 0, false, false};
    held_.clear();
    gone_.clear();
    const Row& row = rows_[begin];
    Statement* look = TRY(database_.cached(
        "SELECT l.op, c.id, l.whole, l.head FROM looks l LEFT JOIN commits c ON c.key = l.head"
        " WHERE l.worktree = ? AND l.session = ? AND l.event = ?"));
    look->bind(row_.key, row.session, row.event);
    if (TRY(look->step())) {
      group_.op = look->str(0);
      group_.head = look->str(1);
      group_.whole = look->integer(2) != 0;
      group_.head_key = look->integer(3);
    }
    look->reset();
    Statement* event = TRY(
        database_.cached("SELECT n.agent, n.name FROM events e JOIN event_names n ON n.key = e.name"
                         " WHERE e.session = ? AND e.number = ?"));
    event->bind(row.session, row.event);
    group_.rewind = TRY(event->step()) && event->text(0) == "baton" && event->text(1) == "Rewind";
    event->reset();
    return {};
  }

  // Whether an operation that was not there at `low` is in progress when the change is seen.
  Result<bool> operation_began(const std::string& op, Micros low) {
    if (op.empty()) return false;
    Statement* look = TRY(database_.cached(
        "SELECT op FROM looks WHERE worktree = ? AND began <= ? ORDER BY began DESC LIMIT 1"));
    look->bind(row_.key, low);
    bool began = TRY(look->step()) && look->text(0).empty();
    look->reset();
    return began;
  }

  // Content that came with checkout, merge, rebase, stash or reset. Nothing if it did not.
  Result<std::optional<Decision>> from_git(const Row& row, const Bound& bound,
                                           const std::vector<Candidate>& running) {
    Decision decision;
    decision.kind = OwnerKind::git;
    auto moves = moves_in(bound, row);
    const std::string& op = group_.op;
    bool nobody = running.empty();
    bool some_git = std::ranges::any_of(
        running, [](const Candidate& each) { return (each.run->flags & kRunSomeGit) != 0; });
    bool only_git = !nobody && std::ranges::all_of(running, [](const Candidate& each) {
      return (each.run->flags & kRunOnlyGit) != 0;
    });
    if (git_ == nullptr) {
      if (nobody || some_git || !moves.empty()) missing_ = first_of(missing_, row.seen);
    } else {
      for (auto it = moves.rbegin(); it != moves.rend(); ++it) {
        std::string id = TRY(commit_id((*it)->new_commit));
        if (id.empty() || !TRY(holds(id, row))) continue;
        if (row.after.empty()) {
          // Not there in the new commit says something only if the old one had it.
          std::string old = TRY(commit_id((*it)->old_commit));
          if (old.empty()) continue;
          const auto* held = TRY(held_by(old));
          if (!held->contains(row.path)) continue;
        }
        decision.rule = Rule::git_commit;
        decision.commit = (*it)->new_commit;
        return decision;
      }
      if (!op.empty()) {
        // The merge that was in progress then ended in a commit: what its other side holds.
        auto merge = std::ranges::find_if(moves_, [&](const Moved& entry) {
          return is_merge_commit(entry.message) && entry.moved + kSecond >= row.began;
        });
        if (merge != moves_.end() && !row.after.empty()) {
          std::string other = TRY(commit_id(merge->new_commit)) + "^2";
          if (TRY(holds(other, row))) {
            decision.rule = Rule::git_commit;
            decision.commit = merge->new_commit;
            return decision;
          }
        }
      }
      if ((nobody || some_git) && row.kind == Seen::disk) {
        // Put back to what was committed: by checkout of the path, or by hand.
        const std::string& head = group_.head;
        if (!head.empty() && !row.after.empty() && TRY(holds(head, row))) {
          decision.rule = Rule::git_head;
          Statement* key = TRY(database_.cached("SELECT key FROM commits WHERE id = ?"));
          key->bind(head);
          if (TRY(key->step())) decision.commit = key->integer(0);
          key->reset();
          return decision;
        }
      }
    }
    if (only_git && !bound.gap) {
      decision.rule = Rule::git_command;
      return decision;
    }
    if (nobody && !bound.gap && TRY(operation_began(op, bound.low))) {
      decision.rule = Rule::git_command;
      return decision;
    }
    if (git_ == nullptr && !moves.empty()) {
      decision.kind = OwnerKind::unknown;
      decision.rule = Rule::no_git;
      add_suspects(decision, running);
      return decision;
    }
    return std::nullopt;
  }

  static Micros first_of(Micros a, Micros b) { return a == 0 ? b : std::min(a, b); }

  // --- Deciding ---

  static void add_suspects(Decision& decision, const std::vector<Candidate>& running) {
    for (const Candidate& each : running) {
      std::pair<int64_t, int> key{each.run->session, each.run->step};
      if (std::ranges::find(decision.suspects, key) == decision.suspects.end()) {
        decision.suspects.push_back(key);
      }
    }
    std::ranges::sort(decision.suspects);
  }

  // A call whose own result this content is, though another look saw it first.
  Result<std::optional<Decision>> claimed(const Row& row, Micros low) {
    if (row.kind == Seen::tool) return std::nullopt;
    Statement* rows = TRY(database_.cached(
        "SELECT t.session, t.step FROM transitions t JOIN steps s ON s.session = t.session"
        " AND s.number = t.step WHERE t.path = ?1 AND t.worktree = ?2 AND t.kind = 1 AND t.q <> ?3"
        " AND t.after IS ?4 AND s.began < ?5 AND (s.ended = 0 OR s.ended >= ?6) ORDER BY t.q LIMIT "
        "1"));
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

  Result<Decision> owner_of(const Row& row, const Row* previous) {
    Decision decision;
    if (row.kind == Seen::tool) {
      if (row.step != 0) {
        decision = {
            OwnerKind::step, Evidence::exact, Rule::tool_result, row.session, row.step, 0, {}};
      }
      return decision;
    }
    if (group_.rewind) {
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
      if (straight.low != INT64_MIN && *time < straight.low - kClockSlack) {
        if (row.before.empty()) {
          // It lay elsewhere (a folder that was renamed keeps its files' times) or was ignored.
          moved_in = std::ranges::any_of(
              rows_.begin() + static_cast<std::ptrdiff_t>(group_.begin),
              rows_.begin() + static_cast<std::ptrdiff_t>(group_.end), [&](const Row& other) {
                return other.after.empty() && other.before == row.after && other.path != row.path;
              });
          if (moved_in) {
            time.reset();
          } else {
            old_file = true;
          }
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
    if (auto git = TRY(from_git(row, bound, all))) return std::move(*git);

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
      if (auto early = begins_late(row, time); !early.empty()) {
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
      } else if (only.run->kind != StepKind::edit && !only.run->sure_at(time)) {
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

  // The version before it on its path, null if there is none.
  Result<const Row*> previous_of(const Row& row) {
    auto known = last_.find(row.path);
    if (known != last_.end()) return &known->second;
    Statement* find = TRY(database_.cached(
        "SELECT q, seen, began, session, before, after, before_mode, after_mode, flags, kind,"
        " event, ctime FROM transitions WHERE path = ? AND worktree = ? AND q < ?"
        " AND (flags & 16) = 0"
        " ORDER BY q DESC LIMIT 1"));
    find->bind(row.path, row_.key, row.q);
    if (!TRY(find->step())) {
      find->reset();
      return nullptr;
    }
    Row before;
    before.q = find->integer(0);
    before.seen = find->integer(1);
    before.began = find->integer(2);
    before.session = find->integer(3);
    before.before = find->object(4);
    before.after = find->object(5);
    before.before_mode = find->str(6);
    before.after_mode = find->str(7);
    before.flags = find->small(8);
    before.kind = static_cast<Seen>(find->small(9));
    before.event = find->integer(10);
    before.ctime_ns = find->integer(11);
    before.path = row.path;
    find->reset();
    return &(last_[row.path] = std::move(before));
  }

  // An unsettled version counts if a look after it found it still there.
  Status settle(const Row& before, const Row& after) {
    if (!(before.flags & kUnsettled)) return {};
    bool gone =
        after.before == before.after && after.after != before.after && after.kind != Seen::tool;
    // It stood for longer than a write takes, or nothing was written in its place.
    if (after.after.empty()) gone = false;
    Micros written = before.ctime_ns > 0 ? before.ctime_ns / 1000 : before.seen;
    if (after.ctime_ns / 1000 > written + kSettled) gone = false;
    if (gone) {
      auto confirmed = std::ranges::any_of(looks_, [&](const Look& look) {
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

  Status decide_group(size_t begin, size_t end) {
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

  Status write(const Row& row, const Decision& decision, int flags) {
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

  Tables& tables_;
  Database& database_;
  GitSource* git_;
  WorktreeRow& row_;
  Micros since_;
  UpdateStats& stats_;

  std::vector<Look> looks_;  // at the whole, by their beginning
  Micros looks_from_ = 0, first_look_ = 0;
  std::vector<Run> runs_;      // by their beginning
  std::vector<Micros> reach_;  // farthest reach of the runs up to each
  Micros runs_from_ = INT64_MAX;
  std::map<std::pair<int64_t, int>, size_t> by_step_;
  std::vector<Run> leaving_;  // in other worktrees, and named places outside of them
  std::vector<Moved> moves_;
  std::vector<Micros> bases_;  // when the files' state was told anew
  std::vector<Row> rows_;
  std::unordered_map<int64_t, Row> last_;  // newest version of each path so far
  // The transitions of one event.
  struct Group {
    size_t begin = 0, end = 0;
    std::string op, head;
    int64_t head_key = 0;
    bool rewind = false;
    bool whole = false;  // the event looked at the whole
  };
  Group group_;
  std::map<std::string, std::map<int64_t, ObjectId>> held_;  // what revisions hold at their paths
  std::set<std::string> gone_;
  Micros missing_ = 0;
};

}  // namespace

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
    Worktree worktree(tables, git, found->second, since, stats);
    TRY(worktree.decide());
  }
  return tables.flush();
}

}  // namespace baton::index
