#pragma once

// How owners are decided, for one worktree. For the owners*.cc files only; owners.h is the door.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "index/git_source.h"
#include "index/index.h"
#include "index/rows.h"
#include "index/sqlite.h"
#include "index/tables.h"
#include "model/owner.h"
#include "model/session.h"

namespace baton::index::owners {

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
// Two looks of different sessions that begin so close together may run at the same time, where
// nothing tells which was settled first, unless one was noted before the other began.
constexpr Micros kConcurrent = kSecond;
// A ctime that lies further in the future than this says that the clocks do not agree.
constexpr Micros kClockSlack = 2 * kSecond;
// How many looks before the first doubtful transition are read at once.
constexpr int kLooksBack = 64;

// A look at the whole worktree.
struct WholeLook {
  Micros began = 0;
  int64_t session = 0;
  bool complete = false;
  Micros time = 0;  // of its event
  // The number of the next transition when it was settled: which of two looks came first. 0: not
  // told.
  int64_t next_q = 0;
};

// A call that may have changed files, while it ran.
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

// A transition.
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

// HEAD moved.
struct Moved {
  Micros time = 0;   // when it was noted
  Micros moved = 0;  // whole seconds
  int64_t old_commit = 0, new_commit = 0;
  std::string message;
  bool makes = false;  // makes a commit of what is there, and brings nothing
};

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
  // What had been there before, and no look saw.
  struct Interim {
    ObjectId content;
    int64_t commit = 0;
    bool aside = false;      // the file had been changed, and never was this
    bool by_hand = false;    // somebody resolved a conflict in it
    bool committed = false;  // somebody made it, and committed it
    // The command that did; 0: none.
    int64_t session = 0;
    int step = 0;
  };
  std::optional<Interim> interim;
};

class TimelineOwners {
 public:
  TimelineOwners(Tables& tables, GitSource* git, WorktreeRow& row, Micros since, UpdateStats& stats)
      : tables_(tables),
        database_(tables.database()),
        git_(git),
        row_(row),
        since_(since),
        stats_(stats) {}

  // Decides all that the news may have changed.
  Status decide();

 private:
  // An unsettled version counts if a look after it found it still there.
  Status settle(const Row& before, const Row& after);
  Status decide_group(size_t begin, size_t end);

  // --- What the tables hold: owners_tables.cc ---

  Status load_looks();
  static Run read_run(Statement& rows);
  // REQUIRES: before runs_ and moves_ are looked at. Reads those that may reach that time, unless
  // they are there.
  Status reach_back(Micros from);
  Status load_runs(Micros from);
  Status load_bases();
  // Whether the files' state was told anew between the two.
  bool begun_anew(const Row& before, const Row& after) const;
  Status load_transitions();
  // The version before it on its path, null if there is none.
  Result<const Row*> previous_of(const Row& row);
  Status write(const Row& row, const Decision& decision, int flags);

  // --- What may have made a change, and since when: owners_bounds.cc ---

  struct Bound {
    Micros low = INT64_MIN;  // the path was as before at this time
    bool gap = false;        // ... and since then a look at the whole was cut, or there was none
    // Moves of HEAD that had been noted by then came before it.
    Micros noted = INT64_MIN;
    // The newest look that did not see the change and may have come before it or after it.
    Micros beside = INT64_MIN;
  };

  // The last look that would have seen the change if it had been there. `upper`: the change is not
  // older than this.
  Result<Bound> bound_of(const Row& row, Micros upper, bool has_time, const Row* previous);
  // Calls that may have made the change: at `time`, or without one in (low, high].
  std::vector<Candidate> candidates(const Row& row, std::optional<Micros> time, Micros low,
                                    Micros high, const std::vector<Run>& runs,
                                    const std::vector<Micros>* reach);
  // Commands that had been announced by then, and by their duration began a little later.
  std::vector<Candidate> begins_late(const Row& row, std::optional<Micros> time);
  // Calls of edit tools that name the path.
  Result<std::vector<Candidate>> naming(const Row& row, std::optional<Micros> time, Micros low,
                                        Micros high);
  // Whether everything of the interval lies in the turn of the call.
  Result<bool> within_turn(const Run& run, Micros until);

