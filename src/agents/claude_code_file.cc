#include "agents/claude_code_file.h"

#include <algorithm>

#include "agents/claude_code_calls.h"
#include "agents/claude_code_outcomes.h"
#include "agents/content.h"
#include "base/time.h"

namespace baton::agents::claude {
namespace {

using json::Value;

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

// Instruction files, and what hooks put before the model.
void read_given(const Value& line, std::vector<FileFact>& facts) {
  Value attachment = line["attachment"];
  std::string_view type = attachment["type"].str();
  auto add = [&](Given given) {
    if (given.name.empty()) return;
    FileFact fact = fact_of(line, FileFact::Kind::given);
    fact.given = std::move(given);
    facts.push_back(std::move(fact));
  };
  if (type == "instructions") {
    Value files = attachment["files"];
    for (size_t i = 0; i < std::min(files.size(), kBlocksLimit); ++i) {
      add({Given::Kind::instructions,
           std::string(files.at(i)["path"].str()),
           std::string(files.at(i)["type"].str()),
           {}});
    }
  } else if (type == "nested_memory") {
    add({Given::Kind::instructions, std::string(attachment["path"].str()), {}, {}});
  } else if (type == "hook_additional_context") {
    std::string_view event = attachment["hookEvent"].str(attachment["hookName"].str());
    Value content = attachment["content"];
    std::string text(content.str());
    for (size_t i = 0; i < std::min(content.size(), kBlocksLimit); ++i) {
      text += (text.empty() ? "" : "\n") + std::string(content.at(i).str());
    }
    add({Given::Kind::hook, std::string(event), {}, std::move(text)});
  }
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

}  // namespace

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
  } else if (type == "attachment") {
    read_given(line, facts);
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

}  // namespace baton::agents::claude
