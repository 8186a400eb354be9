#pragma once

// Numbers that the index's tables use for words. They are part of the schema: changing one means a
// new kSchemaVersion.

#include <cstdint>

#include "base/time.h"

namespace baton::index {

// How long a command without an end is believed to go on, and how far back a gap makes suspects.
constexpr Micros kMaxReach = 24LL * 3600 * kSecond;

// What closed a call.
enum class EndSource : uint8_t {
  none,           // it is open
  after,          // its own after-event
  batch,          // the batch it was part of
  file,           // the agent's session file
  turn_end,       // the turn ended without a word about it
  prompt,         // the next prompt came
  interrupt,      // the user stopped the turn
  session_start,  // the agent was started again
  session_end,
};

// Where an outcome is from; a later one is believed more.
enum class OutcomeSource : uint8_t { none, before, batch, file, after };

enum class TurnEnding : uint8_t {
  none,
  completed,
  failed,
  interrupted,  // the agent says so
  cut,          // the next prompt or another start came without an end; taken back by later events
};

// Bits of steps.flags: what was taken from a step already.
constexpr int kStepCommandDoc = 1;
constexpr int kStepOutputDoc = 2;
constexpr int kStepReads = 4;
constexpr int kStepClaims = 8;
constexpr int kStepPlan = 16;
constexpr int kStepTest = 32;
constexpr int kStepPathDoc = 64;
constexpr int kStepClosedClaims = 128;
constexpr int kStepUnbegun = 256;  // it failed before it did anything

// Bits of runs.flags.
constexpr int kRunBackground = 1;  // goes on after it has answered
constexpr int kRunLeaves = 2;      // names places outside the directory it runs in
constexpr int kRunOnlyGit = 4;     // nothing but git commands that bring recorded content
constexpr int kRunSomeGit = 8;     // with such a command
constexpr int kRunCommits = 16;    // the text speaks of git and may make a commit
constexpr int kRunUnheard = 32;    // only its end was heard: no look stands before it

// transitions.kind: "k" of the journal.
// `rewind`: of one that was killed and whose own event comes later.
enum class Seen : uint8_t { disk, tool, pre, post, rewind };

// Bits of transitions.flags.
constexpr int kUnsettled = 1;  // "u"
constexpr int kWithheld = 2;   // "w"
constexpr int kSkip = 4;       // unsettled and gone in the next look
constexpr int kRepeat = 8;     // leads to what the one before it on its path had led to: seen twice
constexpr int kNoChange = 16;  // what a tool did had been seen already: says whose it is
// Rows that are no version of their path.
constexpr int kNoVersion = kRepeat | kNoChange;

// transitions.rule: which rule decided the owner. Texts in owners.cc, meaning in
// docs/decisions/index.md.
enum class Rule : uint8_t {
  none,
  tool_result,  // the tool's own result
  claimed,      // the result that a tool claims, seen by another pass first
  one_command,  // changed while one command ran
  several,      // changed while several ran
  named_path,   // changed around a call that names the path
  git_commit,   // equals what the commit holds that HEAD was moved to
  git_command,  // changed while nothing but git's own commands ran
  git_head,     // became what HEAD's commit holds
  between,      // changed while nothing of the agents' ran
  after_tool,   // on disk right behind a tool's result, and not that
  before_tool,  // found by a tool, never seen before
  gap,          // no complete look before it
  unclosed,     // a call that was never answered may have done it
  background,   // a command that goes on in the background may have done it
  elsewhere,    // a command that ran in another worktree may have done it
  no_git,       // HEAD moved, and git cannot be asked
  old_file,     // older than the last complete look: it came into sight
  rewind,       // put back by baton
  mixed,        // around a call that names the path, and not what the call says it made
  early,        // a little before a command that waited began to run
  committed,    // became what HEAD's commit holds, which was made of it since the last look
};

// tokens and messages: kinds are model::MessageKind. docs.kind is model::Hit::Kind.

}  // namespace baton::index
