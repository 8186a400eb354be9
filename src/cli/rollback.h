#pragma once

// What rewind, undo, redo and restore have in common: looking at the worktree, refusing, doing,
// telling.

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/front.h"
#include "cli/target.h"
#include "index/acts.h"
#include "render/changes.h"
#include "rollback/apply.h"
#include "rollback/plan.h"

namespace baton::cli {

// This worktree and its index, after a look at all files: what changed so far has its owner, so
// what follows cannot be taken for it.
class Ground {
 public:
  static Result<Ground> look(Front& front, std::string_view why);

  index::Index& index() const { return *index_; }
  const worktree::Place& place() const { return *place_; }
  const worktree::Worktree& worktree() const { return *worktree_; }
  rollback::Here here() const { return {index_, place_, worktree_.get(), now_}; }

 private:
  index::Index* index_ = nullptr;
  const worktree::Place* place_ = nullptr;
  std::unique_ptr<worktree::Worktree> worktree_;
  model::Position now_;
};

struct Intent {
  rollback::Deed deed;                 // without its name
  std::string what;                    // "after turn c7f2:3"
  bool refuse_unowned = false;         // unless forced
  std::vector<model::Change> undoes;   // whose steps no longer hold afterwards
  const index::Act* undone = nullptr;  // undo and redo: what is taken back
  std::vector<rollback::Hunk> hunks;   // of what is taken back: to choose from
};

struct Planned {
  rollback::Plan plan;
  Intent intent;
};

// What it would do, as --dry-run tells it, and why it would be refused.
struct Preview {
  std::string text;
  std::optional<Error> refusal;
  std::vector<render::FileChange> files;
};
Result<Preview> preview(Front& front, const render::Style& style, const Ground& ground,
                        const Planned& planned);

// Shows, refuses or does. The exit status.
Result<int> carry_out(Front& front, const Ground& ground, rollback::Plan plan, Intent intent);

// The changes of the session, turn, step or file in a step that an option names, and how it is
// called.
struct Selection {
  std::string name;  // "session c7f2", "turn c7f2:3", "step c7f2.14"
  std::vector<model::Change> changes;
};
Result<std::optional<Selection>> asked_selection(Front& front, index::Index& index);

// --hunk: "2", "1,3-4"; nothing without. ErrorKind::usage.
Result<std::set<size_t>> asked_hunks(const Invocation& asked);

// --paths and -- PATHSPEC: a word that names nothing is a slip, ErrorKind::not_found.
std::vector<std::string> asked_path_words(const Invocation& asked);
// ... of what `who` changed
Status check_changed(Front& front, const std::vector<model::Change>& changes,
                     const std::string& who);
// ... of the files now and at the target
Status check_known(Front& front, const Ground& ground, const Target& target,
                   const rollback::Plan& plan, const std::vector<std::string>& words);
Result<index::Pathspec> asked_rollback_paths(Front& front);

}  // namespace baton::cli
