#pragma once

// Claude Code. What its payloads and session files say is described in docs/agents/claude-code.md.

#include "agents/agent.h"

namespace baton::agents {

const Agent& claude_code();

}  // namespace baton::agents