  // --- What git did: owners_git.cc ---

  // A merge commit tells what came from where while the merge was in progress.
  Status widen();
  Status load_reflog(Micros from);
  // A commit is linked to the step that ran when HEAD moved; it owns nothing.
  Status link_commits();
  Result<std::string> commit_id(int64_t key);
  Result<std::string> path_text(int64_t key);
  // What the revision holds at the paths of the group; asked once for all of them.
  Result<const std::map<int64_t, ObjectId>*> held_by(const std::string& revision);
  Result<bool> holds(const std::string& revision, const Row& row);
  // HEAD's moves in the interval that brought content. git's log tells whole seconds; a look at the
  // whole notes all that there is of it, so what the one before noted came before it, and what a
  // later one notes came later. `all`: those, too, that made commits of what was there.
  std::vector<const Moved*> moves_in(const Bound& bound, const Row& row, bool all = false);
  Status open_group(size_t begin, size_t end);
  // Whether an operation that was not there at `low` is in progress when the change is seen.
  Result<bool> operation_began(const std::string& op, Micros low);
  // Whether the content was committed before HEAD moved so, and has been there since by its own
  // time: the move found it.
  Result<bool> committed_before(const Moved& move, const Row& row, std::optional<Micros> time);
  // Whether one of the moves committed the content: it did not come with HEAD.
  Result<bool> committed_by_hand(const Row& row, const std::vector<const Moved*>& moves);
  // Content that came with checkout, merge, rebase, stash or reset. Nothing if it did not.
  // `nobody`: no call was running, nor one that may have been.
  Result<std::optional<Decision>> from_git(const Row& row, const Bound& bound,
                                           std::optional<Micros> time,
                                           const std::vector<Candidate>& running, bool nobody);
  // What git brought to the path since the version before it, if somebody changed that before
  // anybody looked.
  Result<std::optional<Decision::Interim>> interim_of(const Row& row, const Row* previous,
                                                      const Bound& bound, bool nobody);
  // What the command, or nobody's, made of the path and committed, whatever git did with it then.
  Result<std::optional<Decision::Interim>> committed_by(const Run* run, const Row& row,
                                                        const Row* previous, const Bound& bound);
  // The id of what the revision holds at the row's path, empty if nothing; nothing if it cannot be
  // asked.
  Result<std::optional<ObjectId>> held_at(const std::string& revision, const Row& row);
  static ObjectId stored_before(const Row& row, const Row* previous);

  // --- Deciding: owners_rules.cc ---

  // A call whose own result this content is, though another look saw it first.
  Result<std::optional<Decision>> claimed(const Row& row, Micros low);
  // Of a change that does not tell its time, seen by a look of another session: whether it may have
  // been made after the command.
  static bool may_be_later(const Row& row, const Run& run, const Bound& bound);
  Result<Decision> owner_of(const Row& row, const Row* previous);

  static ObjectId stored(const Row& row) { return row.git_id.empty() ? row.after : row.git_id; }
  static Micros first_of(Micros a, Micros b) { return a == 0 ? b : std::min(a, b); }
  static void add_suspects(Decision& decision, const std::vector<Candidate>& running) {
    for (const Candidate& each : running) {
      std::pair<int64_t, int> key{each.run->session, each.run->step};
      if (std::ranges::find(decision.suspects, key) == decision.suspects.end()) {
        decision.suspects.push_back(key);
      }
    }
    std::ranges::sort(decision.suspects);
  }

  Tables& tables_;
  Database& database_;
  GitSource* git_;
  WorktreeRow& row_;
  Micros since_;
  UpdateStats& stats_;

  std::vector<WholeLook> looks_;  // at the whole, by their beginning
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

}  // namespace baton::index::owners
