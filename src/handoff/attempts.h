#pragma once

// What was tried and did not hold, by rules that look only at the order of steps, changes and
// outcomes.

#include <vector>

#include "handoff/facts.h"
#include "handoff/handoff.h"
#include "index/index.h"

namespace baton::handoff {

// `steps` in order of time. Contents that cannot be had leave their lines out. `facts`: what tells
// a file that somebody moved from one that was taken back; null if only the steps are known.
Result<std::vector<AttemptLine>> find_attempts(index::Index& index,
                                               const std::vector<model::Step>& steps,
                                               const Facts* facts = nullptr);

// The lines of an output that tell what went wrong, the most telling first, at most `max_lines` and
// `max_bytes`.
std::string telling_lines(std::string_view output, size_t max_lines = 3, size_t max_bytes = 400);

// The telling lines of what a step that failed printed.
std::string failure_text(index::Index& index, const model::Step& step);

}  // namespace baton::handoff
