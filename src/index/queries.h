#pragma once

// The questions that readers ask: one function each, answers are plain structs (model/). None of
// them brings the index up to date; opening it did.
//
// Processes are looked at (is the agent still running?) when a session's or turn's state is asked
// for. Errors: ErrorKind::not_found for a session, turn, step or path that is not there,
// ErrorKind::usage for words that mean nothing, ErrorKind::negative with a list in the hint for an
// address that means several things.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index/index.h"
#include "index/pathspec.h"
#include "model/session.h"
#include "model/views.h"

namespace baton::index {

constexpr size_t kMaxGapsShown = 100;
constexpr size_t kMaxSkippedShown = 1000;

// --- addresses ---

struct Address {
  enum class Kind : uint8_t { session, turn, step, path, revision } kind = Kind::session;
  int64_t session_key = 0;
  std::string session;  // the session's address
  int turn = 0;
  int step = 0;
  std::string path;      // Kind::path; Kind::revision with "REV:PATH"
  std::string revision;  // Kind::revision: what stands after "git:", or a word that git knows
};

// What the words of a user name: `c7f2`, a whole session id, `c7f2:3`, `c7f2.14`, `c7f2.14:PATH`,
// `@` (newest step), `@-` and `@--` (the ones before), `git:REV`. `revisions` says whether a git
// revision can stand here too: then a word that names both is ambiguous, and one that only git
// knows is a revision.
Result<Address> resolve(Index& index, std::string_view words, bool revisions = false);
// The same, and it must be of this kind. A session stands for its newest turn or step.
Result<Address> resolve_step(Index& index, std::string_view words);
Result<Address> resolve_session(Index& index, std::string_view words);
// The address under which a session is shown now.
Result<std::string> session_address(Index& index, int64_t session_key);

// --- sessions, turns, steps ---

struct SessionFilter {
  std::string agent = {};            // id, "" for all
  std::optional<Micros> since = {};  // with an event since then
  std::optional<Micros> until = {};
  std::string worktree = {};           // id
  std::string branch = {};             // a turn of it began on this branch
  std::optional<int64_t> parent = {};  // only this session's subagents
  bool subagents = false;              // list subagents too
  Pathspec paths = {};                 // changed or read one of these
  size_t limit = 0;                    // 0: all
};
// Newest event first.
Result<std::vector<model::Session>> sessions(Index& index, const SessionFilter& filter = {});
Result<model::Session> session(Index& index, int64_t session_key);

// How long a session rested before its newest event, and where HEAD of its worktree stood then and
// stands now. `since` 0: it was not heard before.
struct Rest {
  Micros since = 0;
  std::string head_before, head_now;
};
Result<Rest> rest_before(Index& index, int64_t session_key);

struct LogFilter {
  std::optional<int64_t> session = {};  // and its subagents
  std::string agent = {};
  std::optional<Micros> since = {}, until = {};
  bool failed = false;                    // with a step that failed, or ended badly
  bool tests = false;                     // with a test run
  bool synthetic = true;                  // prompts that no person typed too
  std::vector<std::string> commits = {};  // only prompts behind one of these
  Pathspec paths = {};                    // whose steps changed or read one of these
  bool reads = false;                     // count reading, too, for `paths`
  size_t limit = 0;
  size_t skip = 0;
  bool with_steps = false;  // fill TurnView::steps
  bool with_messages = false;
};
// Prompts, newest first. Turns of subagents are part of their parents'.
Result<std::vector<model::TurnView>> log(Index& index, const LogFilter& filter = {});

// The prompts of a worktree, newest first: those given in it, and those whose steps changed
// something in it. Each as turn_head() has it.
Result<std::vector<model::Turn>> turn_heads(Index& index, std::string_view worktree);

Result<model::SessionView> show_session(Index& index, int64_t session_key);
// Its prompt, times, state and model; without what its steps did.
Result<model::Turn> turn_head(Index& index, int64_t session_key, int turn);
// The same with what its steps did: paths, counts, tests.
Result<model::Turn> turn(Index& index, int64_t session_key, int turn);
Result<model::TurnView> show_turn(Index& index, int64_t session_key, int turn);
Result<model::StepView> show_step(Index& index, int64_t session_key, int step);
// All steps of a session in order of their numbers; `subagents` mixes theirs in by time.
Result<std::vector<model::Step>> steps(Index& index, int64_t session_key, bool subagents = false);
Result<model::Step> step(Index& index, int64_t session_key, int step);
Result<std::vector<model::Message>> messages(Index& index, int64_t session_key, int turn = 0);

// --- text ---

struct SearchFilter {
  std::optional<int64_t> session = {};
  std::string agent = {};
  std::optional<Micros> since = {}, until = {};
  std::vector<model::Hit::Kind> kinds = {};  // empty: all
  Pathspec paths = {};                       // hits in steps that touched one of these
  size_t limit = 50;
};
// `words`: words that must all occur, "a phrase", prefix*. Newest first. Nothing else has a
// meaning; punctuation separates words.
Result<model::SearchView> search(Index& index, std::string_view words,
                                 const SearchFilter& filter = {});

// --- files ---

// What is known of a path on a worktree's timeline, oldest first, the base's version at its head.
// Without a worktree: of all, by time.
Result<std::vector<model::PathVersion>> versions(Index& index, std::string_view path,
                                                 std::string_view worktree = {});
// All changes after `from` up to `to`, in order. Positions are of one worktree.
Result<std::vector<model::Change>> changes(Index& index, const model::Position& from,
                                           const model::Position& to);
// The changes that a session (with its subagents), a turn or a step owns.
Result<std::vector<model::Change>> changes_of(Index& index, const Address& address);
// Whether a change came with HEAD going to another branch or commit, as `git checkout` and `git
// switch` let it go: what was committed before is still there.
Result<bool> came_with_switch(Index& index, const model::Change& change);
// Every path with a change, sorted.
Result<std::vector<std::string>> changed_paths(Index& index);

// Where a step, turn or session stands on its worktree's timeline: before it and after it.
struct Span {
  model::Position before, after;
};
Result<Span> span(Index& index, const Address& address);
// The newest position of a worktree.
Result<model::Position> newest(Index& index, std::string_view worktree);
// The position at a moment.
Result<model::Position> position_at(Index& index, std::string_view worktree, Micros time);
// When the worktree was looked at for the first time: what its files were before nobody knows.
// Nothing if the record does not tell.
Result<std::optional<Micros>> first_look(Index& index, std::string_view worktree);

// --- derived facts ---

// The plan of a session after a step (0: now).
Result<model::Plan> plan(Index& index, int64_t session_key, int after_step = 0);
// Every state the plan's items went through, in order.
Result<std::vector<model::PlanItem>> plan_history(Index& index, int64_t session_key);

struct TestFilter {
  std::optional<int64_t> session = {};
  std::string worktree = {};
  std::optional<model::TestKind> kind = {};
  size_t limit = 0;
};
// Newest first.
Result<std::vector<model::TestRun>> test_runs(Index& index, const TestFilter& filter = {});
// The changes in the run's worktree that are not its own and that it did not run on: it is stale if
// there are any.
struct ChangesSince {
  std::vector<model::Change> after;
  std::vector<model::Change> maybe;  // nothing tells whether it ran on them
};
Result<ChangesSince> changes_since(Index& index, const model::TestRun& run);

Result<std::vector<model::PathRead>> reads(Index& index, int64_t session_key, int turn = 0);

// The prompts behind a commit: who owns the versions between its parent's content and its own.
Result<model::CommitView> commit_prompts(Index& index, std::string_view revision);

Result<model::StatusView> status(Index& index);
Result<std::vector<model::Gap>> gaps(Index& index, std::optional<Micros> since = {});
Result<std::vector<model::WorktreeView>> worktrees(Index& index);

}  // namespace baton::index
