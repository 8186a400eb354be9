#include "handoff/tasks.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "git/head.h"
#include "handoff/task_base.h"
#include "handoff/task_events.h"
#include "handoff/task_list.h"
#include "index/acts.h"
#include "index/queries.h"
#include "index/snapshot.h"

namespace baton::handoff {
namespace {

constexpr size_t kMaxSessions = 500;  // the newest that are looked at

using SessionId = std::pair<std::string, std::string>;  // agent, id

SessionId id_of(const model::Session& session) {
  return {session.agent, session.id};
}

// What people said, summed up.
struct Said {
  std::map<SessionId, std::string> task;  // the name that a session was given
  std::map<SessionId, Micros> closed;
};

Result<Said> what_was_said(const store::Store& store) {
  Said said;
  std::set<std::string> names;
  for (const TaskEvent& event : TRY(task_events(store))) {
    for (const SessionId& id : event.sessions) {
      switch (event.act) {
        case TaskEvent::Act::name:
        case TaskEvent::Act::move:
          names.insert(event.name);
          said.task[id] = event.name;
          break;
        case TaskEvent::Act::close:
          said.closed[id] = event.time;
          // Those that went on with it before it was closed stay with it.
          if (names.contains(event.name)) said.task[id] = event.name;
          break;
        case TaskEvent::Act::reopen:
          said.closed.erase(id);
          break;
      }
    }
  }
  return said;
}

// The order that handoffs tell sessions in.
void sort_by_time(std::vector<model::Session>& sessions) {
  std::ranges::sort(sessions, [](const auto& a, const auto& b) {
    return std::pair(a.began, a.address) < std::pair(b.began, b.address);
  });
}

Micros newest_event(const Task& task) {
  Micros last = 0;
  for (const auto& session : task.sessions) last = std::max(last, session.last);
  return last;
}

class Grouping {
 public:
  Grouping(index::Index& index, const Standing& standing) : index_(index), standing_(standing) {}

  Result<std::vector<Task>> run(bool with_closed) {
    said_ = TRY(what_was_said(index_.store()));
    index::SessionFilter filter;
    filter.limit = kMaxSessions;
    std::map<std::string, std::vector<model::Session>> branches, named, loose;
    for (auto& session : TRY(index::sessions(index_, filter))) {
      auto name = said_.task.find(id_of(session));
      auto& groups = name != said_.task.end() ? named : session.branch.empty() ? loose : branches;
      const std::string& key = name != said_.task.end() ? name->second
                               : session.branch.empty() ? session.worktree
                                                        : session.branch;
      groups[key].push_back(std::move(session));
    }
    std::vector<Task> tasks;
    for (auto& [name, sessions] : named) tasks.push_back(named_task(name, std::move(sessions)));
    for (auto& [branch, sessions] : branches) {
      TRY(add_branch(tasks, branch, std::move(sessions), with_closed));
    }
    for (auto& [worktree, sessions] : loose) {
      Task task;
      task.sessions = TRY(stay_in(index_, std::move(sessions), 1));
      finish(tasks, std::move(task), with_closed);
    }
    for (Task& task : tasks) sort_by_time(task.sessions);
    if (!with_closed) std::erase_if(tasks, [](const Task& task) { return task.closed; });
    std::ranges::stable_sort(tasks, std::greater(), newest_event);
    return tasks;
  }

 private:
  bool is_closed(const model::Session& session) const {
    auto found = said_.closed.find(id_of(session));
    return found != said_.closed.end() && found->second >= session.last;
  }

  Task named_task(const std::string& name, std::vector<model::Session> sessions) {
    Task task;
    task.name = name;
    task.named = true;
    task.branch = sessions.front().branch;
    task.closed = std::ranges::all_of(sessions, [&](const auto& s) { return is_closed(s); });
    task.sessions = std::move(sessions);
    return task;
  }

  // `sessions` newest first, none of which was given a name.
  Status add_branch(std::vector<Task>& tasks, const std::string& branch,
                    std::vector<model::Session> sessions, bool with_closed) {
    std::erase_if(sessions, [&](const auto& s) { return !with_closed && is_closed(s); });
    if (sessions.empty()) return {};
    BranchSessions since = TRY(since_base(index_, standing_.repository, branch, sessions));
    // What goes on with a task that has a name belongs to it.
    auto open_here = std::ranges::find_if(tasks, [&](const Task& task) {
      return task.named && !task.closed && task.branch == branch;
    });
    if (open_here != tasks.end()) {
      open_here->base = since.base;
      for (auto& session : since.sessions) open_here->sessions.push_back(std::move(session));
      return {};
    }
    Task task;
    task.name = task.branch = branch;
    task.base = since.base;
    task.sessions = std::move(since.sessions);
    finish(tasks, std::move(task), with_closed);
    return {};
  }

  void finish(std::vector<Task>& tasks, Task task, bool with_closed) {
    std::erase_if(task.sessions, [&](const auto& s) { return !with_closed && is_closed(s); });
    if (task.sessions.empty()) return;
    task.closed = std::ranges::all_of(task.sessions, [&](const auto& s) { return is_closed(s); });
    if (task.name.empty()) task.name = task.sessions.front().address;
    tasks.push_back(std::move(task));
  }

