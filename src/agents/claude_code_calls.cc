#include "agents/claude_code_calls.h"

#include <algorithm>

#include "agents/content.h"
#include "agents/known_names.h"

namespace baton::agents::claude {
namespace {

using json::Value;

constexpr KnownTool kTools[] = {
    {"Bash", ToolClass::shell},         {"Read", ToolClass::read},
    {"Edit", ToolClass::edit},          {"Write", ToolClass::edit},
    {"MultiEdit", ToolClass::edit},     {"NotebookEdit", ToolClass::edit},
    {"NotebookRead", ToolClass::read},  {"Grep", ToolClass::search},
    {"Glob", ToolClass::search},        {"LS", ToolClass::search},
    {"TodoWrite", ToolClass::plan},     {"TaskCreate", ToolClass::plan},
    {"TaskUpdate", ToolClass::plan},    {"TaskGet", ToolClass::plan},
    {"TaskList", ToolClass::plan},      {"TodoRead", ToolClass::plan},
    {"EnterPlanMode", ToolClass::plan}, {"ExitPlanMode", ToolClass::plan},
    {"Agent", ToolClass::subagent},     {"Task", ToolClass::subagent},
    {"WebFetch", ToolClass::web},       {"WebSearch", ToolClass::web},
    {"PowerShell", ToolClass::shell},   {"Monitor", ToolClass::shell},
};

void add_text_edit(FileEdit& file, const Value& edit) {
  if (!edit["old_string"].is_string() || !edit["new_string"].is_string()) return;
  TextEdit& text = file.edits.emplace_back();
  text.old_text = edit["old_string"].str();
  text.new_text = edit["new_string"].str();
  text.all = edit["replace_all"].boolean();
}

void translate_edit(ToolCall& call, const Value& input) {
  Value path = input["file_path"];
  if (!path.exists()) path = input["notebook_path"];
  if (path.str().empty()) return;  // wrong arguments: nothing is named
  FileEdit& file = call.edits.emplace_back();
  file.path = path.str();
  if (call.name == "Write") {
    file.kind = FileEdit::Kind::write;
    file.content = input["content"].str();
  } else if (call.name == "MultiEdit") {
    for (size_t i = 0; i < std::min(input["edits"].size(), kEditsLimit); ++i) {
      add_text_edit(file, input["edits"].at(i));
    }
  } else if (call.name == "Edit") {
    add_text_edit(file, input);
  }
}

void translate_plan(ToolCall& call, const Value& input) {
  if (call.name == "TodoWrite") {
    call.plan_is_whole = true;
    Value todos = input["todos"];
    for (size_t i = 0; i < std::min(todos.size(), kPlanLimit); ++i) {
      Value item = todos.at(i);
      Value id = item["id"];
      call.plan.push_back({id.is_string() ? std::string(id.str()) : std::to_string(i + 1),
                           std::string(item["content"].str()), std::string(item["status"].str())});
    }
  } else if (call.name == "TaskCreate") {
    call.plan.push_back({"", std::string(input["subject"].str()), "pending"});
  } else if (call.name == "TaskUpdate") {
    call.plan.push_back({std::string(input["taskId"].str()), std::string(input["subject"].str()),
                         std::string(input["status"].str())});
  } else if (call.name == "ExitPlanMode") {
    call.plan_text = input["plan"].str();
  }
}

}  // namespace

ToolCall translate_call(std::string_view name, const Value& input, std::string_view id) {
  ToolCall call;
  call.id = id;
  call.name = name;
  call.tool_class = class_of(kTools, name);
  call.description = input["description"].str();
  switch (call.tool_class) {
    case ToolClass::shell:
      call.command = input["command"].str();
      call.background = input["run_in_background"].boolean() || name == "Monitor";
      break;
    case ToolClass::read: {
      Value path = input["file_path"];
      if (!path.exists()) path = input["notebook_path"];
      if (!path.str().empty()) call.reads.emplace_back(path.str());
      break;
    }
    case ToolClass::edit:
      translate_edit(call, input);
      break;
    case ToolClass::plan:
      translate_plan(call, input);
      break;
    case ToolClass::subagent:
      call.subagent_type = input["subagent_type"].str();
      call.subagent_prompt = input["prompt"].str();
      call.background = input["run_in_background"].boolean();
      break;
    default:
      break;
  }
  return call;
}

}  // namespace baton::agents::claude
