#include "agents/claude_code.h"

#include <algorithm>

#include "agents/content.h"
#include "base/bytes.h"

namespace baton::agents {
namespace {

using json::Value;

// Around the reason why a call was not even begun (arguments, text not found, file not read).
constexpr std::string_view kToolError = "<tool_use_error>";
constexpr std::string_view kToolErrorEnd = "</tool_use_error>";

// A prompt that begins like this was not typed by anybody: the program wraps its own notices, and
// what slash commands and `!` commands print.
bool is_program_text(std::string_view text) {
  while (!text.empty() && (text[0] == '\n' || text[0] == ' ')) text.remove_prefix(1);
  if (!text.starts_with('<')) return text.starts_with("[Request interrupted by user");
  static constexpr std::string_view kTags[] = {
      "<task-notification>", "<command-name>",    "<command-message>",   "<command-args>",
      "<local-command-",     "<bash-input>",      "<bash-stdout>",       "<bash-stderr>",
      "<system-reminder>",   "<teammate-message", "<user-memory-input>",
  };
  return std::any_of(std::begin(kTags), std::end(kTags),
                     [&](std::string_view tag) { return text.starts_with(tag); });
}

// --- Tools ------------------------------------------------------------------------------------

ToolClass class_of(std::string_view name) {
  struct Known {
    std::string_view name;
    ToolClass tool_class;
  };
  static constexpr Known kTools[] = {
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
  for (const Known& tool : kTools) {
    if (tool.name == name) return tool.tool_class;
  }
  return name.starts_with("mcp__") ? ToolClass::mcp : ToolClass::other;
}

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

ToolCall translate_call(std::string_view name, const Value& input, std::string_view id) {
  ToolCall call;
  call.id = id;
  call.name = name;
  call.tool_class = class_of(name);
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

// --- Outcomes ---------------------------------------------------------------------------------

// The texts with which the program says that a call was not allowed to run.
bool is_refusal(std::string_view text) {
  static constexpr std::string_view kBeginnings[] = {
      "Permission to use ",
      "Permission for this ",
      "Permission denied by ",
      "This command requires approval",
      "Claude requested permissions to ",
      "The user doesn't want to take this action",
      "User rejected tool use",
      "User denied permission",
      "This tool call was refused",
      "[Tool call not completed:",
      "Your organization requires approval",
      "PreToolUse:",
      "A PreToolUse hook ",
      "Agent type '",
  };
  if (text.starts_with("PreToolUse:")) return contains(text.substr(0, 200), " hook error: ");
  if (text.starts_with("Agent type '")) return contains(text.substr(0, 200), "has been denied");
  for (std::string_view beginning : kBeginnings) {
    if (text.starts_with(beginning)) return true;
  }
  return contains(text.substr(0, 400), " requires approval for this");
}

// The program says "rejected" both of a call that its user refused and of one that ran when the
// user stopped it. Only with the user's own words behind it is it a refusal for certain.
constexpr std::string_view kStopped = "The user doesn't want to proceed with this tool use";

bool is_refusal_with_words(std::string_view text) {
  return text.starts_with(kStopped) && contains(text, "the user said:");
}

bool is_interruption(std::string_view text) {
  return text.starts_with("[Request interrupted by user") ||
         text.starts_with("Request interrupted by user") || text == "User aborted" ||
         (text.starts_with(kStopped) && !is_refusal_with_words(text));
}

// An outcome from the text that the model is shown. `failed` says that the source marks it as a
// failure; without that mark a text that is not clearly one says nothing.
Outcome text_outcome(ToolClass tool_class, std::string_view text, bool failed) {
  Outcome outcome;
  outcome.kind = failed ? OutcomeKind::failed : OutcomeKind::unknown;
  if (text.starts_with("Error: ") && failed) text.remove_prefix(7);
  if (is_interruption(text)) {
    outcome.kind = OutcomeKind::interrupted;
    outcome.error = text;
    return outcome;
  }
  if (is_refusal(text) || is_refusal_with_words(text)) {
    outcome.kind = OutcomeKind::refused;
    outcome.error = text;
    return outcome;
  }
  if (text.starts_with(kToolError)) {
    text.remove_prefix(kToolError.size());
    text = text.substr(0, text.find(kToolErrorEnd));
    outcome.kind = OutcomeKind::failed;
    outcome.error = text;
    return outcome;
  }
  if (tool_class == ToolClass::shell) {
    std::string_view rest;
    if (std::optional<int> status = status_after(text, "Exit code ", &rest)) {
      outcome.kind = OutcomeKind::failed;
      outcome.exit_status = status;
      outcome.output = rest;
      outcome.error = text.substr(0, text.find('\n'));
      return outcome;
    }
  }
  (failed ? outcome.error : outcome.output) = text;
  return outcome;
}

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  size_t from = text.find(open);
  if (from == text.npos) return {};
  from += open.size();
  size_t to = text.find(close, from);
  return to == text.npos ? std::string_view() : text.substr(from, to - from);
}

// A notice that a background call ended; nothing if the text is something else.
std::optional<ToolCall> translate_notification(std::string_view text) {
  if (!text.starts_with("<task-notification>")) return std::nullopt;
  std::string_view status = between(text, "<status>", "</status>");
  if (status.empty()) return std::nullopt;
  ToolCall call;
  call.id = between(text, "<tool-use-id>", "</tool-use-id>");
  Outcome& outcome = call.outcome;
  outcome.background_id = between(text, "<task-id>", "</task-id>");
  outcome.output = between(text, "<summary>", "</summary>");
  std::string_view code = between(outcome.output, "(exit code ", ")");
  if (code.empty()) code = between(outcome.output, "with exit code ", " ");
  if (auto number = parse_int(code); number && *number >= 0 && *number <= 255) {
    outcome.exit_status = static_cast<int>(*number);
  }
  if (status == "completed") {
    outcome.kind = outcome.exit_status.value_or(0) == 0 ? OutcomeKind::ok : OutcomeKind::failed;
  } else if (status == "failed") {
    outcome.kind = OutcomeKind::failed;
  } else if (status == "killed" || status == "stopped") {
    outcome.kind = OutcomeKind::interrupted;
  } else {
    outcome.kind = OutcomeKind::unknown;
  }
  if (call.id.empty() && outcome.background_id.empty()) return std::nullopt;
  return call;
}

// Exit statuses that the program explains instead of calling them failures. It does so for commands
// whose status 1 is an answer (grep, find, diff, test), so the text tells the status.
std::optional<int> explained_status(std::string_view interpretation) {
  if (interpretation.empty()) return 0;
  for (std::string_view known : {"No matches found", "Files differ", "Condition is false",
                                 "Some directories were inaccessible"}) {
    if (interpretation == known) return 1;
  }
  return std::nullopt;
}

void shell_outcome(Outcome& outcome, const Value& response) {
  outcome.output = response["stdout"].str();
  if (std::string_view errors = response["stderr"].str(); !errors.empty()) {
    if (!outcome.output.empty() && !outcome.output.ends_with('\n')) outcome.output += '\n';
    outcome.output += errors;
  }
  if (std::string_view task = response["backgroundTaskId"].str(); !task.empty()) {
    outcome.kind = OutcomeKind::background;
    outcome.background_id = task;
  } else if (response["interrupted"].boolean()) {
    outcome.kind = OutcomeKind::interrupted;
  } else if (response["timedOutAfterMs"].is_number()) {
    outcome.kind = OutcomeKind::failed;
    outcome.error =
        "timed out after " + std::to_string(response["timedOutAfterMs"].integer()) + " ms";
  } else {
    outcome.kind = OutcomeKind::ok;
    std::string_view interpretation = response["returnCodeInterpretation"].str();
    outcome.exit_status = explained_status(interpretation);
    outcome.error = interpretation;
  }
}

// The content after a change that the answer shows as hunks; nothing if they do not fit (the
// program shows tabs as blanks).
std::optional<std::string> rebuild(std::string_view original, const Value& hunks) {
  std::string out;
  size_t line = 1;
  size_t at = 0;
  for (size_t i = 0; i < std::min(hunks.size(), kEditsLimit); ++i) {
    Value hunk = hunks.at(i);
    int64_t start = hunk["oldStart"].integer() + (hunk["oldLines"].integer() == 0 ? 1 : 0);
    size_t from = at;
    for (; static_cast<int64_t>(line) < start && at < original.size(); ++line) {
      size_t end = original.find('\n', at);
      at = end == original.npos ? original.size() : end + 1;
    }
    if (static_cast<int64_t>(line) != start) return std::nullopt;
    out.append(original, from, at - from);
    Value lines = hunk["lines"];
    for (size_t k = 0; k < lines.size(); ++k) {
      std::string_view text = lines.at(k).str();
      if (text.empty()) return std::nullopt;
      char kind = text[0];
      text.remove_prefix(1);
      bool open = k + 1 < lines.size() && lines.at(k + 1).str().starts_with('\\');
      if (kind == '\\') continue;
      if (kind == ' ' || kind == '-') {
        if (!original.substr(at).starts_with(text)) return std::nullopt;
        at += text.size();
        if (at < original.size()) {
          if (original[at] != '\n') return std::nullopt;
          ++at;
        } else if (!open) {
          return std::nullopt;
        }
        ++line;
      }
      if (kind == ' ' || kind == '+') {
        out += text;
        if (!open) out += '\n';
      }
    }
  }
  out.append(original, at);
  return out;
}

void edit_outcome(ToolCall& call, const Value& response) {
  if (call.edits.empty()) return;
  FileEdit& file = call.edits.front();
  if (response["staged"].boolean()) {  // proposed for review: nothing was written
    call.edits.clear();
    return;
  }
  if (std::string_view path = response["filePath"].str(); !path.empty()) file.path = path;
  if (response["originalFile"].is_string()) file.original = response["originalFile"].str();
  file.user_modified = response["userModified"].boolean();
  if (call.name == "Write") {
    file.created = response["type"].str() == "create";
    if (response["content"].is_string()) file.content = response["content"].str();
  } else if (call.name == "NotebookEdit") {
    if (response["original_file"].is_string()) file.original = response["original_file"].str();
    if (response["updated_file"].is_string()) {
      file.kind = FileEdit::Kind::write;
      file.content = response["updated_file"].str();
    }
  } else if (call.name == "Edit" && file.edits.size() == 1) {
    // The text found may be other than the one asked for (typographic quotes, \u escapes), and then
    // the new text was adapted too, or the user changed the proposal: only the hunks tell.
    Value found = response["oldString"];
    bool adapted = found.is_string() && found.str() != file.edits[0].old_text;
    if ((adapted || file.user_modified) && file.original && !file.original->empty()) {
      auto content = rebuild(*file.original, response["structuredPatch"]);
      file.edits.clear();
      if (content) {
        TextEdit& whole = file.edits.emplace_back();
        whole.old_text = *file.original;
        whole.new_text = *std::move(content);
      }
    }
  }
}

// The outcome of a call from its structured answer.
void structured_outcome(ToolCall& call, const Value& response, std::string_view session) {
  Outcome& outcome = call.outcome;
  outcome.kind = OutcomeKind::ok;
  switch (call.tool_class) {
    case ToolClass::shell:
      if (response.is_object()) {
        shell_outcome(outcome, response);
      } else {
        outcome.output = content_text(response);
      }
      break;
    case ToolClass::edit:
      edit_outcome(call, response);
      break;
    case ToolClass::plan:
      if (call.name == "TaskCreate" && !call.plan.empty()) {
        call.plan[0].id = response["task"]["id"].str();
      }
      if (call.name == "ExitPlanMode" && response["plan"].is_string()) {
        call.plan_text = response["plan"].str();
      }
      break;
    case ToolClass::subagent: {
      if (std::string_view agent = response["agentId"].str(); !agent.empty()) {
        call.subagent_id = std::string(session) + "/" + std::string(agent);
        if (response["status"].str() == "async_launched" || response["isAsync"].boolean()) {
          outcome.kind = OutcomeKind::background;
          outcome.background_id = agent;
        }
      }
      outcome.output = content_text(response["content"]);
      break;
    }
    case ToolClass::read:
      break;  // the content is the file's; the payload has it
    default:
      outcome.output = content_text(response);
      break;
  }
}

// --- Hook payloads ----------------------------------------------------------------------------

struct Event {
  std::string_view name;
  Moment moment;
};

constexpr Event kEvents[] = {
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

Moment moment_of(std::string_view event) {
  for (const Event& known : kEvents) {
    if (known.name == event) return known.moment;
  }
  return Moment::unknown;
}

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
}

Heard hear_payload(std::string_view event, const Value& payload) {
  Heard heard;
  heard.event = event.empty() ? payload["hook_event_name"].str() : event;
  heard.moment = moment_of(heard.event);
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

// --- Session files ----------------------------------------------------------------------------

// What every fact of a line has in common.
FileFact fact_of(const Value& line, FileFact::Kind kind) {
  FileFact fact;
  fact.kind = kind;
  fact.time = parse_utc(line["timestamp"].str()).value_or(0);
  fact.id = line["uuid"].str();
  fact.turn = line["promptId"].str();
  fact.session = line["sessionId"].str();
  if (std::string_view agent = line["agentId"].str(); !agent.empty() && !fact.session.empty()) {
    fact.session += "/";
    fact.session += agent;
  }
  return fact;
}

void read_assistant(const Value& line, std::vector<FileFact>& facts) {
  Value message = line["message"];
  std::string_view model = message["model"].str();
  bool made_up = model == "<synthetic>" || line["isApiErrorMessage"].boolean();
  if (!model.empty() && !made_up) {
    FileFact fact = fact_of(line, FileFact::Kind::model);
    fact.text = model;
    facts.push_back(std::move(fact));
  }
  Value usage = message["usage"];
  if (usage.is_object() && !made_up) {
    // The same usage stands on each line of a response: one line a block.
    FileFact fact = fact_of(line, FileFact::Kind::tokens);
    fact.tokens.response = message["id"].str();
    fact.tokens.cached_input = usage["cache_read_input_tokens"].integer();
    fact.tokens.input = usage["input_tokens"].integer() +
                        usage["cache_creation_input_tokens"].integer() + fact.tokens.cached_input;
    fact.tokens.output = usage["output_tokens"].integer();
    fact.tokens.reasoning = usage["output_tokens_details"]["thinking_tokens"].integer();
    fact.id = fact.tokens.response;
    facts.push_back(std::move(fact));
  }
  Value content = message["content"];
  if (content.is_string()) {
    FileFact fact = fact_of(line, FileFact::Kind::message);
    fact.text = content.str();
    facts.push_back(std::move(fact));
    return;
  }
  for (size_t i = 0; i < std::min(content.size(), kBlocksLimit); ++i) {
    Value block = content.at(i);
    std::string_view type = block["type"].str();
    if (type == "text" || type == "thinking") {
      bool thinking = type == "thinking";
      std::string_view text = block[thinking ? "thinking" : "text"].str();
      if (text.empty()) continue;
      FileFact fact = fact_of(line, thinking ? FileFact::Kind::thinking : FileFact::Kind::message);
      fact.text = text;
      if (i > 0) fact.id += ":" + std::to_string(i);
      facts.push_back(std::move(fact));
    } else if (type == "tool_use") {
      FileFact fact = fact_of(line, FileFact::Kind::tool_call);
      fact.call = translate_call(block["name"].str(), block["input"], block["id"].str());
      fact.id = fact.call.id;
      bool plan = !fact.call.plan.empty() || !fact.call.plan_text.empty();
      facts.push_back(std::move(fact));
      if (plan) {
        FileFact item = facts.back();
        item.kind = FileFact::Kind::plan;
        facts.push_back(std::move(item));
      }
    }
  }
}

// A call whose result this is, as far as the structured answer lets know which tool it was.
ToolClass class_of_answer(const Value& answer) {
  if (answer["stdout"].is_string()) return ToolClass::shell;
  if (answer["structuredPatch"].exists() || answer["updated_file"].exists()) return ToolClass::edit;
  if (answer["agentId"].is_string()) return ToolClass::subagent;
  if (answer["file"].is_object()) return ToolClass::read;
  return ToolClass::other;
}

void read_result(const Value& line, const Value& block, std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, FileFact::Kind::tool_result);
  Value answer = line["toolUseResult"];
  std::string_view denial = line["toolDenialKind"].str();
  std::string_view session = line["sessionId"].str();
  fact.call.id = block["tool_use_id"].str();
  fact.id = fact.call.id;
  if (block["is_error"].boolean()) {
    // The tool is not named here; only shells say "Exit code".
    fact.call.outcome = text_outcome(ToolClass::shell, content_text(block["content"]), true);
    OutcomeKind& kind = fact.call.outcome.kind;
    if (denial == "interrupted") {
      kind = OutcomeKind::interrupted;
    } else if (denial == "permission-rule" ||
               line["permissionDecision"]["decision"].str() == "reject") {
      kind = OutcomeKind::refused;
    }
  } else if (answer.is_object()) {
    fact.call.tool_class = class_of_answer(answer);
    structured_outcome(fact.call, answer, session);
    if (fact.call.outcome.output.empty()) fact.call.outcome.output = content_text(block["content"]);
  } else {
    fact.call.outcome.kind = OutcomeKind::ok;
    fact.call.outcome.output = content_text(block["content"]);
  }
  if (answer["totalDurationMs"].is_number()) {
    fact.call.outcome.duration_ms = answer["totalDurationMs"].integer();
  }
  if (!fact.call.subagent_id.empty()) {
    FileFact link = fact_of(line, FileFact::Kind::subagent);
    link.call.id = fact.call.id;
    link.call.subagent_id = fact.call.subagent_id;
    link.call.subagent_type = answer["agentType"].str();
    link.id = fact.call.id;
    facts.push_back(std::move(link));
  }
  if (Value task = answer["task"]; task["id"].is_string() && task["subject"].is_string()) {
    FileFact item = fact_of(line, FileFact::Kind::plan);
    item.call.id = fact.call.id;
    item.call.tool_class = ToolClass::plan;
    item.call.plan.push_back(
        {std::string(task["id"].str()), std::string(task["subject"].str()), "pending"});
    item.id += ":task";
    facts.push_back(std::move(item));
  }
  facts.push_back(std::move(fact));
}

void read_user_text(const Value& line, std::string_view text, std::vector<FileFact>& facts) {
  if (text.empty() || line["isMeta"].boolean()) return;
  if (line["isCompactSummary"].boolean()) {
    FileFact fact = fact_of(line, FileFact::Kind::compaction);
    fact.text = text;
    facts.push_back(std::move(fact));
    return;
  }
  if (text.starts_with("[Request interrupted by user")) {
    facts.push_back(fact_of(line, FileFact::Kind::interrupted));
    return;
  }
  if (auto call = translate_notification(text)) {
    FileFact fact = fact_of(line, FileFact::Kind::tool_result);
    fact.call = *std::move(call);
    fact.id = fact.call.id;
    facts.push_back(std::move(fact));
    return;
  }
  if (is_program_text(text)) return;
  FileFact fact = fact_of(line, FileFact::Kind::prompt);
  fact.text = text;
  facts.push_back(std::move(fact));
}

void read_user(const Value& line, std::vector<FileFact>& facts) {
  Value content = line["message"]["content"];
  if (content.is_string()) return read_user_text(line, content.str(), facts);
  std::string text;
  for (size_t i = 0; i < std::min(content.size(), kBlocksLimit); ++i) {
    Value block = content.at(i);
    if (block["type"].str() == "tool_result") {
      read_result(line, block, facts);
    } else if (block["type"].str() == "text") {
      if (!text.empty()) text += '\n';
      text += block["text"].str();
    }
  }
  read_user_text(line, text, facts);
}

std::vector<FileFact> read_session_line(const Value& line) {
  std::vector<FileFact> facts;
  std::string_view type = line["type"].str();
  if (type == "assistant") {
    read_assistant(line, facts);
  } else if (type == "user") {
    read_user(line, facts);
  } else if (type == "attachment" && line["attachment"]["type"].str() == "queued_command") {
    // What was typed, or announced, while the agent worked.
    read_user_text(line, content_text(line["attachment"]["prompt"]), facts);
  } else if (type == "custom-title" || type == "ai-title" || type == "summary") {
    FileFact fact = fact_of(line, FileFact::Kind::title);
    Value text = line["customTitle"];
    if (!text.exists()) text = line["aiTitle"];
    if (!text.exists()) text = line["summary"];
    fact.text = text.str();
    if (!fact.text.empty()) facts.push_back(std::move(fact));
  }
  return facts;
}

bool keeps_attachment(std::string_view type) {
  // What the user or a hook put before the model. The others are the vendor's: system prompt,
  // environment, lists of tools, skills and agents, reminders.
  for (std::string_view known :
       {"file", "edited_text_file", "edited_image_file", "queued_command", "plan_file_reference",
        "instructions", "nested_memory", "selected_lines_in_ide", "selected_lines",
        "opened_file_in_ide", "task_status"}) {
    if (type == known) return true;
  }
  return type.starts_with("hook_");
}

bool keeps_session_line(const Value& line) {
  if (!line.is_object()) return false;
  std::string_view type = line["type"].str();
  if (type == "attachment") return keeps_attachment(line["attachment"]["type"].str());
  static constexpr std::string_view kDropped[] = {
      "api-request",
      "api-request-shape",
      "api-request-blob",
      "file-history-snapshot",
      "file-history-delta",
      "progress",
      "last-prompt",
      "cost-state",
      "attribution-snapshot",
      "bridge-session",
      "session-owner",
      "content-replacement",
      "tools-used",
      "atis-latch",
      "mode",
      "permission-mode",
      "agent-color",
      "agent-setting",
      "queue-operation",
  };
  return std::none_of(std::begin(kDropped), std::end(kDropped),
                      [&](std::string_view dropped) { return dropped == type; });
}

// --- The agent --------------------------------------------------------------------------------

class ClaudeCode final : public Agent {
 public:
  std::string_view id() const override { return "claude-code"; }
  std::string_view name() const override { return "Claude Code"; }

  Heard hear(std::string_view event, const Value& payload) const override {
    return hear_payload(event, payload);
  }
  std::vector<FileFact> read_line(const Value& line) const override {
    return read_session_line(line);
  }
  bool keeps_line(const Value& line) const override { return keeps_session_line(line); }
  std::string_view file_member() const override { return "originalFile"; }

  std::string trim_line(std::string_view text) const override {
    if (!contains(text, "\"signature\"") && !contains(text, "\"redacted_thinking\"")) {
      return std::string(text);
    }
    return blank_strings(text, {"message/content/*/signature", "message/content/*/data"});
  }

  std::vector<std::string_view> events() const override {
    std::vector<std::string_view> names;
    for (const Event& event : kEvents) names.push_back(event.name);
    return names;
  }

  std::string injection(Moment moment, std::string_view context) const override {
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

  // Longer output is moved to a file and replaced by a pointer: from 50,000 characters on in the
  // versions that say so, less in others.
  size_t injection_limit() const override { return 10'000; }
};

constinit const ClaudeCode kClaudeCode{};

}  // namespace

const Agent& claude_code() {
  return kClaudeCode;
}

}  // namespace baton::agents
