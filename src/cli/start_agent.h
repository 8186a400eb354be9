#pragma once

// `baton handoff --to AGENT`: starting another agent on the task.

#include <string>

#include "cli/front.h"

namespace baton::cli {

// Prints the command that starts it; with --run becomes it, and comes back only with an error.
// `context`: what the agent is told, in `budget` tokens. `task`: the word that names the task.
Result<int> start_agent(Front& front, const std::string& task, size_t budget,
                        const std::string& context);

}  // namespace baton::cli
