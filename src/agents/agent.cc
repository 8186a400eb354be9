#include "agents/agent.h"

#include "agents/claude_code.h"
#include "agents/codex.h"

namespace baton::agents {

std::string_view to_string(Moment moment) {
  switch (moment) {
    case Moment::unknown:
      return "unknown";
    case Moment::session_start:
      return "session_start";
    case Moment::session_end:
      return "session_end";
    case Moment::prompt:
      return "prompt";
    case Moment::tool_before:
      return "tool_before";
    case Moment::tool_after:
      return "tool_after";
    case Moment::tool_batch:
      return "tool_batch";
    case Moment::turn_end:
      return "turn_end";
    case Moment::turn_failed:
      return "turn_failed";
    case Moment::interrupt:
      return "interrupt";
    case Moment::compact_before:
      return "compact_before";
    case Moment::compact_after:
      return "compact_after";
    case Moment::subagent_start:
      return "subagent_start";
    case Moment::subagent_end:
      return "subagent_end";
    case Moment::permission:
      return "permission";
    case Moment::plan_item:
      return "plan_item";
    case Moment::notice:
      return "notice";
  }
  return "unknown";
}

std::string_view to_string(ToolClass tool_class) {
  switch (tool_class) {
    case ToolClass::other:
      return "other";
    case ToolClass::read:
      return "read";
    case ToolClass::edit:
      return "edit";
    case ToolClass::shell:
      return "shell";
    case ToolClass::search:
      return "search";
    case ToolClass::plan:
      return "plan";
    case ToolClass::subagent:
      return "subagent";
    case ToolClass::web:
      return "web";
    case ToolClass::mcp:
      return "mcp";
  }
  return "other";
}

std::string_view to_string(Given::Kind kind) {
  switch (kind) {
    case Given::Kind::instructions:
      return "instructions";
    case Given::Kind::hook:
      return "hook";
    case Given::Kind::handoff:
      return "handoff";
  }
  return "";
}

std::string_view to_string(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::none:
      return "none";
    case OutcomeKind::ok:
      return "ok";
    case OutcomeKind::failed:
      return "failed";
    case OutcomeKind::refused:
      return "refused";
    case OutcomeKind::interrupted:
      return "interrupted";
    case OutcomeKind::background:
      return "background";
    case OutcomeKind::unknown:
      return "unknown";
  }
  return "unknown";
}

const Agent* find_agent(std::string_view id_or_alias) {
  if (id_or_alias == "claude-code" || id_or_alias == "claude") return &claude_code();
  if (id_or_alias == "codex") return &codex();
  return nullptr;
}

std::vector<const Agent*> all_agents() {
  return {&claude_code(), &codex()};
}

}  // namespace baton::agents
