#include "attribution/stats.h"

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "render/stats.h"

namespace baton::cli {
namespace {

attribution::StatsBy asked_rows(const Invocation& asked, bool one_session) {
  using attribution::StatsBy;
  for (StatsBy by :
       {StatsBy::session, StatsBy::prompt, StatsBy::agent, StatsBy::model, StatsBy::branch}) {
    if (asked.value(OptionId::by) == to_string(by)) return by;
  }
  return one_session ? StatsBy::prompt : StatsBy::session;
}

// Which sessions or commits the word names.
Status take_words(Front& front, index::Index& index, attribution::StatsOptions& options,
                  bool& nothing) {
  const Invocation& asked = front.asked();
  std::set<int64_t> sessions;
  if (auto session = TRY(asked_session(index, asked))) sessions.insert(*session);
  if (!asked.words.empty()) {
    const std::string& word = asked.words[0];
    if (!sessions.empty()) {
      return fail(ErrorKind::usage, "'" + word + "' and --session both say which prompts");
    }
    if (handoff::is_range(word)) {
      if (!index.git()) {
        return fail(ErrorKind::not_found, "no git repository here to look up '" + word + "'");
      }
      options.prompts.commits =
          TRY(index.git()->commits(word.starts_with("git:") ? word.substr(4) : word));
      nothing = options.prompts.commits.empty();
      return {};
    }
    handoff::Task task =
        TRY(handoff::find_task(index, {front.repository(), front.worktree()}, word));
    for (const model::Session& session : task.sessions) sessions.insert(session.key);
  }
  if (!sessions.empty()) options.sessions = std::move(sessions);
  return {};
}

}  // namespace

Result<int> run_stats(Front& front) {
  const Invocation& asked = front.asked();
  attribution::StatsOptions options;
  options.prompts.agent = TRY(asked_agent(asked));
  options.prompts.since = TRY(asked_time(front, OptionId::since));
  options.prompts.until = TRY(asked_time(front, OptionId::until));
  options.model = asked.value(OptionId::model);
  options.branch = asked.value(OptionId::branch);
  TRY(front.place());
  options.prompts.paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  bool nothing = false;
  TRY(take_words(front, index, options, nothing));
  // What stands is a question about the files as they are now.
  TRY(look_at_files(front, index, "stats"));
  options.by = asked_rows(asked, options.sessions && options.sessions->size() == 1);
  attribution::Stats stats;
  stats.by = options.by;
  if (!nothing) stats = TRY(attribution::stats(index, options));
  if (front.json()) {
    front.out().write(render::stats_json(front.style(), stats));
    return kFine;
  }
  if (stats.rows.empty()) return say_nothing_found(index, "prompt"), kFine;
  front.out().write(render::stats_text(front.style(), stats));
  return kFine;
}

}  // namespace baton::cli
