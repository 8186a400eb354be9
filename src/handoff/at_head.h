#pragma once

// Where the changes stand in the files as a commit holds them.

#include "handoff/facts.h"

namespace baton::handoff {

// Fills in `at_head` and `head_path` of the changes and `head_lines` of their hunks; nothing where
// git cannot be asked.
void place_at_head(const Facts& facts, const std::string& head, std::vector<ChangeLine>& changes);

}  // namespace baton::handoff
