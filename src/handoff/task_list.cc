#include "handoff/task_list.h"

#include "base/json.h"
#include "index/notes.h"
#include "index/queries.h"

namespace baton::handoff {
namespace {

void write_task(json::Writer& json, const Task& task) {
  json.begin_object().member("kind", static_cast<int64_t>(task.kind)).member("name", task.name);
  json.member("branch", task.branch).member("base", task.base);
  json.member("named", task.named).member("closed", task.closed);
  json.key("sessions").begin_array();
  for (const auto& session : task.sessions) {
    json.begin_object().member("agent", session.agent).member("id", session.id).end_object();
  }
  json.end_array().end_object();
}

void write_tasks(json::Writer& json, std::string_view name, const std::vector<Task>& tasks) {
  json.key(name).begin_array();
  for (const Task& task : tasks) write_task(json, task);
  json.end_array();
}

Task read_task(const json::Value& value) {
  Task task;
  if (value["kind"].integer() == static_cast<int64_t>(Task::Kind::session)) {
    task.kind = Task::Kind::session;
  }
  task.name = value["name"].str();
  task.branch = value["branch"].str();
  task.base = value["base"].str();
  task.named = value["named"].boolean();
  task.closed = value["closed"].boolean();
  json::Value sessions = value["sessions"];
  for (size_t i = 0; i < sessions.size(); ++i) {
    model::Session session;
    session.agent = sessions.at(i)["agent"].str();
    session.id = sessions.at(i)["id"].str();
    task.sessions.push_back(std::move(session));
  }
  return task;
}

std::vector<Task> read_tasks(const json::Value& value) {
  std::vector<Task> tasks;
  for (size_t i = 0; i < value.size(); ++i) tasks.push_back(read_task(value.at(i)));
  return tasks;
}

}  // namespace

std::string task_list_text(const TaskList& list) {
  json::Writer json;
  json.begin_object();
  write_tasks(json, "open", list.open);
  write_tasks(json, "all", list.all);
  if (list.current) {
    json.key("current");
    write_task(json, *list.current);
  }
  json.end_object();
  return json.take();
}

Result<TaskList> parse_task_list(std::string_view text) {
  json::Document document = TRY(json::Document::parse(text));
  TaskList list;
  list.open = read_tasks(document.root()["open"]);
  list.all = read_tasks(document.root()["all"]);
  json::Value current = document.root()["current"];
  if (current.is_object()) list.current = read_task(current);
  return list;
}

Result<std::vector<Task>> with_sessions(index::Index& index, const std::vector<Task>& tasks) {
  std::vector<Task> known;
  for (Task task : tasks) {
    std::vector<model::Session> sessions;
    for (const auto& session : task.sessions) {
      int64_t key = TRY(index::session_of(index, session.agent, session.id));
      if (key != 0) sessions.push_back(TRY(index::session(index, key)));
    }
    task.sessions = std::move(sessions);
    if (!task.sessions.empty()) known.push_back(std::move(task));
  }
  return known;
}

}  // namespace baton::handoff
