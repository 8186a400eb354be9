#include "agents/codex.h"

#include "agents/codex_file.h"
#include "agents/codex_hooks.h"
#include "agents/content.h"
#include "agents/known_names.h"
#include "base/bytes.h"

namespace baton::agents {
namespace codex_cli {
namespace {

using json::Value;

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

  std::vector<std::string_view> events() const override { return hook_events(); }

  std::string injection(Moment moment, std::string_view context) const override {
    return hook_context(moment, context);
  }

  // 2,500 tokens unless the hook's entry says otherwise; a token is hardly ever under 3 bytes.
  size_t injection_limit() const override { return 7'500; }
};

constinit const Codex kCodex{};

}  // namespace
}  // namespace codex_cli

const Agent& codex() {
  return codex_cli::kCodex;
}

}  // namespace baton::agents
