#pragma once

// Files that were given another name while the task went on.

#include "handoff/facts.h"

namespace baton::handoff {

// What came with the content that `gone` took away, under another name; null if it was not moved.
// One look found both: the very content under one other name, else a content of the same hand that
// is at least half the same (as git measures renames).
const model::Change* moved_to(const Facts& facts, const model::Change& gone);

// Lets each net whose file was moved go on under its newest name.
void follow_moves(Facts& facts);

}  // namespace baton::handoff
