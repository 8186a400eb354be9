#pragma once

// Codex's hook payloads.

#include <string_view>
#include <vector>

#include "agents/agent.h"

namespace baton::agents::codex_cli {

std::vector<std::string_view> hook_events();
Heard hear_payload(std::string_view event, const json::Value& payload);

}  // namespace baton::agents::codex_cli
