#pragma once

// What installing hooks must know of each agent: where its configuration lies, which events to
// register, and the command a hook runs. Facts were tried with Claude Code 2.1.330 and Codex CLI
// 0.169.0; docs/decisions/hook-command.md has the reasons and the figures.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/config_edit.h"
#include "agents/install.h"

namespace baton::agents {

using Version = std::array<int, 3>;

struct RegisteredEvent {
  std::string_view name;
  int timeout_s;
  Version since;  // first version of the agent that knows it; only looked at for old versions
};

struct HookedAgent {
  std::string_view id;          // claude-code
  std::string_view name;        // Claude Code
  std::string_view program;     // claude
  std::string_view local_path;  // of the personal settings, from the root of the project
  std::string_view file_name;   // of the settings in its folder
  bool reads_byte_order_mark;   // accepts one at the start of its settings
  // Below this version one unknown event makes the agent refuse its whole settings file.
  Version tolerant_since;
  std::vector<RegisteredEvent> events;

  std::string folder(const Places& places) const;  // ~/.claude
  std::string user_path(const Places& places) const;
};

// Null if there is no installer of that id.
const HookedAgent* find_hooked_agent(std::string_view id);

// Where the agent's program lies in PATH; empty if nowhere.
std::string find_program(std::string_view name, const Places& places);

// The agent's version read from the files around its program, without running it (it might update
// itself); nothing if they do not tell.
std::optional<Version> installed_version(const HookedAgent& agent, const Places& places);

// What to register: all events, or for a version that breaks on unknown ones those it knows.
std::vector<HookEntry> hook_entries(const HookedAgent& agent, std::string_view binary,
                                    const Places& places);

// The shell command of a hook:
//   test -x 'BINARY' && exec 'BINARY' hook AGENT || exec cat >/dev/null
// silent with status 0 where there is no binary. One form for sh, bash, zsh and fish: Claude Code
// runs /bin/sh -c, Codex the user's own shell.
std::string hook_command(std::string_view binary, std::string_view agent);

// The binary in a command of that form for that agent; nothing for any other command.
std::optional<std::string> binary_of_command(std::string_view command, std::string_view agent);

// The value Codex stores when its user trusts a hook of the plain form, "sha256:...".
std::string codex_trust_hash(std::string_view event, std::string_view command, int64_t timeout_s);
// pre_tool_use for PreToolUse.
std::string codex_event_key(std::string_view event);
// The timeout Codex goes by: 600 s unless given, and for SessionEnd and Interrupt 1 s, at most 3 s.
int64_t codex_timeout(std::string_view event, std::optional<int64_t> configured_s);

}  // namespace baton::agents
