// The part of install.h that only looks: what is registered, and what keeps it from running.

#include <unistd.h>

#include <algorithm>

#include "agents/config_toml.h"
#include "agents/install.h"
#include "agents/install_agents.h"
#include "agents/install_record.h"
#include "base/bytes.h"
#include "os/file.h"

namespace baton::agents {
namespace {

using TomlPath = std::vector<std::string_view>;

std::string at_line(const std::string& path, int line) {
  return path + ':' + std::to_string(line);
}

// The parsed file; nothing if it is missing or cannot be parsed (doctor reports the file of the
// hooks itself, an agent its others).
std::optional<ConfigText> read_config(const std::string& path) {
  auto text = os::read_file(path, kMaxConfigBytes);
  if (!text) return std::nullopt;
  auto config = ConfigText::parse(*text, path);
  if (!config || config->blank()) return std::nullopt;
  return std::move(*config);
}

// ---------------------------------------------------------------- Claude Code

void add_if_true(HookState& state, const ConfigText& config, std::string_view key) {
  ConfigIndex index = config.member(ConfigText::root(), key);
  if (!config.is_true(index)) return;
  int line = config.line_of(config.node(index).begin);
  state.blockers.push_back("Claude Code runs no hooks of yours: " + std::string(key) +
                           " is set in " + at_line(config.name(), line));
}

// Claude Code 2.1 reads its settings as plain JSON and drops the whole file over one comment.
void add_if_not_json(HookState& state, const ConfigText& config, std::string_view agent) {
  auto position = config.first_extension();
  if (!position) return;
  state.blockers.push_back(std::string(agent) + " ignores all of " + config.name() +
                           " for a comment or trailing comma in line " +
                           std::to_string(config.line_of(*position)));
}

void find_claude_blockers(HookState& state, const std::string& repo_root, const Places& places) {
  std::string managed = os::join(places.system_folder, "claude-code");
  std::vector<std::string> managed_files{os::join(managed, "managed-settings.json")};
  std::string parts = os::join(managed, "managed-settings.d");
  if (auto entries = os::list_dir(parts)) {
    for (const os::DirEntry& entry : *entries) {
      if (entry.name.ends_with(".json")) managed_files.push_back(os::join(parts, entry.name));
    }
  }
  std::sort(managed_files.begin(), managed_files.end());
  std::vector<std::string> own_files{os::join(places.claude_folder, "settings.json")};
  if (!repo_root.empty()) {
    own_files.push_back(os::join(repo_root, ".claude/settings.json"));
    own_files.push_back(os::join(repo_root, ".claude/settings.local.json"));
  }
  for (const std::string& path : managed_files) {
    auto config = read_config(path);
    if (!config) continue;
    add_if_true(state, *config, "disableAllHooks");
    add_if_true(state, *config, "allowManagedHooksOnly");
  }
  for (const std::string& path : own_files) {
    auto config = read_config(path);
    if (!config) continue;
    if (path == state.path) add_if_not_json(state, *config, "Claude Code");
    add_if_true(state, *config, "disableAllHooks");
  }
}

// ---------------------------------------------------------------- Codex

std::vector<TomlValue> read_toml_file(const std::string& path) {
  auto text = os::read_file(path, kMaxTomlBytes);
  return text ? read_toml(*text) : std::vector<TomlValue>{};
}

void add_if_hooks_off(HookState& state, const std::string& path,
                      const std::vector<TomlValue>& values) {
  for (std::string_view flag : {"hooks", "codex_hooks"}) {
    const TomlValue* value = find_toml(values, TomlPath{"features", flag});
    if (!value || !value->is_false()) continue;
    state.blockers.push_back("Codex runs no hooks: features." + std::string(flag) +
                             " is false in " + at_line(path, value->line));
  }
}

void find_codex_blockers(HookState& state, const std::string& repo_root, const Places& places,
                         const std::vector<TomlValue>& user, const std::string& user_path) {
  if (auto config = read_config(state.path)) {
    add_if_not_json(state, *config, "Codex");
    if (config->has_byte_order_mark()) {
      state.blockers.push_back("Codex ignores all of " + state.path + " for its byte order mark");
    }
  }
  std::string system = os::join(places.system_folder, "codex");
  for (std::string_view name : {"config.toml", "managed_config.toml"}) {
    std::string path = os::join(system, name);
    add_if_hooks_off(state, path, read_toml_file(path));
  }
  std::string requirements = os::join(system, "requirements.toml");
  std::vector<TomlValue> required = read_toml_file(requirements);
  const TomlValue* managed_only = find_toml(required, TomlPath{"allow_managed_hooks_only"});
  if (managed_only && managed_only->is_true()) {
    state.blockers.push_back("Codex runs no hooks of yours: allow_managed_hooks_only is set in " +
                             at_line(requirements, managed_only->line));
  }
  add_if_hooks_off(state, user_path, user);
  if (!repo_root.empty()) {
    std::string path = os::join(repo_root, ".codex/config.toml");
    add_if_hooks_off(state, path, read_toml_file(path));
  }
  if (state.scope != Scope::local) return;
  auto root = os::real_path(repo_root);
  const TomlValue* trust =
      root ? find_toml(user, TomlPath{"projects", *root, "trust_level"}) : nullptr;
  if (!trust || trust->text != "trusted") {
    state.blockers.push_back("Codex reads " + state.path +
                             " only in a project you trust: start codex there and say so");
  }
}

// A hook's place in the user's config.toml: the file's path with its folder resolved (not the file
// itself, tried with 0.169), event, group and handler.
std::string codex_trust_key(const std::string& path, const HookSite& site) {
  auto folder = os::real_path(std::string(os::dirname(path)));
  std::string key = folder ? os::join(*folder, os::basename(path)) : path;
  return key + ':' + codex_event_key(site.event) + ':' + std::to_string(site.group) + ':' +
         std::to_string(site.handler);
}

HookTrust codex_trust(const std::vector<TomlValue>& user, const std::string& path,
                      const HookSite& site) {
  std::string key = codex_trust_key(path, site);
  const TomlValue* enabled = find_toml(user, TomlPath{"hooks", "state", key, "enabled"});
  if (enabled && enabled->is_false()) return HookTrust::disabled;
  const TomlValue* hash = find_toml(user, TomlPath{"hooks", "state", key, "trusted_hash"});
  if (!hash) return HookTrust::untrusted;
  if (!site.plain) return HookTrust::unknown;
  int64_t timeout = codex_timeout(site.event, site.timeout_s);
  return hash->text == codex_trust_hash(site.event, site.command, timeout) ? HookTrust::trusted
                                                                           : HookTrust::modified;
}

// ---------------------------------------------------------------- both

void note_binary(HookState& state, const std::string& path) {
  auto same = [&](const HookBinary& binary) { return binary.path == path; };
  if (std::any_of(state.binaries.begin(), state.binaries.end(), same)) return;
  bool runs = ::access(path.c_str(), X_OK) == 0 && !os::is_directory(path);
  state.binaries.push_back({path, runs});
}

void read_hooks(HookState& state, const HookedAgent& agent, const ConfigText& config,
                const InspectOptions& options, const std::vector<TomlValue>& codex_user) {
  CommandTest mentions = [&](std::string_view command) {
    return contains(command, "baton") && contains(command, " hook ");
  };
  for (const HookSite& site : find_hooks(config, mentions)) {
    auto binary = binary_of_command(site.command, agent.id);
    if (!binary) {
      state.other_commands.push_back(at_line(state.path, site.line) + ": " + site.command);
      continue;
    }
    if (!site.effective) continue;
    note_binary(state, *binary);
    auto named = [&](const EventHook& hook) { return hook.event == site.event; };
    auto hook = std::find_if(state.events.begin(), state.events.end(), named);
    if (hook == state.events.end()) hook = state.events.insert(hook, EventHook{site.event});
    hook->registered = true;
    hook->current = options.binary.empty() || *binary == options.binary;
    if (agent.id == "codex") hook->trust = codex_trust(codex_user, state.path, site);
  }
}

}  // namespace

std::string_view to_string(HookTrust trust) {
  switch (trust) {
    case HookTrust::not_needed:
      return "not needed";
    case HookTrust::trusted:
      return "trusted";
    case HookTrust::untrusted:
      return "untrusted";
    case HookTrust::modified:
      return "modified";
    case HookTrust::disabled:
      return "disabled";
    case HookTrust::unknown:
      break;
  }
  return "unknown";
}

bool HookState::installed() const {
  return std::any_of(events.begin(), events.end(),
                     [](const EventHook& hook) { return hook.registered; });
}

bool HookState::complete() const {
  return std::all_of(events.begin(), events.end(), [](const EventHook& hook) {
    return !hook.expected || (hook.registered && hook.current);
  });
}

Result<HookState> inspect(std::string_view id, const InspectOptions& options,
                          const Places& places) {
  const HookedAgent* agent = find_hooked_agent(id);
  if (!agent) return fail(ErrorKind::usage, "no installer for agent '" + std::string(id) + "'");
  HookState state;
  state.agent = id;
  state.scope = options.scope;
  state.path = options.scope == Scope::user ? agent->user_path(places)
                                            : os::join(options.repo_root, agent->local_path);
  state.found = agent_found(id, places);
  for (const HookEntry& entry : hook_entries(*agent, options.binary, places)) {
    state.events.push_back({entry.event, true});
  }
  if (auto record = read_install_state(places); record && record->find(state.path)) {
    state.recorded = true;
    state.stores = record->find(state.path)->stores;
  }
  std::string codex_config = os::join(places.codex_folder, "config.toml");
  std::vector<TomlValue> codex_user;
  if (id == "codex") codex_user = read_toml_file(codex_config);
  auto text = os::read_file(state.path, kMaxConfigBytes);
  state.file_exists = text || text.error().kind != ErrorKind::not_found;
  if (text) {
    auto config = ConfigText::parse(*text, state.path);
    if (config)
      read_hooks(state, *agent, *config, options, codex_user);
    else
      state.problem = config.error().message;
  } else if (state.file_exists) {
    state.problem = text.error().message;
  }
  if (id == "codex") {
    find_codex_blockers(state, options.repo_root, places, codex_user, codex_config);
  } else {
    find_claude_blockers(state, options.repo_root, places);
  }
  return state;
}

}  // namespace baton::agents
