// What is claimed of files.

#include <map>

#include "handoff/claim_judge.h"
#include "handoff/path_kinds.h"

namespace baton::handoff {

using model::Step;

bool Judge::is_own_session(const Step& step) const {
  if (step.ref.session_key == turn_.session_key) return true;
  auto child = std::ranges::find(facts_.sessions, step.ref.session, &model::Session::address);
  return child != facts_.sessions.end() && child->parent == turn_.session;
}

bool Judge::is_of_turn(const Step& step) const {
  if (step.ref.session_key == turn_.session_key) return step.ref.turn == turn_.number;
  return is_own_session(step) && step.began >= turn_.began && step.began <= said_;
}

Verdict Judge::nothing_changed() const {
  struct Path {
    ObjectId before, after;
    std::vector<Citation> steps;
  };
  std::map<std::pair<std::string, std::string>, Path> paths;  // worktree and path
  for (const Step& step : facts_.steps) {
    if (!is_of_turn(step)) continue;
    for (const auto& change : step.changes) {
      if (change.skipped) continue;
      Path& path = paths.try_emplace({change.worktree, change.path}, change.before, change.after)
                       .first->second;
      path.after = change.after;
      path.steps.push_back(step.ref.address());
    }
  }
  std::vector<Citation> changed, made, put_back;
  for (const auto& [name, path] : paths) {
    auto& list = path.before == path.after ? put_back : path.before.empty() ? made : changed;
    for (const Citation& step : path.steps) {
      if (std::ranges::find(list, step) == list.end()) list.push_back(step);
    }
  }
  if (!changed.empty()) return {"contradicted", "files were changed", changed};
  // A log or an output is a file too, and no change of what was there.
  if (!made.empty()) return {"not verified", "new files were made", made};
  if (!put_back.empty()) return {"not verified", "files were changed and put back", put_back};
  if (has_unknown(turn_.began, [](const auto&) { return true; })) {
    return {"not verified", "nobody knows who made a change in this turn", {}};
  }
  return {"supported", "no change of a step's was recorded in this turn", {}};
}

bool Judge::stood_changed(const Net& net) const {
  auto timeline = facts_.timelines.find(net.first.worktree);
  if (timeline == facts_.timelines.end()) return false;
  const model::Change* last = nullptr;
  for (const auto& change : timeline->second) {
    if (net.is_called(change.path) && !change.skipped && change.seen <= said_) last = &change;
  }
  return last && (last->after != net.first.before || last->after_mode != net.first.before_mode);
}

Verdict Judge::file(const Statement& statement) const {
  const Net* found = nullptr;
  for (const Net& net : facts_.nets) {
    if (net.matches(statement.path)) found = &net;
  }
  std::vector<Citation> evidence, own;
  if (found) {
    for (const Step* step : found->steps) {
      if (step->began > said_) continue;
      evidence.push_back(step->ref.address());
      if (is_own_session(*step)) own.push_back(step->ref.address());
    }
    if (evidence.empty()) found = nullptr;
  }
  bool changed = found && found->changed();
  if (found && !changed && statement.kind != Stated::file_untouched && stood_changed(*found)) {
    return {"supported", "a step changed it, and it was taken back later", evidence};
  }
  switch (statement.kind) {
    case Stated::file_untouched:
      if (changed && !own.empty()) return {"contradicted", "a step changed it", own};
      if (changed) return {"not verified", "another session changed it", evidence};
      if (!evidence.empty()) return {"not verified", "it was changed and put back", evidence};
      if (has_unknown(
              0, [&](const auto& change) { return path_matches(statement.path, change.path); })) {
        return {"not verified", "nobody knows who changed it", {}};
      }
      return {"supported", "no step changed it", {}};
    case Stated::file_changed:
      if (changed) return {"supported", "a step changed it", evidence};
      break;
    case Stated::file_created:
      if (changed && found->moved_by_step && path_matches(statement.path, found->path)) {
        return {"supported", "a step moved another file there", evidence};
      }
      if (changed && found->status() == 'A') return {"supported", "a step made it", evidence};
      if (changed && found->status() == 'M') {
        return {"not verified", "it was there before the task and was changed", evidence};
      }
      break;
    case Stated::file_deleted:
      if (changed && found->moved_by_step && !path_matches(statement.path, found->path)) {
        return {"supported", "a step moved it elsewhere", evidence};
      }
      if (changed && found->status() == 'D' && !found->deleted_by().empty()) {
        return {"not verified", "it is gone, and no step deleted it", evidence};
      }
      if (changed && found->status() == 'D') return {"supported", "a step deleted it", evidence};
      if (changed) return {"contradicted", "it was changed and is there", evidence};
      break;
    default:
      break;
  }
  if (found) return {"contradicted", "its content is what it was before the task", evidence};
  // Files that nothing is recorded of: ignored ones, or outside of the store.
  bool known = std::ranges::any_of(handoff_.reads, [&](const ReadLine& read) {
    return path_matches(statement.path, read.path);
  });
  if (known) return {"contradicted", "no step changed it", {}};
  return {"not verified", "no change of such a file was recorded", {}};
}

}  // namespace baton::handoff
