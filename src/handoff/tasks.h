#pragma once

// Which sessions work on one thing. By default those of one branch since it was made; on the branch
// that others start from, since what it has in common with its upstream or since the last commit
// that left nothing recorded uncommitted. Sessions with open items stay in. People name and close
// tasks and move sessions (task_events.h). docs/handoff.md says it in full.

#include <string>
#include <string_view>
#include <vector>

#include "git/repository.h"
#include "index/index.h"
#include "model/session.h"

namespace baton::handoff {

struct Task {
  enum class Kind : uint8_t { task, session, range } kind = Kind::task;
  std::string name;    // given by a person, else the branch, else an address
  std::string branch;  // "" where there is none
  std::string base;    // commit that it began at, hex; "" unknown
  bool named = false, closed = false;
  std::string forked_at;                 // nothing was done in this fork yet: where it was made
  std::vector<model::Session> sessions;  // without subagents, oldest first
};

struct TaskList;

// Where the asker stands.
struct Standing {
  const git::Repository* repository = nullptr;  // null outside of git
  std::string worktree;                         // id, "" if it was never looked at
  const TaskList* told = nullptr;               // a bundle's: taken as they are
};

// The task with the newest event first. `closed`: those too that were closed.
Result<std::vector<Task>> tasks(index::Index& index, const Standing& standing, bool closed = false);

// The task that is worked on here: that of the branch that is checked out; in a fork where nothing
// was done yet, the session that it was forked from; else the newest session alone.
// ErrorKind::not_found if nothing was recorded.
Result<Task> current_task(index::Index& index, const Standing& standing);

// What a user's word names: a task, a branch, a session, or a range of revisions (sessions behind
// its commits). ErrorKind::negative with a list in the hint if it means several things.
Result<Task> find_task(index::Index& index, const Standing& standing, std::string_view word);
Result<Task> session_task(index::Index& index, int64_t session_key);
bool is_range(std::string_view word);

}  // namespace baton::handoff
