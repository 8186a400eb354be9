#pragma once

// What the record holds of a task, loaded once: what all judgements look at.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "handoff/handoff.h"
#include "index/index.h"
#include "model/session.h"
#include "model/views.h"

namespace baton::handoff {

// What became of one path: the content before the task's first change of it against the present.
struct Net {
  std::string path;                  // as it is called now
  std::vector<std::string> earlier;  // names that it had before it was moved, in order (moves.h)
  model::Change first, last;         // by whomever
  std::vector<const model::Step*> steps;
  std::vector<std::string> others;  // owners that are no step
  bool contested = false, withheld = false;
  model::Change moved;         // that brought it under its present name, if it was moved
  bool moved_by_step = false;  // once at least
  bool apart = false;          // another worktree has a file of that path with a change of its own

  bool changed() const {
    return first.before != last.after || first.before_mode != last.after_mode || moved_by_step;
  }
  char status() const { return first.before.empty() ? 'A' : last.after.empty() ? 'D' : 'M'; }
  // Whether this is or was its name.
  bool is_called(std::string_view name) const;
  // Whether the path, a folder or a glob names it, now or before.
  bool matches(std::string_view pattern) const;
  // Somebody else than a step who deleted it; "" if it is there, or a step did.
  std::string deleted_by() const;
  void add_other(model::OwnerKind owner);
  // Its path, and behind a NUL the worktree where the path does not tell.
  std::string key() const;
};

struct Facts {
  index::Index& index;
  const Task& task;
  const Options& options;
  std::vector<model::Session> sessions;  // in order, subagents behind their parents
  std::vector<model::Turn> turns;        // by time
  std::vector<model::Step> steps;        // by time
  // Each worktree's changes since the task began, by number, whoever made them.
  std::map<std::string, std::vector<model::Change>> timelines;
  std::vector<Net> nets;  // of paths that a step changed, in order of the first change

  const Net* net(std::string_view path) const;  // by any name that it had
  // The agent's words before a step, shortened; "" if none were heard.
  std::string words_before(const model::Step& step) const;
  std::string content(const ObjectId& id) const;  // "" if it is not to be had

  // Messages of each session, by turn and then by time.
  std::map<int64_t, std::vector<model::Message>> messages;
};

Result<Facts> load_facts(index::Index& index, const Task& task, const Options& options);

std::string turn_address(const model::Step& step);
bool run_failed(const model::Step& step);
// Whether a change was made by this step.
bool made_by(const model::Change& change, const model::Step& step);

}  // namespace baton::handoff
