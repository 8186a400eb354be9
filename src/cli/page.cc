#include "cli/page.h"

#include <algorithm>

#include "cli/asked_task.h"
#include "cli/changes.h"
#include "index/queries.h"
#include "index/step_trace.h"
#include "os/env.h"
#include "render/page.h"

namespace baton::cli {

Result<render::Outward> outward(Front& front, index::Index& index) {
  std::vector<std::string> roots = {TRY(front.place())->root};
  if (front.repository()) roots.push_back(front.repository()->worktree_root);
  for (const auto& worktree : TRY(index::worktrees(index))) roots.push_back(worktree.root);
  return render::Outward(roots, os::env("HOME").value_or(""));
}

Result<std::string> review_page(Front& front, index::Index& index, const handoff::Task& task,
                                handoff::PullRequest request) {
  Micros after = request.after;
  render::Page page{std::move(request), {}};
  for (const auto& session : task.sessions) {
    for (auto& view : TRY(index::show_session(index, session.key)).turns) {
      if (view.turn.began <= after) continue;
      render::PageTurn turn;
      index::Address address;
      address.kind = index::Address::Kind::turn;
      address.session_key = view.turn.session_key;
      address.turn = view.turn.number;
      turn.files = load_changes(index, TRY(index::changes_of(index, address)), {});
      for (const auto& step : view.steps) {
        auto shown = index::step_trace(index, step.ref.session_key, step.ref.step);
        if (shown) turn.steps.push_back(std::move(*shown));
      }
      turn.view = std::move(view);
      page.turns.push_back(std::move(turn));
    }
  }
  std::ranges::stable_sort(page.turns, {}, [](const auto& turn) { return turn.view.turn.began; });
  return render::page_html(front.style(), page, TRY(outward(front, index)));
}

Result<std::string> asked_page(Front& front, index::Index& index) {
  handoff::Task task = TRY(task_of_now(front, index, "handoff"));
  handoff::Options options;
  TRY(add_surroundings(front, index, options));
  auto request = TRY(handoff::make_pull_request(index, task, options, ""));
  if (front.bundle()) request.bundle = front.bundle()->digest;
  return review_page(front, index, task, std::move(request));
}

}  // namespace baton::cli
