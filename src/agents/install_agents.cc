#include "agents/install_agents.h"

#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/json.h"
#include "os/file.h"

namespace baton::agents {
namespace {

constexpr Version kAny{0, 0, 0};

// An own hard stop ends a hook after a second. The timeout is for what it cannot stop itself: a
// disk that does not answer. Claude Code gives SessionEnd 1.5 s unless a hook asks for more.
constexpr int kTimeout = 5;
// More is cut by Codex, with a warning at each start.
constexpr int kCodexShortTimeout = 3;

// Left out: MessageDisplay (once per piece of text; the session file has the text), PreModelSwitch
// (PostModelSwitch tells what came of it), Notification (only says that somebody is waited for),
// FileChanged (needs the names of the files), WorktreeCreate (a hook there must make the worktree
// itself), Setup, DirectoryAdded, Elicitation, ElicitationResult and TeammateIdle (nothing of them
// is recorded). An event without a known first version counts as first known by the version from
// which unknown ones do no harm.
constexpr Version kTolerantClaude{2, 1, 101};

std::vector<RegisteredEvent> claude_events() {
  return {
      {"SessionStart", kTimeout, {1, 0, 62}},
      {"SessionEnd", kTimeout, {1, 0, 85}},
      {"UserPromptSubmit", kTimeout, {1, 0, 54}},
      {"UserPromptExpansion", kTimeout, kTolerantClaude},
      {"PreToolUse", kTimeout, {1, 0, 38}},
      {"PostToolUse", kTimeout, {1, 0, 38}},
      {"PostToolUseFailure", kTimeout, kTolerantClaude},
      {"PostToolBatch", kTimeout, kTolerantClaude},
      {"PermissionRequest", kTimeout, {2, 0, 45}},
      {"PermissionDenied", kTimeout, {2, 1, 89}},
      {"Stop", kTimeout, {1, 0, 41}},
      {"StopFailure", kTimeout, {2, 1, 78}},
      {"SubagentStart", kTimeout, {2, 0, 43}},
      {"SubagentStop", kTimeout, {1, 0, 41}},
      {"PreCompact", kTimeout, {1, 0, 48}},
      {"PostCompact", kTimeout, {2, 1, 76}},
      {"TaskCreated", kTimeout, {2, 1, 84}},
      {"TaskCompleted", kTimeout, {2, 1, 33}},
      {"InstructionsLoaded", kTimeout, {2, 1, 69}},
      {"CwdChanged", kTimeout, {2, 1, 83}},
      {"WorktreeRemove", kTimeout, {2, 1, 50}},
      {"PostModelSwitch", kTimeout, kTolerantClaude},
      {"ConfigChange", kTimeout, {2, 1, 49}},
  };
}

// Codex passes over event names it does not know (tried with 0.169).
std::vector<RegisteredEvent> codex_events() {
  return {
      {"SessionStart", kTimeout, kAny},
      {"SessionEnd", kCodexShortTimeout, kAny},
      {"UserPromptSubmit", kTimeout, kAny},
      {"PreToolUse", kTimeout, kAny},
      {"PostToolUse", kTimeout, kAny},
      {"PermissionRequest", kTimeout, kAny},
      {"Stop", kTimeout, kAny},
      {"Interrupt", kCodexShortTimeout, kAny},
      {"SubagentStart", kTimeout, kAny},
      {"SubagentStop", kTimeout, kAny},
      {"PreCompact", kTimeout, kAny},
      {"PostCompact", kTimeout, kAny},
  };
}

std::optional<Version> parse_version(std::string_view text) {
  Version version{};
  std::vector<std::string_view> parts = split(text.substr(0, text.find_first_of("-+")), '.');
  if (parts.size() != version.size()) return std::nullopt;
  for (size_t i = 0; i < version.size(); ++i) {
    auto number = parse_int(parts[i]);
    if (!number || *number < 0 || *number > 1'000'000'000) return std::nullopt;
    version[i] = static_cast<int>(*number);
  }
  return version;
}

// The version in a package.json, if it is that of the package.
std::optional<Version> package_version(const std::string& path, std::string_view package) {
  constexpr uint64_t kMaxPackageBytes = 1 << 20;
  auto text = os::read_file(path, kMaxPackageBytes);
  if (!text) return std::nullopt;
  auto document = json::Document::parse(*text);
  if (!document || document->root()["name"].str() != package) return std::nullopt;
  return parse_version(document->root()["version"].str());
}

constexpr std::string_view kTest = "test -x ";
constexpr std::string_view kThen = " && exec ";
constexpr std::string_view kElse = " || exec cat >/dev/null";

// In single quotes, with ' and \ outside of them: fish, unlike sh, reads \ inside as an escape.
std::string quote_for_shells(std::string_view word) {
  std::string quoted = "'";
  for (char c : word) {
    if (c == '\'' || c == '\\')
      (quoted += "'\\") += c, quoted += '\'';
    else
      quoted += c;
  }
  return quoted + '\'';
}

// Takes a word quoted as above off the front.
std::optional<std::string> take_quoted(std::string_view& text) {
  if (!text.starts_with('\'')) return std::nullopt;
  std::string word;
  size_t at = 1;
  for (;;) {
    size_t close = text.find('\'', at);
    if (close == text.npos) return std::nullopt;
    word += text.substr(at, close - at);
    std::string_view rest = text.substr(close + 1);
    if (rest.size() < 3 || rest[0] != '\\' || rest[2] != '\'') {
      text = rest;
      return word;
    }
    word += rest[1];
    at = close + 4;
  }
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

const HookedAgent* find_hooked_agent(std::string_view id) {
  // Made at first use: no code before main().
  static const HookedAgent agents[] = {
      {"claude-code", "Claude Code", "claude", ".claude/settings.local.json", "settings.json", true,
       kTolerantClaude, claude_events()},
      {"codex", "Codex", "codex", ".codex/hooks.json", "hooks.json", false, kAny, codex_events()},
  };
  for (const HookedAgent& agent : agents) {
    if (agent.id == id) return &agent;
  }
  return nullptr;
}

std::vector<std::string_view> known_agents() {
  return {"claude-code", "codex"};
}

std::string HookedAgent::folder(const Places& places) const {
  return id == "codex" ? places.codex_folder : places.claude_folder;
}

std::string HookedAgent::user_path(const Places& places) const {
  return os::join(folder(places), file_name);
}

std::string find_program(std::string_view name, const Places& places) {
  for (std::string_view folder : split(places.search_path, ':')) {
    if (!folder.starts_with('/')) continue;  // "" and relative ones depend on where we are
    std::string path = os::join(folder, name);
    if (::access(path.c_str(), X_OK) == 0 && !os::is_directory(path)) return path;
  }
  return {};
}

std::optional<Version> installed_version(const HookedAgent& agent, const Places& places) {
  std::string program = find_program(agent.program, places);
  if (program.empty() || agent.id != "claude-code") return std::nullopt;
  auto real = os::real_path(program);
  if (!real) return std::nullopt;
  // The native installer keeps each version as one file named after it.
  if (auto version = parse_version(os::basename(*real))) return version;
  constexpr std::string_view kPackage = "@anthropic-ai/claude-code";
  std::string folder(os::dirname(*real));
  // An older installer put a script beside its own node_modules.
  std::string beside = os::join(folder, "node_modules/@anthropic-ai/claude-code/package.json");
  if (auto version = package_version(beside, kPackage)) return version;
  for (int up = 0; up < 3; ++up, folder = std::string(os::dirname(folder))) {
    if (auto version = package_version(os::join(folder, "package.json"), kPackage)) return version;
  }
  return std::nullopt;
}

std::vector<HookEntry> hook_entries(const HookedAgent& agent, std::string_view binary,
                                    const Places& places) {
  std::optional<Version> version = installed_version(agent, places);
  bool picky = version && *version < agent.tolerant_since;
  std::vector<HookEntry> entries;
  for (const RegisteredEvent& event : agent.events) {
    if (picky && *version < event.since) continue;
    entries.push_back({std::string(event.name), hook_command(binary, agent.id), event.timeout_s});
  }
  return entries;
}

std::string hook_command(std::string_view binary, std::string_view agent) {
  std::string word = quote_for_shells(binary);
  std::string command(kTest);
  command += word;
  command += kThen;
  command += word;
  command += " hook ";
  command += agent;
  command += kElse;
  return command;
}

std::optional<std::string> binary_of_command(std::string_view command, std::string_view agent) {
  if (!take(command, kTest)) return std::nullopt;
  auto tested = take_quoted(command);
  if (!tested || !take(command, kThen)) return std::nullopt;
  auto run = take_quoted(command);
  if (run != tested || !take(command, " hook ") || !take(command, agent)) return std::nullopt;
  if (command != kElse) return std::nullopt;
  return tested;
}

std::string codex_event_key(std::string_view event) {
  std::string key;
  for (char c : event) {
    bool upper = c >= 'A' && c <= 'Z';
    if (upper && !key.empty()) key += '_';
    key += upper ? static_cast<char>(c | 0x20) : c;
  }
  return key;
}

int64_t codex_timeout(std::string_view event, std::optional<int64_t> configured_s) {
  if (event != "SessionEnd" && event != "Interrupt") return configured_s.value_or(600);
  return std::min<int64_t>(configured_s.value_or(1), kCodexShortTimeout);
}

// SHA-256 of the hook as compact JSON with sorted names. Checked against what `hooks/list` of Codex
// 0.169 answers (tests/unit/agents_install_test.cc).
std::string codex_trust_hash(std::string_view event, std::string_view command, int64_t timeout_s) {
  json::Writer out;
  out.begin_object()
      .member("event_name", codex_event_key(event))
      .key("hooks")
      .begin_array()
      .begin_object()
      .member("async", false)
      .member("command", command)
      .member("timeout", timeout_s)
      .member("type", "command")
      .end_object()
      .end_array()
      .end_object();
  return "sha256:" + hex(sha256(out.text()));
}

}  // namespace baton::agents
