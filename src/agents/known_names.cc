#include "agents/known_names.h"

#include "base/json.h"

namespace baton::agents {

Moment moment_of(std::span<const KnownEvent> known, std::string_view event) {
  for (const KnownEvent& one : known) {
    if (one.name == event) return one.moment;
  }
  return Moment::unknown;
}

std::vector<std::string_view> names_of(std::span<const KnownEvent> known) {
  std::vector<std::string_view> names;
  for (const KnownEvent& one : known) names.push_back(one.name);
  return names;
}

ToolClass class_of(std::span<const KnownTool> known, std::string_view name) {
  for (const KnownTool& one : known) {
    if (one.name == name) return one.tool_class;
  }
  return name.starts_with("mcp__") ? ToolClass::mcp : ToolClass::other;
}

std::string hook_context(Moment moment, std::string_view context) {
  std::string_view event;
  if (moment == Moment::session_start) event = "SessionStart";
  if (moment == Moment::prompt) event = "UserPromptSubmit";
  if (moment == Moment::subagent_start) event = "SubagentStart";
  if (event.empty() || context.empty()) return {};
  json::Writer out;
  out.begin_object().key("hookSpecificOutput").begin_object();
  out.member("hookEventName", event).member("additionalContext", context);
  out.end_object().end_object();
  return out.take();
}

}  // namespace baton::agents
