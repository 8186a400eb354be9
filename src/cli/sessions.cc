#include "render/sessions.h"

#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"

namespace baton::cli {

Result<int> run_sessions(Front& front) {
  const Invocation& asked = front.asked();
  index::SessionFilter filter;
  filter.agent = TRY(asked_agent(asked));
  filter.since = TRY(asked_time(front, OptionId::since));
  filter.until = TRY(asked_time(front, OptionId::until));
  filter.limit = TRY(asked_limit(asked, 0));
  filter.branch = asked.value(OptionId::branch);
  filter.subagents = asked.has(OptionId::subagents);
  TRY(front.place());
  filter.paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  auto sessions = TRY(index::sessions(index, filter));
  if (front.json()) {
    front.out().write(render::sessions_json(front.style(), sessions));
  } else if (sessions.empty()) {
    say_nothing_found(index, "session");
  } else {
    front.out().write(render::sessions_text(front.style(), sessions));
  }
  return kFine;
}

}  // namespace baton::cli
