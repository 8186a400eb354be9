#include "cli/rewind_plan.h"

#include "cli/target.h"

namespace baton::cli {
namespace {

// All files as they were at the target.
Result<Planned> plan_to(Front& front, const Ground& ground, const Target& target,
                        const index::Pathspec& paths) {
  if (!target.revision.empty()) {
    return fail(ErrorKind::usage, "'" + target.name + "' is a revision of git's",
                "baton restore --source git:" + target.revision + " -- PATH");
  }
  rollback::Here here = ground.here();
  if (target.position.worktree != here.now.worktree) {
    return fail(ErrorKind::usage, "'" + target.name + "' is of another worktree",
                "run it there, or make a new worktree of it: baton fork " + target.name);
  }
  Intent intent;
  intent.deed.kind = "rewind";
  intent.deed.target = target.name;
  intent.what = target.what;
  intent.refuse_unowned = true;
  rollback::Plan plan = TRY(rollback::plan_state(here, target.position, target.when, paths));
  TRY(check_known(front, ground, target, plan, asked_path_words(front.asked())));
  intent.undoes = std::move(plan.since);
  return Planned{std::move(plan), std::move(intent)};
}

// What a session, turn or step did, taken back; since the target, if one is given.
Result<Planned> plan_selected(Front& front, const Ground& ground, const Target* since,
                              Selection selection, const index::Pathspec& paths,
                              const std::set<size_t>& hunks) {
  rollback::Here here = ground.here();
  if (since) {
    std::erase_if(selection.changes, [&](const model::Change& change) {
      return change.worktree != since->position.worktree || change.q <= since->position.q;
    });
  }
  bool elsewhere = !selection.changes.empty();
  for (const auto& change : selection.changes) {
    elsewhere = elsewhere && change.worktree != here.now.worktree;
  }
  if (elsewhere) {
    return fail(ErrorKind::usage, selection.name + " changed nothing in this worktree",
                "run it in the worktree where it worked");
  }
  std::erase_if(selection.changes,
                [&](const model::Change& change) { return change.worktree != here.now.worktree; });
  TRY(check_changed(front, selection.changes, selection.name));
  Intent intent;
  intent.deed.kind = "rewind";
  intent.deed.only = selection.name;
  if (since) {
    intent.deed.target = since->name;
    intent.what = since->what;
  }
  if (!hunks.empty())
    intent.deed.only += ", hunk " + std::string(front.asked().value(OptionId::hunk));
  if (front.asked().has(OptionId::dry_run)) {
    auto runs = rollback::runs_of(selection.changes, paths);
    intent.hunks = TRY(rollback::hunks_of(ground.index(), runs));
  }
  rollback::Plan plan =
      TRY(rollback::plan_without(here, selection.changes, paths, rollback::Whose::others, hunks));
  intent.undoes = std::move(selection.changes);
  return Planned{std::move(plan), std::move(intent)};
}

}  // namespace

bool says_where(const Invocation& asked) {
  return !asked.words.empty() || asked.has(OptionId::session) || asked.has(OptionId::turn) ||
         asked.has(OptionId::step);
}

Result<Planned> plan_rewind(Front& front, const Ground& ground) {
  const Invocation& asked = front.asked();
  index::Pathspec paths = TRY(asked_rollback_paths(front));
  auto selection = TRY(asked_selection(front, ground.index()));
  std::set<size_t> hunks = TRY(asked_hunks(asked));
  std::optional<Target> target;
  if (!asked.words.empty()) target = TRY(parse_target(front, ground.index(), asked.words[0]));
  if (selection) {
    return plan_selected(front, ground, target ? &*target : nullptr, std::move(*selection), paths,
                         hunks);
  }
  if (!hunks.empty()) {
    return fail(ErrorKind::usage, "--hunk goes with --step, --turn or --session",
                "--dry-run beside these numbers their hunks");
  }
  if (!target) {
    return fail(ErrorKind::usage, "back to where?",
                "give a turn or step ('baton log' lists them; with ^, the files before it), "
                "@start,\n@green or a checkpoint ('baton checkpoint' lists them)");
  }
  return plan_to(front, ground, *target, paths);
}

}  // namespace baton::cli
