// `baton restore`: files as they were at a moment, or as they were last seen before they were lost.

#include "cli/commands.h"
#include "cli/rollback.h"
#include "cli/target.h"

namespace baton::cli {
namespace {

Result<rollback::Plan> plan_lost(const Ground& ground, const index::Pathspec& paths,
                                 const std::vector<std::string>& words) {
  auto plan = rollback::plan_last_seen(ground.here(), paths);
  if (plan || plan.error().kind != ErrorKind::not_found || words.size() != 1) return plan;
  return fail(ErrorKind::not_found, "no file '" + words[0] + "' was ever recorded in this worktree",
              "paths count from the current folder; 'baton search --kind path NAME' finds where a "
              "file was.\nignored files are not recorded, 'baton status' lists what else is left "
              "out");
}

}  // namespace

Result<int> run_restore(Front& front) {
  const Invocation& asked = front.asked();
  std::vector<std::string> words = asked.words;
  words.insert(words.end(), asked.pathspecs.begin(), asked.pathspecs.end());
  if (words.empty()) {
    return fail(ErrorKind::usage, "which files?", "give paths: baton restore src/main.c");
  }
  TRY(front.place());
  index::Pathspec paths = TRY(index::Pathspec::parse(words, front.prefix(), front.root()));
  Ground ground = TRY(Ground::look(front, "restore"));
  Intent intent;
  intent.deed.kind = "restore";
  for (const std::string& word : words) {
    intent.deed.target += (intent.deed.target.empty() ? "" : " ") + word;
  }
  if (!asked.has(OptionId::source)) {
    intent.what = "as they were last seen";
    return carry_out(front, ground, TRY(plan_lost(ground, paths, words)), std::move(intent));
  }
  Target target =
      TRY(parse_target(front, ground.index(), std::string(asked.value(OptionId::source))));
  intent.what = target.revision.empty() ? target.what : "of " + target.what;
  rollback::Plan plan =
      target.revision.empty()
          ? TRY(rollback::plan_state(ground.here(), target.position, target.when, paths))
          : TRY(rollback::plan_revision(ground.here(), target.revision, paths));
  TRY(check_known(front, ground, target, plan, words));
  return carry_out(front, ground, std::move(plan), std::move(intent));
}

}  // namespace baton::cli
