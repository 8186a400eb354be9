#pragma once

// Codex's session files (rollouts), line by line.

#include <vector>

#include "agents/agent.h"

namespace baton::agents::codex_cli {

std::vector<FileFact> read_session_line(const json::Value& line);
bool keeps_session_line(const json::Value& line);

}  // namespace baton::agents::codex_cli
