// `baton task`: list, name and close tasks, and move sessions between them. What is said of a task
// is an event of baton's own session "tasks".

#include <algorithm>

#include "cli/asked_task.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/reading.h"
#include "handoff/task_events.h"
#include "handoff/tasks.h"
#include "record/record.h"
#include "render/tasks.h"
#include "render/text.h"

namespace baton::cli {
namespace {

using handoff::Task;
using handoff::TaskEvent;

constexpr size_t kMaxTaskName = 100;  // bytes

Result<int> list_tasks(Front& front) {
  index::Index& index = *TRY(front.index());
  handoff::Standing standing = standing_of(front);
  auto tasks = TRY(handoff::tasks(index, standing, front.asked().has(OptionId::closed)));
  auto current = handoff::current_task(index, standing);
  std::string here = current && current->kind == Task::Kind::task ? current->name : "";
  if (front.json()) {
    front.out().write(render::tasks_json(front.style(), tasks, here));
    return kFine;
  }
  if (tasks.empty()) say_nothing_found(index, "task");
  front.out().write(render::tasks_text(front.style(), tasks, here));
  return kFine;
}

Status check_name(const std::string& name) {
  bool plain = !name.empty() && name.size() <= kMaxTaskName && name[0] != '-' &&
               name.find("..") == std::string::npos &&
               std::ranges::none_of(name, [](unsigned char c) { return c < ' ' || c == 127; });
  if (plain) return {};
  return fail(ErrorKind::usage, "'" + name + "' cannot be the name of a task",
              "a name is at most 100 bytes without '..', on one line, and does not begin with '-'");
}

Result<int> say(Front& front, const TaskEvent& event, const std::string& told) {
  const worktree::Place& place = *TRY(front.place());
  if (front.bundle()) return fail(ErrorKind::usage, "a bundle is only read");
  TRY(record::record_own(place.root, handoff::kTaskSession, handoff::kTaskEvent,
                         handoff::task_payload(event)));
  if (front.json()) {
    front.out().write(render::task_said_json(front.style(), event));
  } else {
    front.out().write(told + "\n");
  }
  return kFine;
}

void name_sessions(TaskEvent& event, const Task& task) {
  for (const auto& session : task.sessions) event.sessions.emplace_back(session.agent, session.id);
}

std::string sessions_of(const Task& task) {
  return render::count(static_cast<int64_t>(task.sessions.size()), "session");
}

}  // namespace

Result<int> run_task(Front& front) {
  const auto& words = front.asked().words;
  TRY(front.place());
  if (words.empty() || (words[0] == "list" && words.size() == 1)) return list_tasks(front);
  index::Index& index = *TRY(front.index());
  handoff::Standing standing = standing_of(front);
  const std::string& act = words[0];
  TaskEvent event;
  auto needs = [&](size_t least, size_t most, const char* usage) -> Status {
    if (words.size() >= least && words.size() <= most) return {};
    return fail(ErrorKind::usage, std::string("usage: baton task ") + usage);
  };
  auto named = [&](size_t at) -> Result<Task> {
    return words.size() > at ? handoff::find_task(index, standing, words[at])
                             : handoff::current_task(index, standing);
  };
  if (act == "name") {
    TRY(needs(2, 3, "name NAME [TASK]"));
    TRY(check_name(words[1]));
    Task task = TRY(named(2));
    event.act = TaskEvent::Act::name;
    event.name = words[1];
    name_sessions(event, task);
    return say(front, event, "task '" + words[1] + "': " + sessions_of(task));
  }
  if (act == "close" || act == "reopen") {
    bool close = act == "close";
    TRY(needs(close ? 1 : 2, 2, close ? "close [TASK]" : "reopen TASK"));
    Task task = TRY(named(1));
    event.act = close ? TaskEvent::Act::close : TaskEvent::Act::reopen;
    event.name = task.name;
    name_sessions(event, task);
    return say(front, event,
               (close ? "closed '" : "reopened '") + task.name + "': " + sessions_of(task));
  }
  if (act == "move") {
    TRY(needs(3, 3, "move SESSION TASK"));
    TRY(check_name(words[2]));
    auto address = TRY(index::resolve_session(index, words[1]));
    auto session = TRY(index::session(index, address.session_key));
    auto tasks = TRY(handoff::tasks(index, standing, true));
    auto target = std::ranges::find(tasks, words[2], &Task::name);
    event.act = TaskEvent::Act::move;
    event.name = words[2];
    event.sessions.emplace_back(session.agent, session.id);
    // A task that had no name of its own keeps its sessions together under it.
    if (target != tasks.end() && !target->named) name_sessions(event, *target);
    return say(front, event, "session " + session.address + " is in task '" + words[2] + "'");
  }
  constexpr std::string_view kActs[] = {"list", "name", "close", "reopen", "move"};
  std::string_view near = nearest(act, {std::begin(kActs), std::end(kActs)});
  return fail(ErrorKind::usage, "'" + act + "' is not something to do with a task",
              near.empty() ? "see 'baton help task'" : "did you mean '" + std::string(near) + "'?");
}

}  // namespace baton::cli
