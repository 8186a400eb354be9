#pragma once

// Claude Code's session files, line by line.

#include <vector>

#include "agents/agent.h"

namespace baton::agents::claude {

std::vector<FileFact> read_session_line(const json::Value& line);
bool keeps_session_line(const json::Value& line);

}  // namespace baton::agents::claude
