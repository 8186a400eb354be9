#include "agents/claude_code_hooks.h"

#include <algorithm>

#include "agents/claude_code_calls.h"
#include "agents/claude_code_outcomes.h"
#include "agents/content.h"
#include "agents/known_names.h"

namespace baton::agents::claude {
namespace {

using json::Value;

constexpr KnownEvent kEvents[] = {
    {"SessionStart", Moment::session_start},
    {"SessionEnd", Moment::session_end},
    {"UserPromptSubmit", Moment::prompt},
    {"PreToolUse", Moment::tool_before},
    {"PostToolUse", Moment::tool_after},
    {"PostToolUseFailure", Moment::tool_after},
    {"PostToolBatch", Moment::tool_batch},
    {"PermissionRequest", Moment::permission},
    {"PermissionDenied", Moment::permission},
    {"Stop", Moment::turn_end},
    {"StopFailure", Moment::turn_failed},
    {"SubagentStart", Moment::subagent_start},
    {"SubagentStop", Moment::subagent_end},
    {"PreCompact", Moment::compact_before},
    {"PostCompact", Moment::compact_after},
    {"TaskCreated", Moment::plan_item},
    {"TaskCompleted", Moment::plan_item},
    {"InstructionsLoaded", Moment::notice},
    {"UserPromptExpansion", Moment::notice},
    {"Notification", Moment::notice},
    {"MessageDisplay", Moment::notice},
    {"FileChanged", Moment::notice},
    {"CwdChanged", Moment::notice},
    {"ConfigChange", Moment::notice},
    {"DirectoryAdded", Moment::notice},
    {"WorktreeCreate", Moment::notice},
    {"WorktreeRemove", Moment::notice},
    {"PreModelSwitch", Moment::notice},
    {"PostModelSwitch", Moment::notice},
    {"Elicitation", Moment::notice},
    {"ElicitationResult", Moment::notice},
    {"TeammateIdle", Moment::notice},
    {"Setup", Moment::notice},
};

// The file of a subagent, which lies beside its parent's.
std::string subagent_file(std::string_view parent_file, std::string_view agent_id) {
  if (!parent_file.ends_with(".jsonl") || agent_id.size() > 200) return {};
  for (char c : agent_id) {
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 c == '-' || c == '_';
    if (!plain) return {};
  }
  parent_file.remove_suffix(6);
  return std::string(parent_file) + "/subagents/agent-" + std::string(agent_id) + ".jsonl";
}

void hear_identity(Heard& heard, const Value& payload) {
  std::string_view session = payload["session_id"].str();
  std::string_view agent_id = payload["agent_id"].str();
  heard.session = session;
  heard.session_file = payload["transcript_path"].str();
  heard.turn = payload["prompt_id"].str();
  heard.cwd = payload["cwd"].str();
  heard.model = payload["model"].str();
  heard.permission_mode = payload["permission_mode"].str();
  if (agent_id.empty()) return;
  std::string_view type = payload["agent_type"].str();
  // Compaction runs a hidden agent of its own: it ends without a start, has no type, and the file
  // that it names never exists. It is no session.
  if (heard.moment == Moment::subagent_end && type.empty()) {
    heard.moment = Moment::notice;
    return;
  }
  heard.session = std::string(session) + "/" + std::string(agent_id);
  heard.parent = session;
  heard.subagent_type = type;
  Value own_file = payload["agent_transcript_path"];
  heard.session_file = own_file.is_string() ? std::string(own_file.str())
                                            : subagent_file(heard.session_file, agent_id);
}

ToolCall hear_call(const Value& payload) {
  return translate_call(payload["tool_name"].str(), payload["tool_input"],
                        payload["tool_use_id"].str());
}

void hear_after(Heard& heard, const Value& payload) {
  ToolCall call = hear_call(payload);
  if (heard.event == "PostToolUseFailure") {
    call.outcome = text_outcome(call.tool_class, payload["error"].str(), true);
    if (payload["is_interrupt"].boolean()) call.outcome.kind = OutcomeKind::interrupted;
  } else {
    structured_outcome(call, payload["tool_response"], payload["session_id"].str());
  }
  if (payload["duration_ms"].is_number()) {
    call.outcome.duration_ms = payload["duration_ms"].integer();
  }
  heard.calls.push_back(std::move(call));
}

void hear_batch(Heard& heard, const Value& payload) {
  Value calls = payload["tool_calls"];
  for (size_t i = 0; i < std::min(calls.size(), kBatchLimit); ++i) {
    Value item = calls.at(i);
    if (!item.is_object()) continue;
    ToolCall call = hear_call(item);
    Value response = item["tool_response"];
    if (response.is_string()) {
      call.outcome = text_outcome(call.tool_class, response.str(), false);
    } else {
      call.outcome.kind = OutcomeKind::unknown;
      call.outcome.output = content_text(response);
    }
    heard.calls.push_back(std::move(call));
  }
}

void hear_plan_item(Heard& heard, const Value& payload) {
  ToolCall& call = heard.calls.emplace_back();
  call.name = heard.event;
  call.tool_class = ToolClass::plan;
  call.description = payload["task_description"].str();
  heard.text = payload["task_subject"].str();
  call.plan.push_back({std::string(payload["task_id"].str()), heard.text,
                       heard.event == "TaskCompleted" ? "completed" : "pending"});
}

void hear_prompt(Heard& heard, const Value& payload) {
  heard.text = payload["prompt"].str();
  heard.source = payload["source"].str();
  bool typed = heard.source.empty() || heard.source == "user" || heard.source == "sdk";
  heard.synthetic_prompt = !typed || is_program_text(heard.text);
  if (auto call = translate_notification(heard.text)) heard.calls.push_back(*std::move(call));
}

void hear_notice(Heard& heard, const Value& payload) {
  for (std::string_view name : {"message", "delta", "file_path", "new_cwd", "directory",
                                "worktree_path", "prompt", "to_model"}) {
    if (payload[name].is_string()) {
      heard.text = payload[name].str();
      break;
    }
  }
  for (std::string_view name : {"load_reason", "notification_type", "event", "source", "trigger"}) {
    if (payload[name].is_string()) {
      heard.source = payload[name].str();
      break;
    }
  }
  if (heard.event == "PostModelSwitch") heard.model = payload["to_model"].str();
  if (heard.event == "InstructionsLoaded" && !heard.text.empty()) {
    heard.given.push_back(
        {Given::Kind::instructions, heard.text, std::string(payload["memory_type"].str()), {}});
  }
}

}  // namespace

std::vector<std::string_view> hook_events() {
  return names_of(kEvents);
}

Heard hear_payload(std::string_view event, const Value& payload) {
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
      hear_prompt(heard, payload);
      break;
    case Moment::tool_before:
      heard.calls.push_back(hear_call(payload));
      break;
    case Moment::tool_after:
      hear_after(heard, payload);
      break;
    case Moment::tool_batch:
      hear_batch(heard, payload);
      break;
    case Moment::permission: {
      ToolCall call = hear_call(payload);
      if (heard.event == "PermissionDenied") {
        call.outcome.kind = OutcomeKind::refused;
        call.outcome.error = payload["reason"].str();
      }
      heard.calls.push_back(std::move(call));
      break;
    }
    case Moment::turn_end:
    case Moment::subagent_end:
      heard.text = payload["last_assistant_message"].str();
      break;
    case Moment::turn_failed: {
      heard.text = payload["error"].str();
      if (heard.text.empty()) heard.text = payload["last_assistant_message"].str();
      break;
    }
    case Moment::compact_before:
      heard.source = payload["trigger"].str();
      break;
    case Moment::compact_after:
      heard.source = payload["trigger"].str();
      heard.text = payload["compact_summary"].str();
      break;
    case Moment::plan_item:
      hear_plan_item(heard, payload);
      break;
    case Moment::notice:
      hear_notice(heard, payload);
      break;
    default:
      break;
  }
  return heard;
}

}  // namespace baton::agents::claude
