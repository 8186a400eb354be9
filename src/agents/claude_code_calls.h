#pragma once

// Claude Code's tool calls: what a call's name and input say.

#include <string_view>

#include "agents/agent.h"

namespace baton::agents::claude {

ToolCall translate_call(std::string_view name, const json::Value& input, std::string_view id);

}  // namespace baton::agents::claude
