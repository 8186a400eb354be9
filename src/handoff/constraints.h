#pragma once

// What people asked to keep to, in their own words.

#include <vector>

#include "handoff/handoff.h"

namespace baton::handoff {

// Later prompts that steer ("no, keep the old API"), whole if they are short, and sentences of any
// prompt that forbid or demand ("do not touch X", "must", "only", "keep"). In order.
std::vector<ConstraintLine> find_constraints(const std::vector<PromptLine>& prompts);

}  // namespace baton::handoff
