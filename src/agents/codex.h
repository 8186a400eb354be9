#pragma once

// The Codex CLI. What its payloads and session files say is described in docs/agents/codex.md.

#include "agents/agent.h"

namespace baton::agents {

const Agent& codex();

}  // namespace baton::agents
