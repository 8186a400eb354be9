#include "agents/codex_file.h"

#include <algorithm>

#include "agents/codex_calls.h"
#include "agents/codex_outcomes.h"
#include "agents/content.h"
#include "agents/patch.h"
#include "base/bytes.h"
#include "base/time.h"

namespace baton::agents::codex_cli {
namespace {

using json::Value;

std::optional<int64_t> milliseconds(const Value& duration) {
  if (!duration.is_object()) return std::nullopt;
  int64_t secs = duration["secs"].integer();
  if (secs < 0 || secs > 1'000'000'000) return std::nullopt;
  return secs * 1000 + duration["nanos"].integer() / 1'000'000;
}

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

// Instruction files that the program put before the model. It says for which folder, not in which
// files they were.
void read_instructions(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  constexpr std::string_view kBegins = "# AGENTS.md instructions for ";
  Value content = item["content"];
  for (size_t i = 0; i < std::min(content.size(), kBlocksLimit); ++i) {
    std::string text = content_text(content.at(i));
    if (!text.starts_with(kBegins)) continue;
    std::string_view folder = std::string_view(text).substr(kBegins.size());
    folder = trim(folder.substr(0, folder.find('\n')));
    FileFact fact = fact_of(line, item, FileFact::Kind::given);
    fact.given = {Given::Kind::instructions, std::string(folder) + "/AGENTS.md", {}, {}};
    facts.push_back(std::move(fact));
  }
}

void read_message(const Value& line, const Value& item, std::vector<FileFact>& facts) {
  std::string_view role = item["role"].str();
  if (role != "user" && role != "assistant") return;
  if (role == "user") read_instructions(line, item, facts);
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

}  // namespace

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

}  // namespace baton::agents::codex_cli
