#include "agents/codex.h"

#include <algorithm>

#include "agents/content.h"
#include "agents/patch.h"
#include "base/bytes.h"

namespace baton::agents {
namespace {

using json::Value;

// --- Tools ------------------------------------------------------------------------------------

ToolClass class_of(std::string_view name) {
  struct Known {
    std::string_view name;
    ToolClass tool_class;
  };
  static constexpr Known kTools[] = {
      {"Bash", ToolClass::shell},        {"exec_command", ToolClass::shell},
      {"shell", ToolClass::shell},       {"shell_command", ToolClass::shell},
      {"local_shell", ToolClass::shell}, {"container.exec", ToolClass::shell},
      {"write_stdin", ToolClass::shell}, {"apply_patch", ToolClass::edit},
      {"update_plan", ToolClass::plan},  {"view_image", ToolClass::read},
      {"read_file", ToolClass::read},    {"grep_files", ToolClass::search},
      {"list_dir", ToolClass::search},   {"web_search", ToolClass::web},
  };
  for (const Known& tool : kTools) {
    if (tool.name == name) return tool.tool_class;
  }
  // A tool's namespace is put before its name without a separator: collaborationspawn_agent.
  if (name.ends_with("spawn_agent")) return ToolClass::subagent;
  return name.starts_with("mcp__") ? ToolClass::mcp : ToolClass::other;
}

// A command is a text, or a list of arguments that is mostly a shell with -c or -lc and the text.
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

ToolCall translate_call(std::string_view name, const Value& input, std::string_view id) {
  ToolCall call;
  call.id = id;
  call.name = name;
  call.tool_class = class_of(name);
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

// --- Outcomes ---------------------------------------------------------------------------------

bool is_refusal(std::string_view text) {
  return contains(text, "Rejected(") || contains(text, "rejected by user") ||
         contains(text, "rejected by the user") || contains(text, "blocked by hook") ||
         contains(text, "blocked by PreToolUse hook");
}

// The outcome from the text that the model is shown.
Outcome text_outcome(std::string_view text) {
  Outcome outcome;
  outcome.kind = OutcomeKind::unknown;
  constexpr size_t kHeaderLimit = 1000;
  constexpr std::string_view kOutput = "\nOutput:\n";
  size_t output_at = text.substr(0, kHeaderLimit).find(kOutput);
  if (output_at != text.npos &&
      (text.starts_with("Chunk ID: ") || text.starts_with("Wall time: ") ||
       text.starts_with("Exit code: "))) {
    outcome.output = text.substr(output_at + kOutput.size());
    for (std::string_view line : split(text.substr(0, output_at), '\n')) {
      for (std::string_view prefix : {"Process exited with code ", "Exit code: "}) {
        if (auto status = status_after(line, prefix, nullptr)) outcome.exit_status = status;
      }
      constexpr std::string_view kRunning = "Process running with session ID ";
      if (line.starts_with(kRunning)) {
        outcome.kind = OutcomeKind::background;
        outcome.background_id = line.substr(kRunning.size());
      }
    }
    if (outcome.exit_status) {
      outcome.kind = *outcome.exit_status == 0 ? OutcomeKind::ok : OutcomeKind::failed;
    }
    return outcome;
  }
  if (text.starts_with("aborted by user") || text == "aborted") {
    outcome.kind = OutcomeKind::interrupted;
  } else if (text.starts_with("exec_command failed") || text.starts_with("exec command rejected") ||
             text.starts_with("patch rejected") || text.starts_with("Command blocked by") ||
             text.starts_with("Tool call blocked by")) {
    outcome.kind = is_refusal(text) || !text.starts_with("exec_command failed")
                       ? OutcomeKind::refused
                       : OutcomeKind::failed;
  } else if (text.starts_with("apply_patch verification failed") ||
             text.starts_with("failed to parse function arguments") ||
             text.starts_with("unsupported call") || text.starts_with("unsupported custom tool")) {
    outcome.kind = OutcomeKind::failed;
  }
  (outcome.kind == OutcomeKind::unknown ? outcome.output : outcome.error) = text;
  return outcome;
}

// The result of a script of code mode: "Script completed" or "Script failed", and what follows.
Outcome script_outcome(std::string_view text) {
  constexpr std::string_view kError = "Script error:\n";
  if (text.starts_with("Script failed")) {
    size_t at = text.find(kError);
    std::string_view error = at == text.npos ? text : text.substr(at + kError.size());
    Outcome outcome = text_outcome(error);
    if (outcome.kind == OutcomeKind::unknown) {
      outcome.kind = OutcomeKind::failed;
      outcome.error = std::move(outcome.output);
      outcome.output.clear();
    }
    return outcome;
  }
  Outcome outcome;
  outcome.kind = text.starts_with("Script completed") ? OutcomeKind::ok : OutcomeKind::unknown;
  outcome.output = text;
  return outcome;
}

std::optional<int64_t> milliseconds(const Value& duration) {
  if (!duration.is_object()) return std::nullopt;
  int64_t secs = duration["secs"].integer();
  if (secs < 0 || secs > 1'000'000'000) return std::nullopt;
  return secs * 1000 + duration["nanos"].integer() / 1'000'000;
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

Moment moment_of(std::string_view event) {
  for (const Event& known : kEvents) {
    if (known.name == event) return known.moment;
  }
  return Moment::unknown;
}

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

Heard hear_payload(std::string_view event, const Value& payload) {
  if (event == "notify" || payload["type"].str() == "agent-turn-complete") {
    return hear_notify(payload);
  }
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

// --- Session files ----------------------------------------------------------------------------

FileFact fact_of(const Value& line, const Value& payload, FileFact::Kind kind) {
  FileFact fact;
  fact.kind = kind;
  fact.time = parse_utc(line["timestamp"].str()).value_or(0);
  fact.turn = payload["turn_id"].str();
  if (fact.turn.empty()) {
    fact.turn = payload["internal_chat_message_metadata_passthrough"]["turn_id"].str();
  }
  fact.session = payload["thread_id"].str();
  return fact;
}

// "file:///a%20b" as a path; a path stays as it is.
std::string path_of(std::string_view url) {
  constexpr std::string_view kScheme = "file://";
  if (!url.starts_with(kScheme)) return std::string(url);
  url.remove_prefix(kScheme.size());
  std::string path;
  for (size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '%' && i + 2 < url.size()) {
      if (auto byte = from_hex(url.substr(i + 1, 2))) {
        path += *byte;
        i += 2;
        continue;
      }
    }
    path += url[i];
  }
  return path;
}

// What text of the user's role is not from the user, in files that do not mark it.
bool is_program_text(std::string_view text) {
  for (std::string_view beginning :
       {"<environment_context>", "<user_instructions>", "# AGENTS.md instructions",
        "<turn_aborted>", "<subagent_notification>", "<INSTRUCTIONS>", "<skill>",
        "<user_shell_command>", "<permissions instructions>", "<collaboration_mode>"}) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

// The parts of a message of the user's role that the user wrote. Instructions and notices of the
// program have the same role; newer files say for each part what it is.
std::string typed_text(const Value& item) {
  Value content = item["content"];
  Value kinds = item["internal_chat_message_metadata_passthrough"]["content_item_kinds"];
  if (kinds.size() == 0) {
    std::string text = content_text(content);
    return is_program_text(text) ? std::string() : text;
  }
  std::string typed;
  for (size_t i = 0; i < std::min(kinds.size(), kBlocksLimit); ++i) {
    if (!kinds.at(i).str().starts_with("user.")) continue;
    std::string part =
        kinds.size() == content.size() ? content_text(content.at(i)) : content_text(content);
    if (!typed.empty() && !part.empty()) typed += '\n';
    typed += part;
    if (kinds.size() != content.size()) break;
  }
  return typed;
}

void read_message(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  std::string_view role = item["role"].str();
  if (role != "user" && role != "assistant") return;
  FileFact fact = fact_of(line, item, FileFact::Kind::message);
  fact.id = item["id"].str();
  if (role == "user") {
    fact.kind = FileFact::Kind::prompt;
    fact.text = typed_text(item);
  } else {
    fact.text = content_text(item["content"]);
  }
  if (!fact.text.empty()) facts.push_back(std::move(fact));
}

void read_call(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  std::string_view name = item["name"].str();
  std::string_view id = item["call_id"].str();
  FileFact fact = fact_of(line, item, FileFact::Kind::tool_call);
  if (item["type"].str() == "custom_tool_call") {
    fact.call = translate_call(name, item["input"], id);
    if (name == "exec") {
      fact.call.carrier = true;
      fact.call.command = item["input"].str();
    }
  } else if (item["type"].str() == "local_shell_call") {
    fact.call = translate_call("local_shell", item["action"], id);
  } else {
    auto arguments = json::Document::parse(item["arguments"].str());
    fact.call = translate_call(name, arguments ? arguments->root() : Value(), id);
  }
  fact.id = fact.call.id;
  bool plan = !fact.call.plan.empty();
  facts.push_back(std::move(fact));
  if (plan) {
    FileFact item_fact = facts.back();
    item_fact.kind = FileFact::Kind::plan;
    facts.push_back(std::move(item_fact));
  }
}

void read_call_output(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, item, FileFact::Kind::tool_result);
  fact.call.id = item["call_id"].str();
  fact.id = fact.call.id;
  Value output = item["output"];
  std::string text = content_text(output.is_object() ? output["content"] : output);
  if (text.starts_with("Script ")) {
    fact.call.carrier = true;
    fact.call.outcome = script_outcome(text);
  } else {
    fact.call.outcome = text_outcome(text);
    // Older files: {"output": ..., "metadata": {"exit_code": ...}} as a text.
    if (fact.call.outcome.kind == OutcomeKind::unknown && text.starts_with("{\"output\"")) {
      if (auto answer = json::Document::parse(text)) {
        Value status = answer->root()["metadata"]["exit_code"];
        if (status.is_number()) {
          Outcome& outcome = fact.call.outcome;
          outcome.output = answer->root()["output"].str();
          outcome.exit_status = static_cast<int>(status.integer() & 0xffff);
          outcome.kind = *outcome.exit_status ? OutcomeKind::failed : OutcomeKind::ok;
        }
      }
    }
  }
  facts.push_back(std::move(fact));
}

void read_reasoning(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, item, FileFact::Kind::thinking);
  fact.id = item["id"].str();
  fact.text = content_text(item["summary"]);
  if (fact.text.empty()) fact.text = content_text(item["content"]);
  if (!fact.text.empty()) facts.push_back(std::move(fact));
}

// A subagent's file begins with a copy of its parent's conversation.
bool is_inherited(const Value& line) {
  return line["metadata"]["inherited_user_message"].boolean();
}

void read_response_item(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  if (is_inherited(line)) return;
  std::string_view type = item["type"].str();
  if (type == "message") {
    read_message(line, item, facts);
  } else if (type == "reasoning") {
    read_reasoning(line, item, facts);
  } else if (type == "function_call" || type == "custom_tool_call" || type == "local_shell_call") {
    read_call(line, item, facts);
  } else if (type == "function_call_output" || type == "custom_tool_call_output") {
    read_call_output(line, item, facts);
  }
}

// A command that ended: an item of new files, an event of old ones.
void read_command(const Value& line, const Value& payload, const Value& item, std::string_view id,
                  std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, payload, FileFact::Kind::tool_call);
  fact.id = id;
  fact.call.id = id;
  fact.call.name = "Bash";
  fact.call.tool_class = ToolClass::shell;
  fact.call.command = command_text(item["command"]);
  fact.call.workdir = path_of(item["cwd"].str());
  facts.push_back(fact);

  Value parsed = item["parsed_cmd"];
  FileFact guess = fact;
  guess.kind = FileFact::Kind::read_guess;
  for (size_t i = 0; i < std::min(parsed.size(), kBlocksLimit); ++i) {
    Value part = parsed.at(i);
    if (part["type"].str() != "read") continue;
    std::string_view path = part["path"].str();
    if (path.empty()) path = part["name"].str();
    if (!path.empty()) guess.call.reads.emplace_back(path);
  }
  if (!guess.call.reads.empty()) facts.push_back(std::move(guess));

  fact.kind = FileFact::Kind::tool_result;
  Outcome& outcome = fact.call.outcome;
  std::string_view status = item["status"].str();
  outcome.output = item["aggregated_output"].str();
  outcome.duration_ms = milliseconds(item["duration"]);
  int64_t code = item["exit_code"].integer();
  if (item["exit_code"].is_number() && code >= 0 && code <= INT32_MAX) {
    outcome.exit_status = static_cast<int>(code);
  }
  if (code < 0) {  // it was ended from outside: the user stopped the turn
    outcome.kind = OutcomeKind::interrupted;
  } else if (status == "declined") {
    outcome.kind = OutcomeKind::refused;
    outcome.exit_status.reset();
  } else if (outcome.exit_status) {
    outcome.kind = *outcome.exit_status == 0 ? OutcomeKind::ok : OutcomeKind::failed;
  } else if (status == "failed") {
    outcome.kind = OutcomeKind::failed;
  } else if (status == "in_progress" || status == "inProgress") {
    outcome.kind = OutcomeKind::background;
    outcome.background_id = item["process_id"].str();
  } else {
    outcome.kind = OutcomeKind::unknown;
  }
  facts.push_back(std::move(fact));
}

void read_changes(const Value& line, const Value& payload, const Value& item, std::string_view id,
                  bool ok, std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, payload, FileFact::Kind::tool_call);
  fact.id = id;
  fact.call.id = id;
  fact.call.name = "apply_patch";
  fact.call.tool_class = ToolClass::edit;
  Value changes = item["changes"];
  for (size_t i = 0; i < std::min(changes.size(), kPatchFilesLimit); ++i) {
    Value change = changes.member_at(i);
    std::string_view type = change["type"].str();
    FileEdit& file = fact.call.edits.emplace_back();
    file.path = changes.key_at(i);
    if (type == "add") {
      file.kind = FileEdit::Kind::write;
      file.content = change["content"].str();
      file.created = true;
    } else if (type == "delete") {
      file.kind = FileEdit::Kind::remove;
      if (change["content"].is_string()) file.original = change["content"].str();
    } else {
      file.kind = FileEdit::Kind::patch;
      file.edits = parse_unified_diff(change["unified_diff"].str());
      file.move_to = change["move_path"].str();
      if (file.edits.empty() && !file.move_to.empty()) file.kind = FileEdit::Kind::move;
    }
  }
  facts.push_back(fact);
  fact.kind = FileFact::Kind::tool_result;
  fact.call.edits.clear();
  Outcome& outcome = fact.call.outcome;
  bool declined = item["status"].str() == "declined";
  outcome.kind = declined ? OutcomeKind::refused : ok ? OutcomeKind::ok : OutcomeKind::failed;
  outcome.output = item["stdout"].str();
  outcome.error = item["stderr"].str();
  facts.push_back(std::move(fact));
}

void read_mcp(const Value& line, const Value& payload, const Value& item,
              std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, payload, FileFact::Kind::tool_call);
  fact.id = item["id"].str();
  fact.call.id = fact.id;
  fact.call.name =
      "mcp__" + std::string(item["server"].str()) + "__" + std::string(item["tool"].str());
  fact.call.tool_class = ToolClass::mcp;
  facts.push_back(fact);
  fact.kind = FileFact::Kind::tool_result;
  bool failed = item["status"].str() == "failed" || item["result"]["isError"].boolean();
  fact.call.outcome.kind = failed ? OutcomeKind::failed : OutcomeKind::ok;
  (failed ? fact.call.outcome.error : fact.call.outcome.output) =
      content_text(item["result"]["content"]);
  fact.call.outcome.duration_ms = milliseconds(item["duration"]);
  facts.push_back(std::move(fact));
}

void read_subagent(const Value& line, const Value& payload, const Value& item,
                   std::string_view thread, std::vector<FileFact>& facts) {
  if (thread.empty()) return;
  FileFact fact = fact_of(line, payload, FileFact::Kind::subagent);
  fact.call.id = item["id"].str();
  fact.call.subagent_id = thread;
  fact.call.subagent_prompt = item["prompt"].str();
  fact.call.subagent_type = item["receiver_agents"].at(0)["agent_role"].str();
  fact.id = fact.call.id;
  facts.push_back(std::move(fact));
}

void read_item(const Value& line, const Value& payload, std::vector<FileFact>& facts) {
  Value item = payload["item"];
  std::string_view type = item["type"].str();
  std::string_view id = item["id"].str();
  if (type == "CommandExecution") {
    read_command(line, payload, item, id, facts);
  } else if (type == "FileChange") {
    read_changes(line, payload, item, id, item["status"].str() == "completed", facts);
  } else if (type == "McpToolCall") {
    read_mcp(line, payload, item, facts);
  } else if (type == "CollabAgentToolCall" && item["tool"].str() == "spawn_agent") {
    read_subagent(line, payload, item, item["receiver_thread_ids"].at(0).str(), facts);
  } else if (type == "SubAgentActivity" && item["kind"].str() == "started") {
    read_subagent(line, payload, item, item["agent_thread_id"].str(), facts);
  }
  // Messages, reasoning and compaction stand in lines of their own as well.
}

void read_event(const Value& line, const Value& payload, std::vector<FileFact>& facts) {
  std::string_view type = payload["type"].str();
  if (type == "item_completed") {
    read_item(line, payload, facts);
  } else if (type == "exec_command_end") {
    read_command(line, payload, payload, payload["call_id"].str(), facts);
  } else if (type == "patch_apply_end") {
    read_changes(line, payload, payload, payload["call_id"].str(), payload["success"].boolean(),
                 facts);
  } else if (type == "turn_aborted") {
    FileFact fact = fact_of(line, payload, FileFact::Kind::interrupted);
    fact.text = payload["reason"].str();
    fact.id = fact.turn;
    facts.push_back(std::move(fact));
  } else if (type == "thread_name_updated") {
    FileFact fact = fact_of(line, payload, FileFact::Kind::title);
    fact.text = payload["thread_name"].str();
    if (!fact.text.empty()) facts.push_back(std::move(fact));
  }
}

void read_usage(const Value& line, const Value& payload, std::vector<FileFact>& facts) {
  FileFact fact = fact_of(line, payload, FileFact::Kind::tokens);
  Value usage = payload["usage"];
  fact.tokens.response = payload["response_id"].str();
  fact.tokens.input = usage["input_tokens"].integer();
  fact.tokens.cached_input = usage["cached_input_tokens"].integer();
  fact.tokens.output = usage["output_tokens"].integer();
  fact.tokens.reasoning = usage["reasoning_output_tokens"].integer();
  fact.id = fact.tokens.response;
  facts.push_back(std::move(fact));
}

std::vector<FileFact> read_session_line(const Value& line) {
  std::vector<FileFact> facts;
  std::string_view type = line["type"].str();
  Value payload = line["payload"];
  if (!payload.exists()) {  // the oldest files have no wrapper
    if (line.is_object()) read_response_item(line, line, facts);
  } else if (type == "response_item") {
    read_response_item(line, payload, facts);
  } else if (type == "event_msg") {
    read_event(line, payload, facts);
  } else if (type == "token_usage_record") {
    read_usage(line, payload, facts);
  } else if (type == "turn_context") {
    FileFact fact = fact_of(line, payload, FileFact::Kind::model);
    fact.text = payload["model"].str();
    fact.id = fact.turn;
    if (!fact.text.empty()) facts.push_back(std::move(fact));
  } else if (type == "compacted") {
    FileFact fact = fact_of(line, payload, FileFact::Kind::compaction);
    fact.text = payload["message"].str();
    facts.push_back(std::move(fact));
  } else if (type == "session_meta") {
    std::string_view parent = payload["parent_thread_id"].str();
    if (!parent.empty()) {
      FileFact fact = fact_of(line, payload, FileFact::Kind::subagent);
      fact.session = parent;
      fact.call.subagent_id = payload["id"].str();
      fact.call.subagent_type = payload["agent_role"].str();
      fact.text = payload["agent_nickname"].str();
      fact.id = fact.call.subagent_id;
      facts.push_back(std::move(fact));
    }
  }
  return facts;
}

bool keeps_message(const Value& item) {
  std::string_view role = item["role"].str();
  if (role != "user")
    return role == "assistant";  // developer, system: the vendor's and hooks' words
  Value kinds = item["internal_chat_message_metadata_passthrough"]["content_item_kinds"];
  if (kinds.size() == 0) return !content_text(item["content"]).starts_with("<environment_context>");
  for (size_t i = 0; i < std::min(kinds.size(), kBlocksLimit); ++i) {
    std::string_view kind = kinds.at(i).str();
    if (!kind.starts_with("environments.") && !kind.starts_with("hooks.")) return true;
  }
  return false;
}

bool keeps_session_line(const Value& line) {
  if (!line.is_object()) return false;
  std::string_view type = line["type"].str();
  Value payload = line["payload"];
  if (type == "response_item") {
    if (is_inherited(line)) return false;
    return payload["type"].str() != "message" || keeps_message(payload);
  }
  if (type == "event_msg") {
    std::string_view event = payload["type"].str();
    if (event == "item_completed") {
      std::string_view item = payload["item"]["type"].str();
      return item != "AgentMessage" && item != "UserMessage" && item != "Reasoning";
    }
    for (std::string_view dropped :
         {"token_count", "thread_settings_applied", "item_started", "item_updated", "agent_message",
          "user_message", "agent_reasoning", "agent_reasoning_raw_content", "exec_command_begin",
          "exec_command_output_delta", "patch_apply_begin", "mcp_tool_call_begin"}) {
      if (event == dropped) return false;
    }
    return true;
  }
  return type != "world_state";
}

// --- The agent --------------------------------------------------------------------------------

class Codex final : public Agent {
 public:
  std::string_view id() const override { return "codex"; }
  std::string_view name() const override { return "Codex"; }

  Heard hear(std::string_view event, const Value& payload) const override {
    return hear_payload(event, payload);
  }
  std::vector<FileFact> read_line(const Value& line) const override {
    return read_session_line(line);
  }
  bool keeps_line(const Value& line) const override { return keeps_session_line(line); }

  std::string trim_line(std::string_view text) const override {
    for (std::string_view name :
         {"\"base_instructions\"", "\"dynamic_tools\"", "\"collaboration_mode\"",
          "\"encrypted_content\"", "\"replacement_history\""}) {
      if (!contains(text, name)) continue;
      return blank_strings(
          text, {"payload/base_instructions", "payload/dynamic_tools", "payload/collaboration_mode",
                 "payload/encrypted_content", "payload/content/*/encrypted_content",
                 "payload/replacement_history"});
    }
    return std::string(text);
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

  // 2,500 tokens unless the hook's entry says otherwise; a token is hardly ever under 3 bytes.
  size_t injection_limit() const override { return 7'500; }
};

constinit const Codex kCodex{};

}  // namespace

const Agent& codex() {
  return kCodex;
}

}  // namespace baton::agents
