#include "agents/claude_code_outcomes.h"

#include <algorithm>

#include "agents/content.h"
#include "base/bytes.h"

namespace baton::agents::claude {
namespace {

using json::Value;

// Around the reason why a call was not even begun (arguments, text not found, file not read).
constexpr std::string_view kToolError = "<tool_use_error>";
constexpr std::string_view kToolErrorEnd = "</tool_use_error>";

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

// What an edit tool says that finds the file changed at the last moment, and writes nothing.
constexpr std::string_view kModified = "File has been unexpectedly modified.";

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

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  size_t from = text.find(open);
  if (from == text.npos) return {};
  from += open.size();
  size_t to = text.find(close, from);
  return to == text.npos ? std::string_view() : text.substr(from, to - from);
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
  for (const char* key : {"originalFile", "originalFileContents"}) {  // the latter is MultiEdit's
    if (response[key].is_string()) file.original = response[key].str();
  }
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

}  // namespace

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
    outcome.unbegun = true;
    return outcome;
  }
  outcome.unbegun = failed && tool_class == ToolClass::edit && text.starts_with(kModified);
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

}  // namespace baton::agents::claude
