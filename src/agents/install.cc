#include "agents/install.h"

#include <algorithm>

#include "agents/install_agents.h"
#include "agents/install_record.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "os/process.h"

namespace baton::agents {
namespace {

constexpr int kMaxLinks = 10;

// What stands in a configuration file's place.
struct Existing {
  std::string target;  // the file itself, links resolved
  bool exists = false;
  std::string content;
  std::string why_not;  // it cannot be edited
  std::string hint;
};

// Where a path leads to, also if nothing is there.
Result<std::string> link_target(const std::string& path) {
  std::string target = path;
  for (int links = 0; links < kMaxLinks; ++links) {
    os::FileStat stat = TRY(os::stat_file(target));
    if (stat.type != os::FileType::link) return target;
    target = os::normalize(os::dirname(target), TRY(os::read_link(target)));
  }
  return fail(ErrorKind::io, "cannot open '" + path + "': too many links");
}

Result<Existing> look_at(const std::string& path) {
  Existing existing;
  existing.target = TRY(link_target(path));
  os::FileStat stat = TRY(os::stat_file(existing.target));
  if (!stat.exists()) return existing;
  existing.exists = true;
  if (stat.type != os::FileType::regular) {
    existing.why_not = "cannot edit '" + path + "': not a regular file";
  } else if (stat.uid != os::user_id()) {
    existing.why_not = "cannot edit '" + path + "': it belongs to another user";
    existing.hint = "run this as the user whose agent it is";
  } else if (!(stat.permissions & 0200)) {
    existing.why_not = "cannot edit '" + path + "': it is read-only";
  }
  auto content = os::read_file(existing.target, kMaxConfigBytes);
  if (content)
    existing.content = std::move(*content);
  else if (existing.why_not.empty())
    existing.why_not = content.error().message;
  return existing;
}

std::string fingerprint(std::string_view content) {
  return hex(sha256(content));
}

CommandTest ours(const HookedAgent& agent) {
  return [id = agent.id](std::string_view command) {
    return binary_of_command(command, id).has_value();
  };
}

std::string config_path(const HookedAgent& agent, Scope scope, const std::string& repo_root,
                        const Places& places) {
  if (scope == Scope::user) return agent.user_path(places);
  return os::join(repo_root, agent.local_path);
}

void refuse(InstallPlan& plan, std::string why_not, std::string hint = {}) {
  plan.refused = true;
  plan.why_not = std::move(why_not);
  plan.hint = std::move(hint);
  plan.changes.clear();
  plan.action = InstallPlan::Action::none;
}

void refuse(InstallPlan& plan, const Error& error) {
  refuse(plan, error.message, error.hint);
}

// Exit status of git there; nothing if it could not be asked.
std::optional<int> ask_git(const std::string& repo_root, std::vector<std::string> arguments) {
  std::vector<std::string> argv{"git", "-C", repo_root};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto answer = os::run(argv);
  if (!answer) return std::nullopt;
  return answer->exit_status;
}

// A personal file must not become the team's: one that git tracks is refused, one that git would
// offer to add gets a note.
void check_personal(InstallPlan& plan, const HookedAgent& agent, const std::string& repo_root) {
  std::string name(agent.local_path);
  if (ask_git(repo_root, {"ls-files", "--error-unmatch", "--", name}) == 0) {
    refuse(plan, "cannot edit '" + plan.path + "': git tracks it, so it is the team's",
           "without --local the hooks go to your own settings");
    return;
  }
  if (plan.action == InstallPlan::Action::install &&
      ask_git(repo_root, {"check-ignore", "-q", "--", name}) == 1) {
    plan.notes.push_back("git does not ignore " + name + "; to keep it to yourself: echo /" + name +
                         " >> \"$(git rev-parse --git-path info/exclude)\"");
  }
}

FileChange change_of(const std::string& path, Existing existing, std::string after) {
  FileChange change;
  change.path = path;
  change.target = std::move(existing.target);
  change.creates = !existing.exists;
  change.before = std::move(existing.content);
  change.after = std::move(after);
  return change;
}

// Decides what an installation writes and remembers.
Status plan_content(InstallPlan& plan, const HookedAgent& agent, const InstallRecord* record,
                    Existing existing, const std::vector<HookEntry>& entries) {
  CommandTest is_ours = ours(agent);
  HookChange change = TRY(put_hooks(existing.content, plan.path, entries, is_ours));
  bool changed = !existing.exists || change.text != existing.content;
  bool untouched =
      record && existing.exists && fingerprint(existing.content) == record->installed_sha256;
  if (untouched && !changed) return {};
  if (untouched) {
    // Ours, but not up to date: start again from what was there before.
    change = TRY(put_hooks(record->original, plan.path, entries, is_ours));
    plan.original = record->original;
    plan.created = change.created;
    plan.file_created = record->file_created;
  } else if (record && existing.exists && !changed) {
    return {};  // somebody changed other things since; what the record says of ours still holds
  } else {
    const CreatedParts* created = record ? &record->created : nullptr;
    if (existing.exists) {
      plan.original = TRY(remove_hooks(existing.content, plan.path, is_ours, created));
    }
    plan.created = change.created;
    if (created) plan.created.add(*created);
    plan.file_created = !existing.exists || (record && record->file_created);
  }
  plan.installed_sha256 = fingerprint(change.text);
  if (changed) plan.changes.push_back(change_of(plan.path, std::move(existing), change.text));
  return {};
}

bool uses(const InstallRecord& record, const StoreUse& store) {
  return std::any_of(record.stores.begin(), record.stores.end(),
                     [&](const StoreUse& use) { return use.same_store(store); });
}

std::vector<StoreUse> others(const InstallRecord& record, const StoreUse& store) {
  std::vector<StoreUse> left;
  for (const StoreUse& use : record.stores) {
    if (!use.same_store(store)) left.push_back(use);
  }
  return left;
}

void note_other_users(InstallPlan& plan, const std::vector<StoreUse>& stores) {
  constexpr size_t kMostNamed = 5;
  std::string note = "the hooks stay: other repositories record with them: ";
  for (size_t i = 0; i < stores.size() && i < kMostNamed; ++i) {
    if (i) note += ", ";
    note += stores[i].path;
    if (!os::exists(stores[i].path)) note += " (not there now)";
  }
  if (stores.size() > kMostNamed) {
    note += " and " + std::to_string(stores.size() - kMostNamed) + " more";
  }
  plan.notes.push_back(std::move(note));
  plan.notes.push_back("to remove them for all repositories: baton uninstall --all");
}

// What a user has to do or know for hooks to run.
void note_obstacles(InstallPlan& plan, const HookState& state) {
  for (const std::string& blocker : state.blockers) plan.notes.push_back(blocker);
  if (plan.agent != "codex") return;
  bool trusted = plan.changes.empty() &&
                 std::none_of(state.events.begin(), state.events.end(), [](const EventHook& hook) {
                   return hook.registered && hook.trust != HookTrust::trusted;
                 });
  if (!trusted) {
    plan.notes.push_back(
        "Codex runs no hook before you have reviewed it: start codex, enter /hooks, trust baton's");
  }
}

Status check_binary(const std::string& binary) {
  bool control = std::any_of(binary.begin(), binary.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!binary.starts_with('/')) {
    return fail(ErrorKind::usage, "the hooks need baton's absolute path, not '" + binary + "'");
  }
  if (control || !is_utf8(binary)) {
    return fail(ErrorKind::usage, "a path such as '" + binary + "' cannot stand in a hook",
                "move baton to a folder whose name is plain text");
  }
  return {};
}

Result<InstallPlan> start_plan(std::string_view id, Scope scope, const std::string& repo_root,
                               const StoreUse& store, const Places& places) {
  const HookedAgent* agent = find_hooked_agent(id);
  if (!agent) return fail(ErrorKind::usage, "no installer for agent '" + std::string(id) + "'");
  if (scope == Scope::local && repo_root.empty()) {
    return fail(ErrorKind::usage, "personal settings of a project need a project");
  }
  InstallPlan plan;
  plan.agent = id;
  plan.scope = scope;
  plan.store = store;
  plan.path = config_path(*agent, scope, repo_root, places);
  plan.found = agent_found(id, places);
  return plan;
}

// ---------------------------------------------------------------- doing it

Status write_change(const FileChange& change, InstallRecord* record, Scope scope) {
  if (change.removes) return os::remove_file(change.target);
  mode_t mode = os::kPrivateFile;
  if (change.creates) {
    // In a project others may have to look into the folder.
    mode_t folder_mode = scope == Scope::local ? 0755 : os::kPrivateDir;
    std::string folder(os::dirname(change.target));
    std::vector<std::string> made = TRY(make_folders(folder, folder_mode));
    if (record) record->folders.insert(record->folders.end(), made.begin(), made.end());
  } else {
    mode = TRY(os::stat_file(change.target)).permissions;
  }
  return os::replace_file(change.target, change.after, mode, true);
}

Status check_unchanged(const InstallPlan& plan) {
  Existing now = TRY(look_at(plan.path));
  std::string seen = now.exists ? fingerprint(now.content) : "";
  if (seen == plan.seen_sha256) return {};
  return fail(ErrorKind::negative, "'" + plan.path + "' was changed just now",
              "nothing was written; try again");
}

Status install(const InstallPlan& plan, InstallState& state, const SaveState& save) {
  InstallState before = state;
  InstallRecord* record = state.find(plan.path);
  if (!record) {
    state.records.emplace_back();
    record = &state.records.back();
    record->agent = plan.agent;
    record->scope = plan.scope;
    record->path = plan.path;
  }
  if (!plan.installed_sha256.empty()) {
    record->original = plan.original;
    record->file_created = plan.file_created;
    record->installed_sha256 = plan.installed_sha256;
    record->created = plan.created;
  }
  record->binary = plan.binary;
  record->time = format_utc(os::now());
  std::erase_if(record->stores, [&](const StoreUse& use) { return use.same_store(plan.store); });
  record->stores.push_back(plan.store);
  if (plan.changes.empty()) return {};
  // The way back is on the disk before the file changes.
  TRY(save());
  for (const FileChange& change : plan.changes) {
    auto written = write_change(change, record, plan.scope);
    if (written) continue;
    remove_empty_folders(record->folders);
    state = std::move(before);
    TRY(save());
    return written;
  }
  return {};
}

Status uninstall(const InstallPlan& plan, InstallState& state) {
  for (const FileChange& change : plan.changes) TRY(write_change(change, nullptr, plan.scope));
  if (const InstallRecord* record = state.find(plan.path)) remove_empty_folders(record->folders);
  state.remove(plan.path);
  return {};
}

}  // namespace

std::string_view to_string(Scope scope) {
  return scope == Scope::local ? "local" : "user";
}

Places Places::of_environment() {
  Places places;
  places.home = os::home_directory();
  places.claude_folder = os::env("CLAUDE_CONFIG_DIR").value_or(os::join(places.home, ".claude"));
  places.codex_folder = os::env("CODEX_HOME").value_or(os::join(places.home, ".codex"));
  places.state_folder = os::env("XDG_STATE_HOME").value_or(os::join(places.home, ".local/state"));
  // The specification has relative ones ignored.
  if (!places.state_folder.starts_with('/')) {
    places.state_folder = os::join(places.home, ".local/state");
  }
  places.search_path = os::env("PATH").value_or("");
  places.system_folder = "/etc";
  return places;
}

bool agent_found(std::string_view id, const Places& places) {
  const HookedAgent* agent = find_hooked_agent(id);
  if (!agent) return false;
  return os::is_directory(agent->folder(places)) || !find_program(agent->program, places).empty();
}

std::string hook_binary(const Places& places) {
  std::string own = os::program_path();
  std::string named = find_program(os::basename(own), places);
  if (named.empty()) return own;
  auto leads_to = os::real_path(named);
  return leads_to && *leads_to == own ? named : own;
}

Result<InstallPlan> plan_install(std::string_view id, const InstallOptions& options,
                                 const Places& places) {
  TRY(check_binary(options.binary));
  InstallPlan plan = TRY(start_plan(id, options.scope, options.repo_root, options.store, places));
  const HookedAgent& agent = *find_hooked_agent(id);
  if (!plan.found) {
    plan.why_not = std::string(agent.name) + " is not here: no folder '" + agent.folder(places) +
                   "', no program '" + std::string(agent.program) + "' in PATH";
    return plan;
  }
  plan.action = InstallPlan::Action::install;
  plan.binary = options.binary;
  if (options.scope == Scope::local) check_personal(plan, agent, options.repo_root);
  if (plan.refused) return plan;
  InstallState state = TRY(read_install_state(places));
  const InstallRecord* record = state.find(plan.path);
  Existing existing = TRY(look_at(plan.path));
  if (existing.exists) plan.seen_sha256 = fingerprint(existing.content);
  if (!existing.why_not.empty()) {
    refuse(plan, existing.why_not, existing.hint);
    return plan;
  }
  std::vector<HookEntry> entries = hook_entries(agent, options.binary, places);
  if (auto done = plan_content(plan, agent, record, std::move(existing), entries); !done) {
    refuse(plan, done.error());
    return plan;
  }
  InspectOptions inspect_options{options.scope, options.repo_root, options.binary};
  note_obstacles(plan, TRY(inspect(id, inspect_options, places)));
  bool nothing = plan.changes.empty() && record && uses(*record, options.store) &&
                 plan.installed_sha256.empty() && record->binary == options.binary;
  if (nothing) plan.action = InstallPlan::Action::none;
  return plan;
}

Result<InstallPlan> plan_uninstall(std::string_view id, const UninstallOptions& options,
                                   const Places& places) {
  InstallPlan plan = TRY(start_plan(id, options.scope, options.repo_root, options.store, places));
  const HookedAgent& agent = *find_hooked_agent(id);
  InstallState state = TRY(read_install_state(places));
  const InstallRecord* record = state.find(plan.path);
  plan.all_users = options.all;
  bool shared = options.scope == Scope::user && !options.all;
  if (record && shared) {
    std::vector<StoreUse> left = others(*record, options.store);
    if (!left.empty()) {
      bool listed = uses(*record, options.store);
      plan.action = listed ? InstallPlan::Action::release : InstallPlan::Action::none;
      note_other_users(plan, left);
      return plan;
    }
  }
  Existing existing = TRY(look_at(plan.path));
  if (existing.exists) plan.seen_sha256 = fingerprint(existing.content);
  if (existing.exists && existing.why_not.empty()) {
    CommandTest is_ours = ours(agent);
    bool untouched = record && fingerprint(existing.content) == record->installed_sha256;
    std::string after;
    if (untouched) {
      after = record->original;
    } else {
      auto cut =
          remove_hooks(existing.content, plan.path, is_ours, record ? &record->created : nullptr);
      if (!cut) {
        refuse(plan, cut.error());
        return plan;
      }
      after = std::move(*cut);
    }
    if (after != existing.content) {
      if (!record && shared) {
        plan.notes.push_back("the hooks in '" + plan.path +
                             "' stay: no record tells which other repositories use them");
        plan.notes.push_back("to remove them for all repositories: baton uninstall --all");
        return plan;
      }
      FileChange change = change_of(plan.path, std::move(existing), std::move(after));
      change.removes = record && record->file_created && is_empty_config(change.after);
      if (change.removes) change.after.clear();
      plan.changes.push_back(std::move(change));
    }
  } else if (existing.exists && record) {
    refuse(plan, existing.why_not, existing.hint);
    return plan;
  }
  if (record || !plan.changes.empty()) plan.action = InstallPlan::Action::uninstall;
  return plan;
}

Status apply(const InstallPlan& plan, const Places& places) {
  if (plan.refused) return fail(ErrorKind::negative, plan.why_not, plan.hint);
  if (plan.action == InstallPlan::Action::none) return {};
  return with_install_state(places, [&](InstallState& state, const SaveState& save) -> Status {
    if (plan.action != InstallPlan::Action::release) TRY(check_unchanged(plan));
    InstallRecord* record = state.find(plan.path);
    switch (plan.action) {
      case InstallPlan::Action::install:
        return install(plan, state, save);
      case InstallPlan::Action::uninstall: {
        // Another repository may have come to need the hooks since the plan was made.
        bool needed = record && plan.scope == Scope::user && !plan.all_users &&
                      !others(*record, plan.store).empty();
        if (needed) return fail(ErrorKind::negative, "another repository uses the hooks by now");
        return uninstall(plan, state);
      }
      case InstallPlan::Action::release:
        if (record) record->stores = others(*record, plan.store);
        return {};
      case InstallPlan::Action::none:
        break;
    }
    return {};
  });
}

}  // namespace baton::agents
