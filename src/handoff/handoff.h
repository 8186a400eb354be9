#pragma once

// The handoff: what the next actor (agent, developer, reviewer) needs to go on, and nothing that is
// not recorded. Plain data; every item names the steps or turns it rests on. How each judgement is
// made, and under what name, is in docs/handoff.md.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "git/repository.h"
#include "handoff/project_files.h"
#include "handoff/tasks.h"
#include "index/index.h"
#include "model/session.h"

namespace baton::handoff {

// Where a statement can be checked: "c7f2.14" (step), "c7f2:3" (turn) or "c7f2" (session).
using Citation = std::string;

// What the sessions below are: a task, or a part of the record that was asked for.
struct TaskLine {
  std::string kind;  // task, session, range
  std::string name;  // given by a person, else the branch, else an address; the range as asked for
  std::string branch, base;  // base: the commit that the task began at, hex; "" unknown
  bool closed = false;
};

// Another worktree that the task changed, as it was when it was last looked at.
struct WorktreeLine {
  std::string root, branch, head;
  std::vector<std::string> dirty;  // as RepositoryLine::dirty
};

// The worktree that we are in as it is while the handoff is made, to tell a stale handoff from a
// fresh one.
struct RepositoryLine {
  std::string branch, head;        // "" detached; no commit or no git
  std::vector<std::string> dirty;  // paths with recorded changes that HEAD does not hold, sorted
  std::string operation;           // "merge", "rebase", ... in progress
  std::vector<WorktreeLine> worktrees;
};

struct SessionLine {
  std::string address, agent, model, state;
  Micros began = 0, last = 0;
  int turns = 0, steps = 0;
  std::string parent, subagent_type;  // of a subagent: who started it
};

struct PromptLine {
  Citation turn;
  std::string text;  // verbatim
  bool interrupted = false;
};

// What a person asked to keep to: their own words.
struct ConstraintLine {
  Citation turn;
  std::string text;  // verbatim: a whole prompt, or the sentence that says it
  std::string rule;  // steering (a later prompt), constraint (a sentence with must, do not, ...)
};

// What the agents worked under that no prompt of the task says.
struct ContextLine {
  std::string kind;  // instructions (a file), hook (what a hook added), handoff (told by baton)
  std::string name;  // the file; the hook's event; how the session began
  std::string why;   // instructions: whose they are, in the agent's word
  std::string text;  // hook: its beginning, verbatim
  std::vector<Citation> sessions;
};

// What was taken for granted.
struct AssumptionLine {
  std::string rule;  // said (the agent's own sentence, verbatim), note
  std::string text;
  std::string author;  // of a note
  Citation source;     // the turn, the note
  bool closed = false;
};

struct PlanLine {
  std::string text, status;
  Citation step;
};

// A plan as prose: plan mode, or a plan file that the agent wrote.
struct PlanTextLine {
  std::string text, path;  // path: of a plan file, else ""
  Citation step;
};

// Where the work left the plan.
struct DeviationLine {
  std::string rule;  // not-in-plan (a file changed that the plan does not name), not-touched
  std::string path;
  Citation step;
};

struct ReadLine {
  std::string path;
  std::vector<Citation> steps;
  bool inferred = false;  // from a command's words, not from a read tool
};

// Lines of a file as it is now, first and last, counted from 1; a deletion stands between two.
struct LineRange {
  int first = 0, last = 0;
  bool operator==(const LineRange&) const = default;
};

// One hunk of a change, and why it was made.
struct HunkLine {
  LineRange lines;                  // in the file as it is now
  LineRange head_lines;             // in HEAD's, where that is another one and has some of them
  std::vector<std::string> quoted;  // "-" and "+" lines, the first few
  Citation step, turn;              // that wrote it
  std::string words;                // the agent's words before that step, "" if none were heard
};

struct ChangeLine {
  std::string path;
  char status = 'M';       // A, M, D
  std::string moved_from;  // the name that it had before the task
  std::string moved_by;    // owner of the newest move: step, outside, git, unknown
  std::string deleted_by;  // an owner that is no step
  std::string worktree;    // another one than we are in, where the path is changed in several
  int added = 0, removed = 0;
  bool counted = false;  // false: binary, or a content could not be had
  bool binary = false;
  std::vector<Citation> steps;    // that changed it, in order
  Citation turn;                  // the prompt behind the newest of them
  std::vector<std::string> also;  // other owners: "outside", "git", "unknown"
  bool contested = false;
  bool withheld = false;        // a credential file
  std::string verification;     // as VerificationLine::state, for this file alone
  Citation verified_by;         // the run that tells
  std::vector<HunkLine> hunks;  // in order of lines; empty if contents could not be had
  // What HEAD holds there: the same, another content, or nothing (absent); "" if git was not asked.
  std::string at_head;
  std::string head_path;  // the name that it has there, where that is another one
};

// A file that nobody's step changed while the task went on.
struct OtherChangeLine {
  std::string path, owner;  // outside, unknown
  int times = 0;
  Citation after;  // the step that it followed, "" if it came before all
};

struct CommandLine {
  Citation step;
  std::string command;
  std::optional<int> exit_status;
  std::string outcome;  // ok, failed, refused, unknown, ...
};

// A change after a run that is not the run's own.
struct SinceLine {
  std::string path;
  std::string owner;  // step, outside, git, before, unknown
  Citation step;      // "" if no step did it
  bool operator==(const SinceLine&) const = default;
};

struct TestLine {
  Citation step;
  std::string command, runner, kind, verdict;  // kind: test, build, lint
  std::string ground;                          // what the verdict rests on
  std::optional<int> exit_status, passed, failed, skipped;
  std::vector<std::string> failing, skipping;
  bool by_name = false, partial = false;
  Micros time = 0;
  // A failed run: what changed between it and the next run of the same command, and that run.
  std::vector<SinceLine> changed_until_next;
  std::vector<SinceLine> maybe_changed_until_next;  // or before it: nobody had looked
  Citation next_run;
  std::string error;  // telling lines of a failed run that names no test
};

// The last run of the tests against the files as they are now.
enum class Verification { never_run, failed, unknown, partial, stale, tree_unknown, fresh };
std::string_view to_string(Verification verification);

struct VerificationLine {
  Verification state = Verification::never_run;
  Citation step;                               // the run
  std::vector<SinceLine> changed_since;        // each path once an owner, in order
  std::vector<SinceLine> maybe_changed_since;  // or before it: nobody had looked
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
  // What put the content back that was there before: "step", "git", "outside", "baton rewind" or
  // "unknown"; "" if nothing did. A step: which, and the agent's words before it.
  std::string undone_by;
  Citation undone_at;
  std::string why;
};

struct OpenLine {
  std::string rule;  // see docs/handoff.md
  std::string text;
  Citation source;
};

// The source of a check that a setting names.
inline constexpr std::string_view kTestCommandSetting = "baton.testCommand";

// What nobody checked.
struct NotCheckedLine {
  std::string rule;    // skipped-test, check-not-run
  std::string name;    // of the test; of the target or job
  std::string source;  // the run's step, or the file or the setting that defines the check
  std::string kind;    // test, build, lint
};

// A statement of an agent's last message against the trace.
struct ClaimLine {
  std::string text;                // the sentence, verbatim
  std::string about;               // tests, build, lint, file, command, completeness
  std::string verdict;             // supported, contradicted, stale, not verified
  std::string reason;              // in baton's words
  Citation turn;                   // that said it
  std::vector<Citation> evidence;  // steps
};

// Something that the task's words do not ask for.
struct SurpriseLine {
  std::string path;
  std::string
      kind;  // forbidden, deletion, test, ci, lock-file, configuration, generated, never-read, area
  Citation step;
};

struct ScopeLine {
  struct Asked {
    std::string pattern;  // a path or a glob
    std::string source;   // a turn, a plan's step, "--scope", "baton.scope"
  };
  std::vector<Asked> asked;
  std::vector<SurpriseLine> surprises;  // the most surprising first
};

// Something a reviewer should look at, the first first.
struct RiskLine {
  std::string rule;  // see docs/handoff.md
  std::string text;  // in baton's words, recorded names apart from it
  std::string path;
  LineRange lines;
  std::vector<std::string> quoted;  // the hunk
  Citation step, turn;
};

// What somebody noted for the next actor.
struct NoteLine {
  std::string kind, text, author;  // kind: note, decision, assumption, risk, constraint, open
  Citation source;                 // "c7f2.14" or "note:3f2a11bc"
  Micros time = 0;
  bool closed = false;
};

struct RollbackLine {
  std::string name;  // session start, before the fix, last green
  std::string reason;
  Citation step;        // whose state it is, "" for the session's start
  std::string command;  // that brings it back
};

// One task of a range of revisions.
struct ReleaseLine {
  std::string name;  // its branch, else its session
  std::vector<Citation> sessions;
  VerificationLine verification;
  std::vector<std::string> risks;  // rules, the first first
  RollbackLine rollback;           // to before it
};

// How far a worktree's timeline had come when the handoff was made.
struct PositionLine {
  std::string worktree;
  int64_t number = 0;
};

struct Handoff {
  TaskLine task;
  std::vector<PositionLine> timeline;
  std::vector<ReleaseLine> tasks;  // of a range that several tasks stand behind
  std::string branch, head;        // at the newest prompt
  RepositoryLine repository;
  std::vector<SessionLine> sessions;
  std::vector<PromptLine> prompts;
  std::vector<ConstraintLine> constraints;
  std::vector<ContextLine> context;
  std::vector<AssumptionLine> assumptions;
  std::vector<PlanLine> plan;
  std::vector<PlanTextLine> plan_texts;
  std::vector<DeviationLine> deviations;
  std::vector<ReadLine> reads;
  std::vector<ChangeLine> changes;
  std::vector<OtherChangeLine> others;
  std::vector<CommandLine> commands;  // but those that only read, and runs of tests
  std::vector<TestLine> tests;
  VerificationLine verification;
  std::vector<NotCheckedLine> not_checked;
  std::vector<AttemptLine> attempts;
  std::vector<OpenLine> open;
  std::vector<ClaimLine> claims;
  ScopeLine scope;
  std::vector<RiskLine> risks;
  std::vector<NoteLine> notes;
  std::vector<RollbackLine> rollback;
  std::string last_message;  // the agent's own words: a claim, not a finding
  Citation last_message_turn;
};

// What may be touched by the word of a person: a path, a folder or a glob.
struct ScopeGlob {
  std::string pattern, source;  // source: "--scope", "baton.scope"
};

struct Options {
  const git::Repository* repository = nullptr;  // null outside of git
  std::shared_ptr<const ProjectFiles> files;    // null: nothing is known of them
  std::vector<ScopeGlob> scope;                 // of what may be touched
  Micros since = 0;                             // only turns and steps that began after it
};

// The handoff of a task's sessions (and of the subagents they started) as things stand now.
Result<Handoff> make_handoff(index::Index& index, const Task& task, const Options& options);

}  // namespace baton::handoff
