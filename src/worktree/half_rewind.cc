#include "worktree/half_rewind.h"

#include <map>

#include "os/file.h"
#include "store/rewind_plan.h"

namespace baton::worktree {

void find_half_rewind(const Worktree& worktree, std::vector<Transition>& transitions) {
  if (transitions.empty() || !os::exists(store::rewind_plan_path(worktree.directory))) return;
  auto plan = store::read_rewind_plan(worktree.directory);
  if (!plan || plan->root != worktree.root) return;
  std::map<std::string_view, size_t> moves;
  for (size_t i = 0; i < plan->moves.size(); ++i) moves.emplace(plan->moves[i].path, i);
  for (Transition& transition : transitions) {
    auto found = moves.find(transition.path);
    if (found == moves.end() || transition.sight != Sight::seen) continue;
    const store::RewindMove& move = plan->moves[found->second];
    bool done = false;
    if (move.removes) {
      done = !transition.after.exists() &&
             os::exists(store::rewind_kept_path(plan->folder, found->second));
    } else if (transition.after.exists() && transition.after.id == move.then) {
      auto st = os::stat_file(os::join(worktree.root, transition.path));
      done = st && st->inode == move.staged_inode;
    }
    if (done) transition.sight = Sight::rewind;
  }
}

}  // namespace baton::worktree
