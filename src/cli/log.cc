#include "render/log.h"
#include "base/bytes.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/log_lines.h"
#include "cli/reading.h"
#include "index/acts.h"

namespace baton::cli {
namespace {

// The word after `log`: a range of git revisions, or a session.
Status take_word(index::Index& index, const Invocation& asked, index::LogFilter& filter,
                 bool& empty_range) {
  if (asked.words.empty()) return {};
  const std::string& word = asked.words[0];
  std::string range = word.starts_with("git:") ? word.substr(4) : word;
  if (!contains(range, "..")) {
    index::Address address = TRY(index::resolve(index, word, true));
    if (address.kind != index::Address::Kind::revision) {
      filter.session = address.session_key;
      return {};
    }
    range = address.revision;
  }
  if (!index.git()) {
    return fail(ErrorKind::not_found, "no git repository here to look up '" + range + "'");
  }
  filter.commits = TRY(index.git()->commits(range));
  empty_range = filter.commits.empty();
  return {};
}

// What baton did meanwhile, unless the question is about something else. `turns` were cut if they
// are as many as asked for.
Result<std::vector<index::Act>> acts_between(index::Index& index, const index::LogFilter& filter,
                                             const std::vector<model::TurnView>& turns) {
  std::vector<index::Act> acts;
  bool other = filter.session || !filter.agent.empty() || filter.failed || filter.tests ||
               !filter.commits.empty() || !filter.paths.empty();
  if (other) return acts;
  acts = TRY(index::acts(index));
  bool cut = filter.limit != 0 && turns.size() == filter.limit;
  std::erase_if(acts, [&](const index::Act& act) {
    return (filter.since && act.time < *filter.since) ||
           (filter.until && act.time > *filter.until) ||
           (cut && act.time < turns.back().turn.began);
  });
  return acts;
}

}  // namespace

Result<int> run_log(Front& front) {
  const Invocation& asked = front.asked();
  if (asked.has(OptionId::line_history)) return run_log_lines(front);
  index::LogFilter filter;
  filter.agent = TRY(asked_agent(asked));
  filter.since = TRY(asked_time(front, OptionId::since));
  filter.until = TRY(asked_time(front, OptionId::until));
  filter.limit = TRY(asked_limit(asked, 0));
  TRY(front.place());
  filter.paths = TRY(asked_paths(front));
  filter.failed = asked.has(OptionId::failed);
  filter.tests = asked.has(OptionId::tests);
  filter.with_steps = asked.has(OptionId::steps);
  index::Index& index = *TRY(front.index());
  filter.session = TRY(asked_session(index, asked));
  bool empty_range = false;
  TRY(take_word(index, asked, filter, empty_range));

  std::vector<model::TurnView> turns;
  if (!empty_range) turns = TRY(index::log(index, filter));
  std::vector<index::Act> acts;
  if (!empty_range) acts = TRY(acts_between(index, filter, turns));
  if (front.json()) {
    front.out().write(render::log_json(front.style(), turns, filter.with_steps, acts));
    return kFine;
  }
  for (model::TurnView& view : turns) describe_plan_steps(index, view.steps);
  if (turns.empty() && acts.empty()) return say_nothing_found(index, "prompt"), kFine;
  front.out().write(asked.has(OptionId::oneline)
                        ? render::log_lines(front.style(), turns, acts)
                        : render::log_text(front.style(), turns, filter.with_steps, acts));
  return kFine;
}

}  // namespace baton::cli
