#pragma once

// What stands in a plan's way on disk: files that were never recorded where others are to lie,
// folders whose names cannot be changed, links on the way.

#include "rollback/plan.h"

namespace baton::rollback {

// Adds them to the plan.
Status find_obstacles(const Here& here, Plan& plan);

// Whether a path of the record may be written below a worktree's root.
bool is_safe_path(std::string_view path);

}  // namespace baton::rollback
