#pragma once

// The plan of a task: items of plan tools, plan mode, and plan files that an agent wrote.

#include "handoff/facts.h"

namespace baton::handoff {

// An item that several sessions planned with the same words is one, in its newest state. Without
// items of a tool, boxes ("- [x] ...") of plan mode and plan files are the items.
Status add_plans(const Facts& facts, Handoff& handoff);

}  // namespace baton::handoff
