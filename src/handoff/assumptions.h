#pragma once

// What an agent took for granted, in its own words, and notes of that kind.

#include <string_view>
#include <vector>

#include "handoff/facts.h"

namespace baton::handoff {

// Whether a sentence says that its speaker assumes something: English, words only. What was assumed
// and turned out to be wrong, conditions and questions are none.
bool is_assumption(std::string_view sentence);

// In order; REQUIRES: `handoff` has its notes.
std::vector<AssumptionLine> find_assumptions(const Facts& facts, const Handoff& handoff);

}  // namespace baton::handoff
