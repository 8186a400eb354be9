#pragma once

// Sessions, turns and steps as readers see them. Plain data; index/queries.h fills it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "model/owner.h"

namespace baton::model {

// A moment of a worktree's timeline: the state after all transitions up to number `q`.
struct Position {
  std::string worktree;  // id; "" if unknown
  int64_t q = 0;         // 0: nothing but the base
  bool known() const { return !worktree.empty(); }
  bool operator==(const Position&) const = default;
};

enum class SessionState : uint8_t {
  running,   // its process lives
  ended,     // the agent said so
  abnormal,  // its process is gone and it never said that it ended
  open,      // not ended, and nothing tells whether it still runs
};
std::string_view to_string(SessionState state);

enum class TurnState : uint8_t {
  running,  // the newest turn of a session that is running
  completed,
  failed,       // the agent said so (API error)
  interrupted,  // stopped by the user, or cut off by the next prompt or the agent's death
  open,         // not ended, and nothing tells whether it still runs
};
std::string_view to_string(TurnState state);

struct Tokens {
  int64_t input = 0, cached_input = 0, output = 0, reasoning = 0;
  bool known() const { return input || output; }
};

struct Session {
  int64_t key = 0;         // in this index; never shown
  std::string address;     // "c7f2"
  std::string agent;       // "claude-code"
  std::string id;          // the agent's own
  int64_t parent_key = 0;  // 0: none
  std::string parent;      // address of the session that started this one, "" if none
  int parent_step = 0;     // the step of the parent that started it, 0: unknown
  std::string subagent_type;
  SessionState state = SessionState::open;
  Micros began = 0, last = 0;  // first and newest event
  std::string model;           // newest
  std::string title;
  std::string cwd;                        // where it began
  std::string worktree;                   // id, where it began
  std::string branch;                     // newest
  std::string first_prompt, last_prompt;  // of a person; whole
  int turns = 0;                          // with a prompt
  int steps = 0;                          // its own, without subagents'
  int failed_steps = 0;
  int paths_changed = 0;  // distinct paths of transitions owned by its steps
  int subagents = 0;
  int compactions = 0;
  int resumed = 0;  // times it was resumed
  Tokens tokens;
};

// What a tool does, in one word.
enum class StepKind : uint8_t { other, read, edit, shell, search, plan, subagent, web, mcp };
std::string_view to_string(StepKind kind);

enum class StepOutcome : uint8_t {
  unknown,  // it ended or not; nothing tells
  ok,
  failed,
  refused,  // a policy or the user said no: it did not run
  interrupted,
  background,  // answered at once, goes on running
  running,     // of a running turn, not closed yet
};
std::string_view to_string(StepOutcome outcome);

// How the index knows a fact.
enum class Basis : uint8_t {
  exact,     // the agent's event says so
  inferred,  // read out of a command, or guessed by the agent itself
};
std::string_view to_string(Basis basis);

struct PathRead {
  std::string path;  // from the worktree's root if it lies in one, else absolute
  Basis basis = Basis::exact;
  StepRef step;
  Micros time = 0;
};

// What one edit tool says it did to a path.
struct PathClaim {
  std::string path;
  std::string kind;  // write, edit, patch, remove, move
  std::string move_to;
};

// One change of one path, as observed. `before`/`after` empty: not there.
struct Change {
  std::string worktree;
  int64_t q = 0;  // number on the worktree's timeline
  std::string path;
  ObjectId before, after;
  std::string before_mode, after_mode;  // "100644", ...; "" if not there
  ObjectId git_id;                      // what git would store, where that differs from `after`
  Micros seen = 0;                      // when the event that saw it happened
  int64_t ctime_ns = 0;                 // 0: unknown
  Owner owner;
  bool skipped = false;   // read in the middle of a write and gone in the next look
  bool withheld = false;  // credential file: contents are not stored
};

enum class TestKind : uint8_t { test, build, lint };
std::string_view to_string(TestKind kind);
enum class TestVerdict : uint8_t { unknown, passed, failed };
std::string_view to_string(TestVerdict verdict);

struct TestRun {
  TestKind kind = TestKind::test;
  std::string runner;    // "pytest", "ctest", ...; by name: what was called
  bool by_name = false;  // known as a test only by its name
  bool partial = false;  // part of the suite
  TestVerdict verdict = TestVerdict::unknown;
  std::string ground;  // what the verdict rests on: "summary", "exit status", ""
  std::optional<int> passed, failed, skipped;
  std::vector<std::string> failing, skipping;  // names, as the runner writes them
  // Where and on what it ran.
  StepRef step;
  std::string command;
  std::optional<int> exit_status;
  Micros time = 0;
  Position tree;             // the state of the files when it began, as far as it had been seen
  bool tree_seen = false;    // a complete look at the whole worktree stands right before it
  bool start_heard = false;  // `time` is when it began, not when it was first heard of
};

struct Step {
  StepRef ref;
  std::string session_id, session_agent;
  std::string call;  // the agent's id of the call
  std::string tool;  // as the agent says it
  StepKind kind = StepKind::other;
  StepOutcome outcome = StepOutcome::unknown;
  std::optional<int> exit_status;
  Micros began = 0, ended = 0;         // 0: not heard
  std::optional<int64_t> duration_ms;  // what the agent says
  std::string command;                 // shell: the text
  std::string description;
  std::string cwd;  // where it ran
  bool background = false;
  std::string error;  // first lines, if it failed
  std::string worktree;
  std::string subagent;  // address of the session that it started
  std::vector<PathClaim> claims;
  std::vector<PathRead> reads;
  std::vector<Change> changes;  // owned by it, in order
  std::optional<TestRun> test;
  std::vector<std::string> commits;  // made while it ran, hex
  std::vector<std::string> outside;  // paths outside this store
  bool from_file = false;            // known only from the agent's session file, no hook was heard
};

enum class MessageKind : uint8_t { message, thinking, summary, notice };
std::string_view to_string(MessageKind kind);

// The agent's own words.
struct Message {
  MessageKind kind = MessageKind::message;
  Micros time = 0;
  std::string text;
  int turn = 0;
  int before_step = 0;  // the call that follows in the agent's file, 0: none or unknown
};

struct PlanItem {
  std::string id;
  std::string text;
  std::string status;  // pending, in_progress, completed, deleted
  StepRef step;        // that gave it this status
  Micros time = 0;
};

struct Plan {
  std::vector<PlanItem> items;  // in the agent's order, deleted ones left out
  std::string text;             // plan as prose (plan mode), newest
  StepRef step;                 // newest that touched the plan
};

struct Turn {
  std::string session;  // address
  int64_t session_key = 0;
  std::string session_id, agent;
  int number = 0;
  std::string prompt;      // "" if it was not heard
  bool synthetic = false;  // no person typed it
  TurnState state = TurnState::open;
  Micros began = 0, ended = 0;
  std::string branch, head;  // when it began
  std::string worktree;
  std::string model;
  std::string last_message;         // the agent's last words to the user
  int steps = 0, failed_steps = 0;  // subagents' included
  std::vector<std::string> paths;   // changed by its steps, sorted
  int tests_run = 0;
  std::optional<TestRun> last_test;
  Tokens tokens;
  std::string address() const;  // "c7f2:3"
};

// One line of a journal, for those who want to read it themselves.
struct EventPlace {
  std::string agent, directory;  // directory of the session in the store
  int64_t number = 0;            // n
  uint64_t offset = 0, length = 0;
  Micros time = 0;
  std::string event;
};

}  // namespace baton::model
