#pragma once

// Rows as model structs: what all query functions share. For the .cc files of this folder only.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "index/events.h"
#include "index/index_impl.h"
#include "index/pathspec.h"
#include "index/rows.h"
#include "index/sqlite.h"
#include "model/session.h"
#include "model/views.h"

namespace baton::index {

// Runs a query; if it finds that the index is broken, makes the index anew and runs it again.
template <class Query>
auto answer(Index& index, Query query) -> decltype(query()) {
  auto result = query();
  if (!result && is_damaged_index(result.error()) && index.rebuild()) result = query();
  return result;
}

// What is needed to name sessions.
struct SessionName {
  int64_t key = 0;
  std::string address, agent, id, hash, parent, directory;
  int64_t pid = 0, started = 0;
  Micros began = 0, last = 0, ended = 0;
  int newest_turn = 0;
};

class Names {
 public:
  explicit Names(Index& index) : index_(index) {}
  Result<const SessionName*> session(int64_t key);
  Result<model::StepRef> step(int64_t session, int number, int turn = 0);
  Result<model::SessionState> state(int64_t key);
  Result<int64_t> parent(int64_t key);  // key of the session that started it, 0: none
  Result<std::string> worktree(int64_t key);
  Result<std::string> path(int64_t key);
  Result<std::string> commit(int64_t key);

 private:
  Index& index_;
  std::unordered_map<int64_t, SessionName> sessions_;
  std::unordered_map<int64_t, model::SessionState> states_;
  std::unordered_map<int64_t, std::string> worktrees_, paths_;
};

// The shortest beginning of the hash, of 4 digits at least, that no other session has.
Result<std::string> shortest_address(Database& database, const std::string& hash);

// Full rows. `where` is the tail of the statement ("WHERE ... ORDER BY ..."), a literal.
Result<std::vector<model::Step>> load_steps(Index& index, Names& names, Statement& rows);
constexpr const char* kStepColumns =
    "s.session, s.number, s.turn, s.call, s.tool, s.kind, s.outcome, s.exit_status, s.began, "
    "s.ended,"
    " s.duration, s.command, s.description, s.cwd, s.background, s.error, s.worktree, s.subagent,"
    " s.outside, s.from_file, s.first";
// Claims, reads, changes, test and commits of a step.
Status fill_step(Index& index, Names& names, model::Step& step);
// The steps of a turn, 0: of all, each filled; with those of the subagents that belong to it.
Result<std::vector<model::Step>> steps_of(Index& index, Names& names, int64_t session, int turn,
                                          bool with_subagents);

// The turn itself and those of its subagents, as (session, turn) pairs; turn 0: all.
Result<std::vector<std::pair<int64_t, int>>> members(Index& index, Names& names, int64_t session,
                                                     int turn);
// With what its steps did; nothing: there is no such turn.
Result<std::optional<model::Turn>> load_turn(Index& index, Names& names, int64_t session,
                                             int number);
// Turns of sessions (main and sub) with a step that changed, or with `reads` read, one of the
// paths.
Result<std::set<std::pair<int64_t, int>>> turns_touching(Index& index, const Pathspec& paths,
                                                         bool reads);
// ErrorKind::not_found if there is no such turn.
Result<model::TurnView> full_turn(Index& index, Names& names, int64_t session, int number);

Result<std::vector<model::Change>> load_changes(Index& index, Names& names, Statement& rows);
constexpr const char* kChangeColumns =
    "t.worktree, t.q, t.path, t.before, t.after, t.before_mode, t.after_mode, t.git_id, t.seen,"
    " t.ctime, t.flags, t.owner, t.evidence, t.rule, t.owner_session, t.owner_step, t.commit_id,"
    " (SELECT o.turn FROM steps o WHERE o.session = t.owner_session AND o.number = t.owner_step)";

Result<std::vector<model::TestRun>> load_tests(Index& index, Names& names, Statement& rows);
constexpr const char* kTestColumns =
    "x.session, x.step, x.time, x.kind, x.runner, x.by_name, x.partial, x.verdict, x.ground, "
    "x.passed,"
    " x.failed, x.skipped, x.failing, x.skipping, s.command, s.exit_status, s.worktree,"
    " coalesce(nullif(s.began, 0), s.first), s.turn, s.before_event IS NOT NULL,"
    " EXISTS (SELECT 1 FROM looks l WHERE l.session = s.session AND l.event = s.before_event"
    " AND l.worktree = s.worktree AND l.whole = 1 AND l.complete = 1)";

Result<int64_t> worktree_key(Index& index, std::string_view id);  // 0 if it is not known
// ErrorKind::not_found if it is not known.
Result<int64_t> known_worktree(Index& index, std::string_view id);
Result<int64_t> path_key(Index& index, std::string_view path);  // 0 if it is not known

// The worktree's newest number at a moment.
Result<int64_t> number_at(Index& index, int64_t worktree, Micros time);

// The session's subagents, with the turn of it that they belong to; subagents of subagents too.
struct Subagent {
  int64_t key = 0;
  int turn = 0;
};
Result<std::vector<Subagent>> subagents(Index& index, Names& names, int64_t session);

// An event of a session's journal, read again.
Result<Event> reread(Index& index, int64_t session, int64_t number);
Result<std::string> reread_payload(Index& index, int64_t session, int64_t number);

std::string_view rule_text(Rule rule);

}  // namespace baton::index
