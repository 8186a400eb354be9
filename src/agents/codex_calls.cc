#include "agents/codex_calls.h"

#include <algorithm>

#include "agents/content.h"
#include "agents/known_names.h"
#include "agents/patch.h"

namespace baton::agents::codex_cli {
namespace {

using json::Value;

constexpr KnownTool kTools[] = {
    {"Bash", ToolClass::shell},        {"exec_command", ToolClass::shell},
    {"shell", ToolClass::shell},       {"shell_command", ToolClass::shell},
    {"local_shell", ToolClass::shell}, {"container.exec", ToolClass::shell},
    {"write_stdin", ToolClass::shell}, {"apply_patch", ToolClass::edit},
    {"update_plan", ToolClass::plan},  {"view_image", ToolClass::read},
    {"read_file", ToolClass::read},    {"grep_files", ToolClass::search},
    {"list_dir", ToolClass::search},   {"web_search", ToolClass::web},
};

ToolClass class_of_tool(std::string_view name) {
  // A tool's namespace is put before its name without a separator: collaborationspawn_agent.
  return name.ends_with("spawn_agent") ? ToolClass::subagent : class_of(kTools, name);
}

void translate_shell(ToolCall& call, const Value& input) {
  Value command = input["command"];
  if (!command.exists()) command = input["cmd"];
  call.command = command_text(command);
  call.workdir = input["workdir"].str();
  if (call.workdir.empty()) call.workdir = input["working_directory"].str();
}

void translate_plan(ToolCall& call, const Value& input) {
  call.plan_is_whole = true;
  call.plan_text = input["explanation"].str();
  Value plan = input["plan"];
  for (size_t i = 0; i < std::min(plan.size(), kPlanLimit); ++i) {
    Value item = plan.at(i);
    call.plan.push_back({std::to_string(i + 1), std::string(item["step"].str()),
                         std::string(item["status"].str())});
  }
}

}  // namespace

std::string command_text(const Value& command) {
  if (command.is_string()) return std::string(command.str());
  if (command.size() == 3 && command.at(1).str().starts_with('-') &&
      command.at(1).str().ends_with('c')) {
    return std::string(command.at(2).str());
  }
  std::string text;
  for (size_t i = 0; i < std::min(command.size(), kBlocksLimit); ++i) {
    if (i) text += ' ';
    text += command.at(i).str();
  }
  return text;
}

ToolCall translate_call(std::string_view name, const Value& input, std::string_view id) {
  ToolCall call;
  call.id = id;
  call.name = name;
  call.tool_class = class_of_tool(name);
  switch (call.tool_class) {
    case ToolClass::shell:
      translate_shell(call, input);
      break;
    case ToolClass::edit: {
      // Hooks say {"command": PATCH}; session files give the patch alone, or {"input": PATCH}.
      Value text = input.is_string() ? input : input["command"];
      if (!text.exists()) text = input["input"];
      call.edits = parse_patch(text.str()).files;
      break;
    }
    case ToolClass::plan:
      translate_plan(call, input);
      break;
    case ToolClass::read: {
      std::string_view path = input["path"].str();
      if (path.empty()) path = input["file_path"].str();
      if (!path.empty()) call.reads.emplace_back(path);
      break;
    }
    case ToolClass::subagent:
      call.subagent_prompt = input["message"].str();
      call.subagent_type = input["agent_type"].str();
      call.description = input["task_name"].str();
      break;
    default:
      break;
  }
  if (call.description.empty()) call.description = input["description"].str();
  return call;
}

}  // namespace baton::agents::codex_cli
