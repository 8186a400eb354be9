#pragma once

// What became of Codex's tool calls, from the text that the model is shown.

#include <string_view>

#include "agents/agent.h"

namespace baton::agents::codex_cli {

Outcome text_outcome(std::string_view text);

// The result of a script of code mode: "Script completed" or "Script failed", and what follows.
Outcome script_outcome(std::string_view text);

}  // namespace baton::agents::codex_cli
