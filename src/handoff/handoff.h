#pragma once

// The handoff: what the next actor (agent, developer, reviewer) needs to go on, and nothing that is
// not recorded. Plain data; every item names the steps or turns it rests on. How each judgement is
// made, and under what name, is in docs/handoff.md.

#include <optional>
#include <string>
#include <vector>

#include "index/index.h"
#include "model/session.h"

namespace baton::handoff {

// Where a statement can be checked: "c7f2.14" (step), "c7f2:3" (turn) or "c7f2" (session).
using Citation = std::string;

struct SessionLine {
  std::string address, agent, model, state;
  Micros began = 0, last = 0;
  int turns = 0, steps = 0;
};

struct PromptLine {
  Citation turn;
  std::string text;  // verbatim
  bool interrupted = false;
};

struct PlanLine {
  std::string text, status;
  Citation step;
};

struct ReadLine {
  std::string path;
  std::vector<Citation> steps;
  bool inferred = false;  // from a command's words, not from a read tool
};

struct ChangeLine {
  std::string path;
  char status = 'M';  // A, M, D
  int added = 0, removed = 0;
  bool counted = false;  // false: binary, or a content could not be had
  bool binary = false;
  std::vector<Citation> steps;    // that changed it, in order
  Citation turn;                  // the prompt behind the newest of them
  std::vector<std::string> also;  // other owners: "outside", "git", "unknown"
  bool contested = false;
};

struct CommandLine {
  Citation step;
  std::string command;
  std::optional<int> exit_status;
  std::string outcome;  // ok, failed, refused, unknown, ...
};

struct TestLine {
  Citation step;
  std::string command, runner, kind, verdict;  // kind: test, build, lint
  std::string ground;                          // what the verdict rests on
  std::optional<int> exit_status, passed, failed, skipped;
  std::vector<std::string> failing;
  bool by_name = false, partial = false;
};

// The last run of the tests against the files as they are now.
enum class Verification { never_run, failed, unknown, partial, stale, fresh };
std::string_view to_string(Verification verification);

// A change after a run that is not the run's own.
struct SinceLine {
  std::string path;
  std::string owner;  // step, outside, git, before, unknown
  Citation step;      // "" if no step did it
  bool operator==(const SinceLine&) const = default;
};

struct VerificationLine {
  Verification state = Verification::never_run;
  Citation step;                         // the run
  std::vector<SinceLine> changed_since;  // each path once an owner, in order
};

// Something that was tried and did not hold.
struct AttemptLine {
  // edit-then-failing-run, undone, failed-command, failed-edit, failed-call, refused
  std::string rule;
  std::vector<std::string> paths;        // what an edit changed or was to change
  std::string command;                   // a command that failed, or the run that showed it
  std::string tool;                      // of a call that is no command
  std::vector<Citation> steps;           // that tried it
  std::vector<std::string> tried;        // lines it changed, each behind "-" or "+", the first few
  Citation failed_at;                    // the step that showed it
  std::optional<int> exit_status;        // of that step
  std::string error;                     // telling lines, shortened
  std::vector<Citation> replaced_by;     // steps
  std::vector<std::string> replacement;  // lines that these changed, as in `tried`
  std::string replaced_command;          // the form of a command that worked
  int times = 1;
  // What put the content back that was there before: "step", "git", "outside" or "unknown"; "" if
  // nothing did. A step: which, and the agent's words before it.
  std::string undone_by;
  Citation undone_at;
  std::string why;
};

struct OpenLine {
  std::string rule;  // plan-item, failing-run, interrupted-turn
  std::string text;
  Citation source;
};

struct RollbackLine {
  std::string name;  // session start, before the fix, last green
  std::string reason;
  Citation step;        // whose state it is, "" for the session's start
  std::string command;  // that brings it back
};

struct Handoff {
  std::string branch, head;
  std::vector<SessionLine> sessions;
  std::vector<PromptLine> prompts;
  std::vector<PlanLine> plan;
  std::vector<ReadLine> reads;
  std::vector<ChangeLine> changes;
  std::vector<CommandLine> commands;  // but those that only read, and runs of tests
  std::vector<TestLine> tests;
  VerificationLine verification;
  std::vector<AttemptLine> attempts;
  std::vector<OpenLine> open;
  std::vector<RollbackLine> rollback;
  std::string last_message;  // the agent's own words: a claim, not a finding
  Citation last_message_turn;
};

// The handoff of a session (and of the subagents it started) as things stand now.
Result<Handoff> session_handoff(index::Index& index, int64_t session_key);

}  // namespace baton::handoff
