#pragma once

// What baton itself did in a worktree: rewinds (and what undid them), named checkpoints, forks. The
// payloads are described in docs/format/journal.md.

#include <string>
#include <string_view>
#include <vector>

#include "index/index.h"
#include "model/session.h"
#include "model/views.h"

namespace baton::index {

constexpr std::string_view kRewindEvent = "Rewind";
constexpr std::string_view kCheckpointEvent = "Checkpoint";
constexpr std::string_view kForkEvent = "Fork";
// A rewind that was killed, put back before it was done: nobody's change, and no act.
constexpr std::string_view kTakenBackEvent = "RewindTakenBack";
inline bool is_act(std::string_view event) {
  return event == kRewindEvent || event == kCheckpointEvent || event == kForkEvent ||
         event == kTakenBackEvent;
}

struct Act {
  int64_t session_key = 0, event = 0;  // its journal line
  std::string session;                 // baton's own
  Micros time = 0;
  std::string event_name;
  std::string id;      // random; an act that was written down twice counts once
  std::string name;    // "rewind-3"; of a checkpoint what its maker called it
  std::string kind;    // rewind, undo, redo, restore; of the other events ""
  std::string target;  // what was asked for
  std::string of;      // undo and redo: name of the act that was taken back
  std::string only;    // a session, turn or step: nothing but what that did
  std::string note;
  std::string forked;  // of a fork: address of the session whose work the files were
  int64_t files = 0;
  bool with_index = false;         // git's index was brought along; it had these entries before
  std::vector<std::string> index;  // (git ls-files -s)
  model::Position before, after;   // states of the files around it
  // Numbers of what others saw of it, killed half way, before its own event. 0: nothing.
  int64_t half_first = 0, half_last = 0;
};

// Newest first. `worktree`: an id, or "" for all.
Result<std::vector<Act>> acts(Index& index, std::string_view worktree = {});
// What the act changed, in order.
Result<std::vector<model::Change>> changes_of(Index& index, const Act& act);

// Shell commands that have begun in the worktree and were not heard to end, with the process of
// their agent (0: not known).
struct OpenCommand {
  model::Step step;
  int pid = 0;
};
Result<std::vector<OpenCommand>> open_commands(Index& index, std::string_view worktree);

// The commit that was checked out at a position, "" if it is not known.
Result<std::string> head_at(Index& index, const model::Position& position);

}  // namespace baton::index
