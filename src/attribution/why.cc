#include "attribution/why.h"

#include <algorithm>

namespace baton::attribution {

Result<std::optional<model::Turn>> asking_turn(index::Index& index, int64_t session_key) {
  model::Session session = TRY(index::session(index, session_key));
  if (session.parent_key == 0 || session.parent_step == 0) return std::nullopt;
  model::Step step = TRY(index::step(index, session.parent_key, session.parent_step));
  if (step.ref.turn == 0) return std::nullopt;
  return TRY(index::show_turn(index, session.parent_key, step.ref.turn)).turn;
}

Result<Why> why(index::Index& index, const model::StepRef& step) {
  model::StepView view = TRY(index::show_step(index, step.session_key, step.step));
  Why why;
  why.words = std::move(view.words);
  for (const model::PlanItem& item : view.plan.items) {
    if (item.status == "in_progress") why.planned.push_back(item.text);
  }
  why.turn = std::move(view.turn);
  why.asked_by = TRY(asking_turn(index, step.session_key));

  index::TestFilter filter;
  filter.worktree = view.step.worktree;
  filter.kind = model::TestKind::test;
  Micros after = std::max(view.step.began, view.step.ended);
  for (model::TestRun& run : TRY(index::test_runs(index, filter))) {  // newest first
    if (run.time <= after || run.step == view.step.ref) break;
    why.next_test = std::move(run);
  }
  why.step = std::move(view.step);
  return why;
}

}  // namespace baton::attribution
