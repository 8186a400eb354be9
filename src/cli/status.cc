// `baton` alone and `baton status`.

#include "render/status.h"

#include "agents/agent.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "git/head.h"
#include "index/newest_turn.h"
#include "os/file.h"

namespace baton::cli {
namespace {

constexpr size_t kFewSessions = 5;

Result<render::StatusPlace> status_place(Front& front) {
  const worktree::Place& place = *TRY(front.place());
  render::StatusPlace known;
  known.store = place.store.path;
  known.root = place.root;
  known.worktree = front.worktree();
  known.paused = front.settings().flag(Setting::off);
  if (place.repository) {
    if (auto head = git::read_head(*place.repository)) known.branch = head->branch;
  }
  for (const agents::Agent* agent : agents::all_agents()) {
    known.agents.emplace_back(agent->id(), agent->name());
  }
  return known;
}

// Events that got into no journal, and that no event since tells of.
Status add_missed(const worktree::Place& place, model::StatusView& view) {
  store::Missed missed = store::read_missed(place.store);
  if (missed.count == 0) return {};
  model::Gap gap;
  gap.what = "event";
  gap.why = missed.text();
  gap.time = TRY(os::stat_file(place.store.missed_path())).mtime_ns / 1000;
  view.gaps.insert(view.gaps.begin(), std::move(gap));
  view.gap_count++;
  return {};
}

// The newest prompt of the branch that is checked out: in another worktree there may be a newer one
// of something else.
Status add_turn(index::Index& index, const model::StatusView& view, render::StatusPlace& place) {
  if (!view.last_turn || place.branch.empty() || view.last_turn->branch == place.branch) return {};
  place.turn = TRY(index::newest_turn(index, place.branch));
  return {};
}

}  // namespace

Result<int> run_summary(Front& front) {
  auto place = TRY(status_place(front));
  index::Index& index = *TRY(front.index());
  auto view = TRY(index::status(index));
  TRY(add_missed(*TRY(front.place()), view));
  TRY(add_turn(index, view, place));
  front.out().write(front.json() ? render::status_json(front.style(), place, view, "summary")
                                 : render::summary_text(front.style(), place, view));
  return kFine;
}

Result<int> run_status(Front& front) {
  auto place = TRY(status_place(front));
  auto paths = TRY(asked_paths(front));
  index::Index& index = *TRY(front.index());
  auto view = TRY(index::status(index));
  TRY(add_missed(*TRY(front.place()), view));
  TRY(add_turn(index, view, place));
  index::SessionFilter newest;
  newest.limit = kFewSessions;
  newest.paths = paths;
  place.recent = TRY(index::sessions(index, newest));
  if (!paths.empty()) {
    std::erase_if(view.skipped, [&](const model::Skipped& s) { return !paths.matches(s.path); });
    view.skipped_count = static_cast<int64_t>(view.skipped.size());
  }
  front.out().write(front.json() ? render::status_json(front.style(), place, view, "status")
                                 : render::status_text(front.style(), place, view));
  return kFine;
}

}  // namespace baton::cli
