#include "cli/page.h"

#include <algorithm>

#include "cli/asked_task.h"
#include "cli/changes.h"
#include "index/queries.h"
#include "index/step_trace.h"
#include "os/env.h"
#include "os/file.h"
#include "render/page.h"

namespace baton::cli {
namespace {

bool lies_in(std::string_view path, std::string_view root) {
  return !root.empty() && path.starts_with(root) &&
         (path.size() == root.size() || path[root.size()] == '/');
}

// A worktree by the other names that agents knew it by: a link to it, or where it lay before it was
// moved. A folder that is there and is another one is none.
void add_other_names(const std::vector<model::Session>& sessions,
                     const std::vector<model::WorktreeView>& worktrees,
                     std::vector<std::string>& roots) {
  for (const auto& session : sessions) {
    auto of = std::ranges::find(worktrees, session.worktree, &model::WorktreeView::id);
    if (of == worktrees.end() || session.cwd.empty()) continue;
    auto known = [&](const std::string& root) { return lies_in(session.cwd, root); };
    if (std::ranges::any_of(roots, known)) continue;
    auto real = os::real_path(session.cwd);
    if (real && !lies_in(*real, of->root)) continue;
    std::string name = session.cwd;
    for (std::string_view up = name; up.size() > 1; up = os::dirname(up)) {
      if (os::basename(up) == os::basename(of->root)) name = std::string(up);
    }
    roots.push_back(name);
  }
}

}  // namespace

Result<render::Outward> outward(Front& front, index::Index& index) {
  std::vector<std::string> roots = {TRY(front.place())->root};
  if (front.repository()) roots.push_back(front.repository()->worktree_root);
  auto worktrees = TRY(index::worktrees(index));
  for (const auto& worktree : worktrees) roots.push_back(worktree.root);
  add_other_names(TRY(index::sessions(index)), worktrees, roots);
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
  auto request = TRY(handoff::make_pull_request(index, task, options, {}));
  if (front.bundle()) request.bundle = front.bundle()->digest;
  return review_page(front, index, task, std::move(request));
}

}  // namespace baton::cli
