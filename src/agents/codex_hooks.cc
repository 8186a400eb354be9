#include "agents/codex_hooks.h"

#include "agents/codex_calls.h"
#include "agents/codex_outcomes.h"
#include "agents/content.h"
#include "agents/known_names.h"

namespace baton::agents::codex_cli {
namespace {

using json::Value;

constexpr KnownEvent kEvents[] = {
    {"SessionStart", Moment::session_start},
    {"SessionEnd", Moment::session_end},
    {"UserPromptSubmit", Moment::prompt},
    {"PreToolUse", Moment::tool_before},
    {"PostToolUse", Moment::tool_after},
    {"PermissionRequest", Moment::permission},
    {"Stop", Moment::turn_end},
    {"Interrupt", Moment::interrupt},
    {"SubagentStart", Moment::subagent_start},
    {"SubagentStop", Moment::subagent_end},
    {"PreCompact", Moment::compact_before},
    {"PostCompact", Moment::compact_after},
    {"PreModelRequest", Moment::notice},
    {"PostModelRequest", Moment::notice},
};

// The program that `notify` starts gets names with dashes and repeats what Stop says.
Heard hear_notify(const Value& payload) {
  Heard heard;
  heard.event = "notify";
  heard.moment = Moment::notice;
  heard.session = payload["thread-id"].str();
  heard.turn = payload["turn-id"].str();
  heard.cwd = payload["cwd"].str();
  heard.source = payload["type"].str();
  heard.text = payload["last-assistant-message"].str();
  return heard;
}

void hear_identity(Heard& heard, const Value& payload) {
  heard.session = payload["session_id"].str();
  heard.session_file = payload["transcript_path"].str();
  heard.turn = payload["turn_id"].str();
  heard.cwd = payload["cwd"].str();
  heard.model = payload["model"].str();
  heard.permission_mode = payload["permission_mode"].str();
  std::string_view agent_id = payload["agent_id"].str();
  if (agent_id.empty()) return;
  // The subagent's thread; its own events name its own file, but its end names its parent's.
  heard.parent = std::move(heard.session);
  heard.session = agent_id;
  heard.subagent_type = payload["agent_type"].str();
  if (Value own = payload["agent_transcript_path"]; own.is_string()) heard.session_file = own.str();
}

ToolCall hear_call(const Value& payload) {
  return translate_call(payload["tool_name"].str(), payload["tool_input"],
                        payload["tool_use_id"].str());
}

ToolCall hear_after(const Value& payload) {
  ToolCall call = hear_call(payload);
  Value response = payload["tool_response"];
  Outcome& outcome = call.outcome;
  switch (call.tool_class) {
    case ToolClass::shell:
      // Only the output: the status comes from the session file.
      outcome.kind = OutcomeKind::unknown;
      outcome.output = content_text(response);
      break;
    case ToolClass::edit:
      outcome = text_outcome(response.str());
      if (outcome.kind == OutcomeKind::unknown && !outcome.output.empty()) {
        outcome.kind =
            outcome.output.starts_with("Success.") ? OutcomeKind::ok : OutcomeKind::failed;
      }
      if (outcome.kind == OutcomeKind::failed && outcome.error.empty()) {
        outcome.error = outcome.output;
      }
      outcome.exit_status.reset();  // not a shell's
      break;
    case ToolClass::mcp:
      outcome.kind = response["isError"].boolean() ? OutcomeKind::failed : OutcomeKind::ok;
      (outcome.kind == OutcomeKind::failed ? outcome.error : outcome.output) =
          content_text(response.is_object() ? response["content"] : response);
      break;
    default:
      outcome.kind = OutcomeKind::ok;
      outcome.output = content_text(response);
      break;
  }
  if (call.tool_class == ToolClass::subagent && response.str().size() < 100'000) {
    if (auto answer = json::Document::parse(response.str())) {
      call.subagent_id = answer->root()["agent_id"].str();
    }
  }
  return call;
}

}  // namespace

std::vector<std::string_view> hook_events() {
  return names_of(kEvents);
}

Heard hear_payload(std::string_view event, const Value& payload) {
  if (event == "notify" || payload["type"].str() == "agent-turn-complete") {
    return hear_notify(payload);
  }
  Heard heard;
  heard.event = event.empty() ? payload["hook_event_name"].str() : event;
  heard.moment = moment_of(kEvents, heard.event);
  hear_identity(heard, payload);
  switch (heard.moment) {
    case Moment::session_start:
      heard.source = payload["source"].str();
      break;
    case Moment::session_end:
      heard.source = payload["reason"].str();
      break;
    case Moment::prompt:
      heard.text = payload["prompt"].str();
      break;
    case Moment::tool_before:
    case Moment::permission:
      heard.calls.push_back(hear_call(payload));
      break;
    case Moment::tool_after:
      heard.calls.push_back(hear_after(payload));
      break;
    case Moment::turn_end:
    case Moment::subagent_end:
      heard.text = payload["last_assistant_message"].str();
      break;
    case Moment::compact_before:
    case Moment::compact_after:
      heard.source = payload["trigger"].str();
      break;
    case Moment::notice:
      heard.text = payload["error"].str();
      heard.source = payload["status"].str();
      break;
    default:
      break;
  }
  return heard;
}

}  // namespace baton::agents::codex_cli
