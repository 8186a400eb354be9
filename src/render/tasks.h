#pragma once

// Tasks as `baton task` lists them.

#include <string>
#include <vector>

#include "handoff/task_events.h"
#include "handoff/tasks.h"
#include "render/style.h"

namespace baton::render {

// `here`: the name of the task that is worked on where the asker stands, "" if none is.
std::string tasks_text(const Style& style, const std::vector<handoff::Task>& tasks,
                       std::string_view here);
std::string tasks_json(const Style& style, const std::vector<handoff::Task>& tasks,
                       std::string_view here);
// What was said of a task.
std::string task_said_json(const Style& style, const handoff::TaskEvent& event);

}  // namespace baton::render
