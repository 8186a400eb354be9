#pragma once

// What was asked for against what was touched, and where the work left its plan.

#include "handoff/facts.h"

namespace baton::handoff {

ScopeLine judge_scope(const Facts& facts, const Handoff& handoff);
std::vector<DeviationLine> plan_deviations(const Facts& facts, const Handoff& handoff);
// The first step that changed a path which was there before and that nobody had read; null if
// somebody had, or a step of the task made it.
const model::Step* changed_unread(const Facts& facts, const Net& net);

}  // namespace baton::handoff
