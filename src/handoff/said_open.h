#pragma once

// What agents said last is not done, and what they asked.

#include "handoff/facts.h"

namespace baton::handoff {

// The newest first. Of what an earlier message said, what nothing closes by the rules of
// docs/handoff.md.
std::vector<OpenLine> said_open(const Facts& facts);

}  // namespace baton::handoff
