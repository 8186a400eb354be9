#pragma once

// The plan of a task: items of plan tools, plan mode, and plan files that an agent wrote.

#include "handoff/facts.h"

namespace baton::handoff {

// The status of an item that was not finished and that a later list of the session has not.
inline constexpr std::string_view kLeftOut = "left out";
// Those of a session whose plan is now `present`.
Result<std::vector<model::PlanItem>> left_out(index::Index& index, int64_t session,
                                              const std::vector<model::PlanItem>& present);

// An item that several sessions planned with the same words is one, in its newest state. Without
// items of a tool, boxes ("- [x] ...") of plan mode and plan files are the items.
Status add_plans(const Facts& facts, Handoff& handoff);

}  // namespace baton::handoff
