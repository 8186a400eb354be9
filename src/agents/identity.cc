#include "agents/identity.h"

#include <string>

#include "base/bytes.h"

namespace baton::agents {
namespace {

struct Identity {
  std::string_view agent;
  std::string_view email;  // in lower case; with '*' in front: what it ends with
};

constexpr Identity kIdentities[] = {
    {"claude-code", "noreply@anthropic.com"},
    {"claude-code", "*claude[bot]@users.noreply.github.com"},
    {"codex", "codex@openai.com"},
    {"codex", "noreply@openai.com"},
    {"codex", "*chatgpt-codex-connector[bot]@users.noreply.github.com"},
    {"cursor", "cursoragent@cursor.com"},
    {"copilot", "*copilot@users.noreply.github.com"},
    {"copilot", "*copilot-swe-agent[bot]@users.noreply.github.com"},
    {"aider", "noreply@aider.chat"},
    {"aider", "aider@aider.chat"},
    {"gemini", "gemini-cli-agent@google.com"},
    {"gemini", "*gemini-code-assist[bot]@users.noreply.github.com"},
    {"jules", "*google-labs-jules[bot]@users.noreply.github.com"},
    {"devin", "*devin-ai-integration[bot]@users.noreply.github.com"},
    {"openhands", "openhands@all-hands.dev"},
    {"amp", "amp@ampcode.com"},
    {"opencode", "noreply@opencode.ai"},
    {"qwen", "qwen-coder@alibabacloud.com"},
};

// aider marks the person's own name.
constexpr std::string_view kAiderName = " (aider)";
constexpr std::string_view kTrailer = "co-authored-by:";
constexpr std::string_view kClaudeLine = "generated with [claude code]";

std::string_view agent_of(std::string_view name, std::string_view email) {
  std::string lower = lower_ascii(trim(email));
  for (const Identity& identity : kIdentities) {
    bool same = identity.email.starts_with('*') ? lower.ends_with(identity.email.substr(1))
                                                : lower == identity.email;
    if (same) return identity.agent;
  }
  if (lower_ascii(trim(name)).ends_with(kAiderName)) return "aider";
  return "";
}

}  // namespace

std::string_view agent_of_commit(std::string_view author_name, std::string_view author_email,
                                 std::string_view message) {
  if (auto agent = agent_of(author_name, author_email); !agent.empty()) return agent;
  for (std::string_view line : split(message, '\n')) {
    std::string lower = lower_ascii(trim(line));
    if (lower.ends_with(kClaudeLine) || contains(lower, std::string(kClaudeLine) + "(")) {
      return "claude-code";
    }
    if (!lower.starts_with(kTrailer)) continue;
    std::string_view who = trim(std::string_view(lower).substr(kTrailer.size()));
    size_t open = who.rfind('<');
    size_t close = who.rfind('>');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) continue;
    auto agent = agent_of(who.substr(0, open), who.substr(open + 1, close - open - 1));
    if (!agent.empty()) return agent;
  }
  return "";
}

}  // namespace baton::agents
