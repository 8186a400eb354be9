#include "attribution/stats.h"

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/head.h"
#include "git/object_reader.h"
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

// What stands is asked of this revision's files.
Status judge_at(Front& front, attribution::StatsOptions& options, const std::string& revision) {
  if (!front.repository()) return fail(ErrorKind::not_found, "no git repository here");
  std::string name = revision.starts_with("git:") ? revision.substr(4) : revision;
  auto commit = git::resolve_commit(*front.repository(), name);
  if (!commit && commit.error().kind == ErrorKind::io) return std::unexpected(commit.error());
  if (!commit) return fail(ErrorKind::not_found, "no revision '" + revision + "'");
  options.repository = front.repository();
  options.revision = *commit;
  return {};
}

// A branch that is not checked out here has its own files; it may be gone by now.
void judge_at_branch(Front& front, attribution::StatsOptions& options, const std::string& branch) {
  if (branch.empty() || !front.repository()) return;
  auto head = git::read_head(*front.repository());
  if (head && head->branch != branch) (void)judge_at(front, options, "refs/heads/" + branch);
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
      std::string end = word.substr(word.rfind("..") + 2);
      return judge_at(front, options, end.empty() ? "HEAD" : end);
    }
    handoff::Task task =
        TRY(handoff::find_task(index, {front.repository(), front.worktree()}, word));
    for (const model::Session& session : task.sessions) sessions.insert(session.key);
    if (task.kind == handoff::Task::Kind::task) judge_at_branch(front, options, task.branch);
  } else {
    judge_at_branch(front, options, options.branch);
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
  if (asked.has(OptionId::rev)) {
    TRY(judge_at(front, options, std::string(asked.value(OptionId::rev))));
  }
  if (options.revision.empty()) TRY(look_at_files(front, index, "stats"));
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
