#include "agents/codex_outcomes.h"

#include "agents/content.h"
#include "base/bytes.h"

namespace baton::agents::codex_cli {
namespace {

bool is_refusal(std::string_view text) {
  return contains(text, "Rejected(") || contains(text, "rejected by user") ||
         contains(text, "rejected by the user") || contains(text, "blocked by hook") ||
         contains(text, "blocked by PreToolUse hook");
}

}  // namespace

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
    outcome.unbegun = true;
  }
  (outcome.kind == OutcomeKind::unknown ? outcome.output : outcome.error) = text;
  return outcome;
}

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

}  // namespace baton::agents::codex_cli
