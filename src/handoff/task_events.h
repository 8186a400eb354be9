#pragma once

// What people said of tasks: events of the session "tasks" of baton's own, read from its journal.
// Each has the sessions it is about by the agents' own ids, so that it holds whatever becomes of
// branches and addresses.

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace baton::handoff {

constexpr std::string_view kTaskSession = "tasks";
constexpr std::string_view kTaskEvent = "Task";

struct TaskEvent {
  enum class Act : uint8_t { name, close, reopen, move } act = Act::name;
  std::string name;                                           // of the task
  std::vector<std::pair<std::string, std::string>> sessions;  // agent and id
  Micros time = 0;
};

// The payload to record, as JSON text.
std::string task_payload(const TaskEvent& event);
// All of them, oldest first. Lines that cannot be read are passed over: fsck tells of them.
Result<std::vector<TaskEvent>> task_events(const store::Store& store);

}  // namespace baton::handoff
