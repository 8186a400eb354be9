#pragma once

// Codex's tool calls: what a call's name and input say.

#include <string>
#include <string_view>

#include "agents/agent.h"

namespace baton::agents::codex_cli {

// A command is a text, or a list of arguments that is mostly a shell with -c or -lc and the text.
std::string command_text(const json::Value& command);

ToolCall translate_call(std::string_view name, const json::Value& input, std::string_view id);

}  // namespace baton::agents::codex_cli
