#include "index/call_facts.h"

#include "base/hash.h"

namespace baton::index {

using agents::FileEdit;
using agents::OutcomeKind;
using agents::ToolCall;
using agents::ToolClass;
using model::StepKind;
using model::StepOutcome;

StepKind kind_of(ToolClass tool_class) {
  switch (tool_class) {
    case ToolClass::other:
      return StepKind::other;
    case ToolClass::read:
      return StepKind::read;
    case ToolClass::edit:
      return StepKind::edit;
    case ToolClass::shell:
      return StepKind::shell;
    case ToolClass::search:
      return StepKind::search;
    case ToolClass::plan:
      return StepKind::plan;
    case ToolClass::subagent:
      return StepKind::subagent;
    case ToolClass::web:
      return StepKind::web;
    case ToolClass::mcp:
      return StepKind::mcp;
  }
  return StepKind::other;
}

std::optional<StepOutcome> outcome_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::none:
      return std::nullopt;
    case OutcomeKind::ok:
      return StepOutcome::ok;
    case OutcomeKind::failed:
      return StepOutcome::failed;
    case OutcomeKind::refused:
      return StepOutcome::refused;
    case OutcomeKind::interrupted:
      return StepOutcome::interrupted;
    case OutcomeKind::background:
      return StepOutcome::background;
    case OutcomeKind::unknown:
      return StepOutcome::unknown;
  }
  return std::nullopt;
}

bool may_change_anything(StepKind kind) {
  return kind == StepKind::shell || kind == StepKind::mcp;
}

int64_t input_hash(const ToolCall& call) {
  std::string text = call.name;
  auto add = [&](std::string_view part) {
    text += '\0';
    text += part;
  };
  add(call.command);
  add(call.workdir);
  add(call.description);
  add(call.subagent_prompt);
  for (const std::string& path : call.reads) add(path);
  for (const FileEdit& edit : call.edits) {
    add(edit.path);
    add(edit.move_to);
    for (const auto& part : edit.edits) {
      add(part.old_text);
      add(part.new_text);
    }
  }
  for (const auto& item : call.plan) {
    add(item.text);
    add(item.status);
  }
  return static_cast<int64_t>(checksum64(text) >> 1) | 1;
}

}  // namespace baton::index
