#pragma once

// What a reviewer should look at, and why: the first thing first.

#include "handoff/facts.h"
#include "handoff/hunks.h"

namespace baton::handoff {

std::vector<RiskLine> find_risks(const Facts& facts, const Handoff& handoff,
                                 const std::map<std::string, std::vector<Hunk>>& hunks);

}  // namespace baton::handoff
