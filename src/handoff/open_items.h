#pragma once

// What is not finished. Each rule says what opens an item and what closes it: docs/handoff.md.

#include "handoff/facts.h"
#include "handoff/hunks.h"

namespace baton::handoff {

// `hunks`: of every changed path.
std::vector<OpenLine> open_items(const Facts& facts, const Handoff& handoff,
                                 const std::map<std::string, std::vector<Hunk>>& hunks);

}  // namespace baton::handoff
