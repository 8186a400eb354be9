#pragma once

// Tables of the names that an agent gives its hook events and its tools, and what both agents take
// in the same form.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agents/agent.h"

namespace baton::agents {

struct KnownEvent {
  std::string_view name;
  Moment moment;
};
Moment moment_of(std::span<const KnownEvent> known, std::string_view event);
std::vector<std::string_view> names_of(std::span<const KnownEvent> known);

struct KnownTool {
  std::string_view name;
  ToolClass tool_class;
};
// Tools of servers are named mcp__SERVER__TOOL by every agent.
ToolClass class_of(std::span<const KnownTool> known, std::string_view name);

// The answer of a hook that puts `context` before the model: Claude Code's form, which others took.
std::string hook_context(Moment moment, std::string_view context);

}  // namespace baton::agents
