#pragma once

// Installing and removing baton's hooks in the agents' own configuration. Plain data in and out;
// nothing here prints or asks. The order of calls: plan_install or plan_uninstall (reads only),
// show the plan, apply.
//
// Which file:
//   scope   claude-code                         codex
//   user    ~/.claude/settings.json             ~/.codex/hooks.json
//           (CLAUDE_CONFIG_DIR)                 (CODEX_HOME)
//   local   REPO/.claude/settings.local.json    REPO/.codex/hooks.json
// Codex has no personal file of a project: REPO/.codex/hooks.json is meant for the team. It serves
// as long as git does not track it; a tracked file is refused in either case, since it is the
// team's. Codex's config.toml is never written, no trust is ever given in the user's name.
//
// Foreign bytes stay as they are (config_edit.h). A file is replaced at once by rename, keeps its
// mode, and a link to it stays a link.
//
// Who uses the hooks: user-level hooks serve every repository, those without a store end at once.
// The install record (install_record.h) lists the stores that asked for them; `uninstall` in one
// repository takes its store off the list, and the hooks go with the last one. A store whose folder
// is gone stays listed (it may have been moved, or lie on a disk that is not mounted): hooks that
// stay too long cost a millisecond, hooks that go too early lose a record. `all` removes them
// whatever the list says. Without a record nobody knows who else uses them, and only `all` removes.
//
// Taking out: if the file still is what was installed, it becomes what it was before, byte for byte
// (or goes, if it was made by us, with the folders made for it). Else only our hooks are cut out.

#include <string>
#include <string_view>
#include <vector>

#include "agents/config_edit.h"
#include "base/result.h"

namespace baton::agents {

enum class Scope : uint8_t { user, local };
std::string_view to_string(Scope scope);

// Where the user's things are. Tests give their own.
struct Places {
  std::string home;
  std::string claude_folder;  // CLAUDE_CONFIG_DIR or ~/.claude
  std::string codex_folder;   // CODEX_HOME or ~/.codex
  std::string state_folder;   // XDG_STATE_HOME or ~/.local/state; baton/ is made in it
  std::string search_path;    // PATH
  std::string system_folder;  // /etc

  static Places of_environment();
};

// A store that uses user-level hooks. Its id counts, its path is for people; without an id the path
// stands for it.
struct StoreUse {
  std::string id;
  std::string path;

  bool same_store(const StoreUse& other) const {
    return id.empty() || other.id.empty() ? path == other.path : id == other.id;
  }
};

struct FileChange {
  std::string path;    // as the agent names it
  std::string target;  // the same, or what it links to: this one is written
  bool creates = false;
  bool removes = false;       // the file goes; `after` is empty
  std::string before, after;  // may hold secrets of the user: show differences only
};

struct InstallPlan {
  std::string agent;
  Scope scope = Scope::user;
  bool found = false;    // the agent is here
  bool refused = false;  // its configuration cannot be edited; nothing will be
  std::string why_not;   // if not found or refused: a message as errors have it
  std::string hint;
  std::vector<FileChange> changes;  // none if all is as it should be
  std::vector<std::string> notes;   // for the user: what to do by hand, what stands in the way

  // For apply.
  enum class Action : uint8_t { none, install, release, uninstall };
  Action action = Action::none;
  std::string path;         // the configuration file
  std::string seen_sha256;  // of its content when the plan was made; empty if it was missing
  StoreUse store;
  std::string binary;
  std::string original;          // the file's content without baton
  bool file_created = false;     // there was no file before baton
  std::string installed_sha256;  // of the file with our hooks, hex
  CreatedParts created;
  bool all_users = false;  // uninstall: whoever else uses the hooks
};

// Ids of the agents that have an installer. Aliases are resolved elsewhere.
std::vector<std::string_view> known_agents();

// Whether the agent's folder exists or its program is in PATH.
bool agent_found(std::string_view id, const Places& places);

// The path of this program as hooks should name it: the one in PATH if that leads here (it outlives
// an upgrade), else the program's own.
std::string hook_binary(const Places& places);

struct InstallOptions {
  Scope scope = Scope::user;
  std::string binary;     // absolute; see hook_binary
  std::string repo_root;  // for Scope::local: the top of the checkout
  StoreUse store;         // who wants the hooks
};
// ErrorKind::usage for an unknown agent or a binary whose path cannot stand in a hook; io, damage
// and newer from the install record.
Result<InstallPlan> plan_install(std::string_view id, const InstallOptions& options,
                                 const Places& places);

struct UninstallOptions {
  Scope scope = Scope::user;
  std::string repo_root;
  StoreUse store;
  bool all = false;  // whoever else uses the hooks
};
Result<InstallPlan> plan_uninstall(std::string_view id, const UninstallOptions& options,
                                   const Places& places);

// Does what the plan says. ErrorKind::negative if a file is no more what the plan saw (nothing is
// written then), io if it cannot be written. A plan without anything to do is fine. An interrupted
// apply leaves whole files, and a second run finishes it.
Status apply(const InstallPlan& plan, const Places& places);

// ---------------------------------------------------------------- for doctor

// Codex runs a hook only after its user has reviewed it in /hooks.
enum class HookTrust : uint8_t {
  not_needed,
  trusted,
  untrusted,  // never reviewed
  modified,   // reviewed in another form
  disabled,   // switched off in /hooks
  unknown,    // not of the form init writes, so not computed
};
std::string_view to_string(HookTrust trust);

struct EventHook {
  std::string event;
  bool expected = false;  // init registers it
  bool registered = false;
  bool current = false;  // its command is the one init would write
  HookTrust trust = HookTrust::not_needed;
};

struct HookBinary {
  std::string path;
  bool runs = false;  // exists and may be executed
};

struct HookState {
  std::string agent;
  Scope scope = Scope::user;
  std::string path;  // of the configuration file
  bool found = false;
  bool file_exists = false;
  std::string problem;                // the file cannot be read or parsed: the message
  std::vector<EventHook> events;      // those init registers, then further ones that are registered
  std::vector<HookBinary> binaries;   // that the hooks name
  std::vector<std::string> blockers;  // settings that keep hooks from running, with file and line
  std::vector<std::string> other_commands;  // handlers that call baton in another form
  std::vector<StoreUse> stores;             // that use the user-level hooks
  bool recorded = false;                    // init's record of this file exists

  bool installed() const;  // at least one event is registered
  bool complete() const;   // all expected ones are, with the current command
};

struct InspectOptions {
  Scope scope = Scope::user;
  std::string repo_root;
  std::string binary;
};
Result<HookState> inspect(std::string_view id, const InspectOptions& options, const Places& places);

}  // namespace baton::agents
