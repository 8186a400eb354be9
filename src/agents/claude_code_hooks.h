#pragma once

// Claude Code's hook payloads.

#include <string_view>
#include <vector>

#include "agents/agent.h"

namespace baton::agents::claude {

std::vector<std::string_view> hook_events();
Heard hear_payload(std::string_view event, const json::Value& payload);

}  // namespace baton::agents::claude
