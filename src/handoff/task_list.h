#pragma once

// The tasks as they were told where a bundle was made: what tells them apart there (when a branch
// was made, where it stood) is no part of the record.

#include <optional>
#include <string>
#include <vector>

#include "handoff/tasks.h"

namespace baton::handoff {

// Sessions are known by agent and id only.
struct TaskList {
  std::vector<Task> open, all;  // as tasks() gives them without and with closed ones
  std::optional<Task> current;
};

std::string task_list_text(const TaskList& list);  // JSON
// ErrorKind::damage.
Result<TaskList> parse_task_list(std::string_view text);

// The tasks with their sessions as the index has them; those without any are left out.
Result<std::vector<Task>> with_sessions(index::Index& index, const std::vector<Task>& tasks);

}  // namespace baton::handoff
