#include "render/tasks.h"

#include <algorithm>

#include "render/json.h"
#include "render/sessions.h"
#include "render/text.h"
#include "render/when.h"

namespace baton::render {
namespace {

using handoff::Task;
using handoff::TaskEvent;

Micros newest_event(const Task& task) {
  Micros last = 0;
  for (const auto& session : task.sessions) last = std::max(last, session.last);
  return last;
}

std::string_view act_text(TaskEvent::Act act) {
  switch (act) {
    case TaskEvent::Act::name:
      return "name";
    case TaskEvent::Act::close:
      return "close";
    case TaskEvent::Act::reopen:
      return "reopen";
    case TaskEvent::Act::move:
      return "move";
  }
  return "";
}

}  // namespace

std::string tasks_text(const Style& style, const std::vector<Task>& tasks, std::string_view here) {
  Table table;
  for (const Task& task : tasks) {
    std::string name = clean(style, task.name);
    if (task.named && !task.branch.empty()) name += " (" + clean(style, task.branch) + ")";
    std::string addresses;
    for (const auto& session : task.sessions) {
      addresses += (addresses.empty() ? "" : " ") + session.address;
    }
    table.row({{task.name == here ? "*" : " "},
               {name, Look::title},
               {task.closed ? "closed" : "open", task.closed ? Look::faint : Look::plain},
               {when(style, newest_event(task))},
               {count(static_cast<int64_t>(task.sessions.size()), "session"), Look::plain, true},
               {addresses, Look::address},
               {session_subject(style, task.sessions.front())}});
  }
  return table.text(style);
}

std::string tasks_json(const Style& style, const std::vector<Task>& tasks, std::string_view here) {
  JsonAnswer answer("tasks");
  json::Writer& json = answer.writer();
  json.key("tasks").begin_array();
  for (const Task& task : tasks) {
    json.begin_object().member("name", task.name);
    optional_member(json, "branch", task.branch);
    optional_member(json, "base", task.base);
    json.member("state", task.closed ? "closed" : "open");
    if (task.named) json.member("named", true);
    if (task.name == here) json.member("current", true);
    optional_time(json, "last", newest_event(task));
    json.key("sessions").begin_array();
    for (const auto& session : task.sessions) json.string(session.address);
    json.end_array().end_object();
  }
  json.end_array();
  return answer.finish(style);
}

std::string task_said_json(const Style& style, const TaskEvent& event) {
  JsonAnswer answer("task");
  json::Writer& json = answer.writer();
  json.member("do", act_text(event.act)).member("name", event.name);
  json.member("sessions", event.sessions.size());
  return answer.finish(style);
}

}  // namespace baton::render
