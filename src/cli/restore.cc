// `baton restore`: files as they were at a moment, or as they were last seen before they were lost.

#include <algorithm>

#include "cli/commands.h"
#include "cli/rollback.h"
#include "cli/target.h"
#include "index/state.h"

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

// A word that names nothing, neither then nor now, is a slip.
Status check_word(Front& front, const Ground& ground, const Target& target,
                  const rollback::Plan& plan, const std::string& word) {
  index::Pathspec spec = TRY(index::Pathspec::parse({word}, front.prefix(), front.root()));
  auto named = [&](const auto& each) { return spec.matches(each.path); };
  if (std::ranges::any_of(plan.changes, named) || std::ranges::any_of(plan.left, named)) return {};
  const rollback::Here& here = ground.here();
  if (std::ranges::any_of(TRY(index::state_at(*here.index, here.now)).entries, named)) return {};
  if (target.revision.empty()) {
    auto then = TRY(index::state_at(*here.index, target.position));
    if (std::ranges::any_of(then.entries, named)) return {};
  } else if (here.index->git()) {
    if (std::ranges::any_of(TRY(here.index->git()->tree(target.revision)), named)) return {};
  }
  return fail(ErrorKind::not_found, "no file '" + word + "', neither then nor now",
              "paths count from the current folder");
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
  intent.what = target.what;
  rollback::Plan plan =
      target.revision.empty()
          ? TRY(rollback::plan_state(ground.here(), target.position, target.moment, paths))
          : TRY(rollback::plan_revision(ground.here(), target.revision, paths));
  for (const std::string& word : words) TRY(check_word(front, ground, target, plan, word));
  return carry_out(front, ground, std::move(plan), std::move(intent));
}

}  // namespace baton::cli