  index::Index& index_;
  const Standing& standing_;
  Said said_;
};

// The sessions behind the commits of a range.
Result<Task> range_task(index::Index& index, std::string_view range) {
  if (!index.git()) return fail(ErrorKind::usage, "a range of commits needs a git repository");
  Task task;
  task.kind = Task::Kind::range;
  task.name = range;
  index::LogFilter filter;
  filter.commits = TRY(index.git()->commits(range));
  if (filter.commits.empty()) {
    return fail(ErrorKind::negative, "no commits in '" + std::string(range) + "'");
  }
  std::set<int64_t> seen;
  for (const auto& view : TRY(index::log(index, filter))) {
    if (!seen.insert(view.turn.session_key).second) continue;
    task.sessions.push_back(TRY(index::session(index, view.turn.session_key)));
  }
  if (task.sessions.empty()) {
    return fail(ErrorKind::not_found,
                "nothing recorded stands behind the commits of '" + std::string(range) + "'");
  }
  sort_by_time(task.sessions);
  task.branch = task.sessions.back().branch;
  return task;
}

// The session that `baton fork` made this worktree from.
Result<std::optional<Task>> forked_task(index::Index& index, const std::string& worktree) {
  if (worktree.empty()) return std::nullopt;
  for (const index::Act& act : TRY(index::acts(index, worktree))) {
    if (act.event_name != index::kForkEvent || act.forked.empty()) continue;
    auto session = index::resolve_session(index, act.forked);
    if (!session) return std::nullopt;
    Task task = TRY(session_task(index, session->session_key));
    task.forked_at = act.target;
    return task;
  }
  return std::nullopt;
}

std::string branch_here(const Standing& standing) {
  if (!standing.repository) return {};
  auto head = git::read_head(*standing.repository);
  if (!head) return {};
  return head->branch.empty() ? head->operation_branch : head->branch;
}

}  // namespace

bool is_range(std::string_view word) {
  return contains(word, "..");
}

Result<std::vector<Task>> tasks(index::Index& index, const Standing& standing, bool closed) {
  if (standing.told) {
    return with_sessions(index, closed ? standing.told->all : standing.told->open);
  }
  index::Snapshot snapshot(index);
  return Grouping(index, standing).run(closed);
}

Result<Task> session_task(index::Index& index, int64_t session_key) {
  Task task;
  task.kind = Task::Kind::session;
  task.sessions.push_back(TRY(index::session(index, session_key)));
  task.name = task.sessions[0].address;
  task.branch = task.sessions[0].branch;
  return task;
}

Result<Task> current_task(index::Index& index, const Standing& standing) {
  if (standing.told && standing.told->current) {
    auto current = TRY(with_sessions(index, {*standing.told->current}));
    if (!current.empty()) return current[0];
  }
  std::string branch = branch_here(standing);
  auto all = TRY(tasks(index, standing));
  // The task of the newest session on this branch, or of this worktree.
  const Task* found = nullptr;
  Micros newest = 0;
  for (const Task& task : all) {
    for (const auto& session : task.sessions) {
      bool here = branch.empty() ? session.worktree == standing.worktree : session.branch == branch;
      if (here && session.last > newest) {
        newest = session.last;
        found = &task;
      }
    }
  }
  bool begun = found && std::ranges::any_of(found->sessions, [](const model::Session& session) {
                 return session.turns > 0 || session.steps > 0;
               });
  if (!begun) {
    if (auto forked = TRY(forked_task(index, standing.worktree))) return *forked;
  }
  if (found) return *found;
  index::SessionFilter filter;
  filter.limit = 1;
  auto any = TRY(index::sessions(index, filter));
  if (any.empty()) return fail(ErrorKind::not_found, "nothing was recorded yet");
  return session_task(index, any[0].key);
}

Result<Task> find_task(index::Index& index, const Standing& standing, std::string_view word) {
  if (is_range(word)) return range_task(index, word);
  auto all = TRY(tasks(index, standing, true));
  std::vector<const Task*> found;
  for (const Task& task : all) {
    if (task.name == word) found.push_back(&task);
  }
  if (found.empty()) {
    for (const Task& task : all) {
      if (task.branch == word) found.push_back(&task);
    }
  }
  auto session = index::resolve_session(index, word);
  if (session && !found.empty() && session->session != found[0]->name) {
    return fail(ErrorKind::negative, "'" + std::string(word) + "' is ambiguous",
                "task " + found[0]->name + " (" + std::to_string(found[0]->sessions.size()) +
                    " sessions)\nsession " + session->session);
  }
  // A task that was closed stands behind one that is open.
  std::ranges::stable_sort(found, {}, [](const Task* task) { return task->closed; });
  if (!found.empty()) return *found[0];
  if (session) return session_task(index, session->session_key);
  if (session.error().kind == ErrorKind::negative) return std::unexpected(session.error());
  // A branch whose task is over.
  index::SessionFilter filter;
  filter.branch = word;
  Task task;
  task.name = task.branch = word;
  task.sessions = TRY(index::sessions(index, filter));
  if (task.sessions.empty()) {
    return fail(session.error().kind, "no task, branch or session '" + std::string(word) + "'",
                "see 'baton task' and 'baton sessions'");
  }
  sort_by_time(task.sessions);
  return task;
}

}  // namespace baton::handoff
