#include "agents/claude_code.h"

#include "agents/claude_code_file.h"
#include "agents/claude_code_hooks.h"
#include "agents/content.h"
#include "agents/known_names.h"
#include "base/bytes.h"

namespace baton::agents {
namespace claude {
namespace {

using json::Value;

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

  std::vector<std::string_view> events() const override { return hook_events(); }

  std::string injection(Moment moment, std::string_view context) const override {
    return hook_context(moment, context);
  }

  // Longer output is moved to a file and replaced by a pointer: from 50,000 characters on in the
  // versions that say so, less in others.
  size_t injection_limit() const override { return 10'000; }
};

constinit const ClaudeCode kClaudeCode{};

}  // namespace
}  // namespace claude

const Agent& claude_code() {
  return claude::kClaudeCode;
}

}  // namespace baton::agents
