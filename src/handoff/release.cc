#include "handoff/release.h"

#include <algorithm>

namespace baton::handoff {

Result<std::vector<ReleaseLine>> release_lines(index::Index& index, const Task& range,
                                               const Options& options) {
  std::vector<Task> tasks;
  for (const auto& session : range.sessions) {
    auto same = std::ranges::find(tasks, session.branch, &Task::branch);
    if (same == tasks.end() || session.branch.empty()) {
      Task task;
      task.branch = session.branch;
      task.name = session.branch.empty() ? session.address : session.branch;
      tasks.push_back(std::move(task));
      same = tasks.end() - 1;
    }
    same->sessions.push_back(session);
  }
  std::vector<ReleaseLine> lines;
  if (tasks.size() < 2) return lines;
  for (const Task& task : tasks) {
    Handoff handoff = TRY(make_handoff(index, task, options));
    ReleaseLine line;
    line.name = task.name;
    for (const auto& session : task.sessions) line.sessions.push_back(session.address);
    line.verification = handoff.verification;
    for (const auto& risk : handoff.risks) {
      if (std::ranges::find(line.risks, risk.rule) == line.risks.end()) {
        line.risks.push_back(risk.rule);
      }
    }
    line.rollback = handoff.rollback.front();
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace baton::handoff
