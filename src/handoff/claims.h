#pragma once

// What agents said when they ended, held against the trace.

#include "handoff/facts.h"

namespace baton::handoff {

// The statements of each session's last message, in order. What is not recognised is left out.
std::vector<ClaimLine> judge_claims(const Facts& facts, const Handoff& handoff);

}  // namespace baton::handoff
