// `baton undo` and `baton redo`: a rewind taken back, and that taken back again.

#include <algorithm>

#include "cli/commands.h"
#include "cli/rollback.h"
#include "index/queries.h"

namespace baton::cli {
namespace {

Result<index::Act> newest_rewind(const std::vector<index::Act>& acts) {
  auto found = std::ranges::find(acts, index::kRewindEvent, &index::Act::event_name);
  if (found != acts.end()) return *found;
  return fail(ErrorKind::negative, "nothing to take back: no rewind was made in this worktree");
}

Result<int> take_back(Front& front, const Ground& ground, const index::Act& act, std::string kind) {
  auto changes = TRY(index::changes_of(ground.index(), act));
  index::Pathspec paths = TRY(asked_rollback_paths(front));
  TRY(check_changed(front, changes, act.name));
  rollback::Here here = ground.here();
  rollback::Plan plan =
      front.asked().has(OptionId::force)
          ? TRY(rollback::plan_before(here, changes, paths))
          : TRY(rollback::plan_without(here, changes, paths, rollback::Whose::own));
  Intent intent;
  intent.deed.kind = std::move(kind);
  intent.undone = &act;
  // An undo's undo is the rewind itself again.
  bool chained = act.kind == "undo" || act.kind == "redo";
  intent.deed.of = chained ? act.of : act.name;
  return carry_out(front, ground, std::move(plan), std::move(intent));
}

std::string kind_of_taking_back(const index::Act& act) {
  return act.kind == "undo" ? "redo" : "undo";
}

}  // namespace

Result<int> run_undo(Front& front) {
  const Invocation& asked = front.asked();
  Ground ground = TRY(Ground::look(front, "undo"));
  auto acts = TRY(index::acts(ground.index(), ground.worktree().id));
  if (asked.words.empty()) {
    index::Act act = TRY(newest_rewind(acts));
    return take_back(front, ground, act, kind_of_taking_back(act));
  }
  std::string name = asked.words[0];
  if (name.starts_with('@')) name.erase(0, 1);
  auto found = std::ranges::find_if(acts, [&](const index::Act& act) {
    return act.event_name == index::kRewindEvent && act.name == name;
  });
  if (found == acts.end()) {
    return fail(ErrorKind::not_found, "no rewind '" + asked.words[0] + "' in this worktree",
                "see: baton checkpoint");
  }
  return take_back(front, ground, *found, kind_of_taking_back(*found));
}

Result<int> run_redo(Front& front) {
  Ground ground = TRY(Ground::look(front, "redo"));
  auto acts = TRY(index::acts(ground.index(), ground.worktree().id));
  auto found = std::ranges::find(acts, index::kRewindEvent, &index::Act::event_name);
  if (found == acts.end() || found->kind != "undo") {
    return fail(ErrorKind::negative, "nothing to redo: the newest rewind was not undone");
  }
  return take_back(front, ground, *found, "redo");
}

}  // namespace baton::cli
