// `baton init` and `baton uninstall`: the store, and the hooks of the agents that are found.

#include <algorithm>

#include "agents/agent.h"
#include "agents/install.h"
#include "agents/skill.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "git/object_reader.h"
#include "git/repository.h"
#include "git/repository_changes.h"
#include "os/clock.h"
#include "os/env.h"
#include "os/file.h"
#include "record/record.h"
#include "render/text.h"
#include "worktree/head_move.h"

namespace baton::cli {
namespace {

using agents::InstallPlan;
using render::Look;

// One agent's part of an installation or a removal, and what became of it.
struct Part {
  InstallPlan plan;
  std::optional<Error> failed;
};

// An agent's skill, and what became of it.
struct SkillPart {
  std::string agent;
  agents::SkillPlan plan;
  std::optional<Error> failed;
};

std::string home_short(const std::string& path) {
  std::string home = os::home_directory();
  bool inside = home != "/" && path.starts_with(home + "/");
  return render::neutral(inside ? "~" + path.substr(home.size()) : path);
}

std::string display_name(std::string_view id) {
  const agents::Agent* agent = agents::find_agent(id);
  return std::string(agent ? agent->name() : id);
}

// The ids named by --agent, or all.
Result<std::vector<std::string>> wanted_agents(const Invocation& asked) {
  std::vector<std::string> ids;
  for (const std::string& name : asked.values(OptionId::agent)) {
    const agents::Agent* agent = agents::find_agent(name);
    if (!agent) {
      std::vector<std::string_view> known;
      for (const agents::Agent* any : agents::all_agents()) known.push_back(any->id());
      std::string list;
      for (std::string_view id : known) list += (list.empty() ? "" : ", ") + std::string(id);
      std::string_view near = nearest(name, known);
      return fail(ErrorKind::usage, "unknown agent '" + name + "'",
                  (near.empty() ? "" : "did you mean '" + std::string(near) + "'?  ") +
                      std::string("known: ") + list);
    }
    if (std::ranges::find(ids, agent->id()) == ids.end()) ids.emplace_back(agent->id());
  }
  if (ids.empty()) {
    for (std::string_view id : agents::known_agents()) ids.emplace_back(id);
  }
  return ids;
}

std::string_view action_of(const InstallPlan& plan) {
  if (plan.refused || !plan.found) return "none";
  switch (plan.action) {
    case InstallPlan::Action::none:
      return "none";
    case InstallPlan::Action::install:
      return "install";
    case InstallPlan::Action::release:
      return "release";
    case InstallPlan::Action::uninstall:
      return "uninstall";
  }
  return "none";
}

void write_part(json::Writer& json, const Part& part) {
  const InstallPlan& plan = part.plan;
  json.begin_object().member("agent", plan.agent).member("scope", to_string(plan.scope));
  json.member("found", plan.found).member("path", plan.path).member("action", action_of(plan));
  json.key("changes").begin_array();
  for (const agents::FileChange& change : plan.changes) {
    json.begin_object().member("path", change.path);
    if (change.target != change.path) json.member("target", change.target);
    json.member("what", change.creates ? "create" : change.removes ? "remove" : "change");
    json.end_object();
  }
  json.end_array().key("notes").begin_array();
  for (const std::string& note : plan.notes) json.string(note);
  json.end_array();
  if (part.failed) {
    json.member("error", part.failed->message);
    if (!part.failed->hint.empty()) json.member("hint", part.failed->hint);
  }
  json.end_object();
}

// What init or uninstall does to an agent's configuration, in a few words.
std::string what_happens(const InstallPlan& plan, bool removing, bool dry_run) {
  auto tense = [&](const char* done, const char* would) { return dry_run ? would : done; };
  switch (plan.action) {
    case InstallPlan::Action::none:
      return removing ? "nothing to remove" : "hooks are in place";
    case InstallPlan::Action::release:
      return tense("this repository taken off the list", "would take this repository off the list");
    case InstallPlan::Action::install:
      if (plan.changes.empty()) return "hooks are in place";
      return plan.changes[0].creates ? tense("made, with hooks", "would make it, with hooks")
                                     : tense("hooks added", "would add hooks");
    case InstallPlan::Action::uninstall:
      if (plan.changes.empty()) return "no hooks there";
      return plan.changes[0].removes ? tense("removed", "would remove it")
                                     : tense("hooks removed", "would remove hooks");
  }
  return {};
}

// Rows for the parts that have something to say, and their notes and failures below.
void add_rows(render::Table& table, std::string& below, const std::vector<Part>& parts,
              bool removing, bool dry_run, const render::Style& style) {
  for (const Part& part : parts) {
    const InstallPlan& plan = part.plan;
    std::string name = display_name(plan.agent);
    if (part.failed) {
      table.row({{name, Look::agent}, {home_short(plan.path)}, {"failed", Look::bad}});
      below += "\n" + style.paint(Look::bad, render::clean(style, part.failed->message)) + "\n";
      if (!part.failed->hint.empty()) {
        below += render::block(style, render::clean(style, part.failed->hint), "    ");
      }
    } else if (!plan.found && plan.action == InstallPlan::Action::none) {
      table.row({{name, Look::agent}, {"-"}, {"not found", Look::faint}});
    } else {
      table.row(
          {{name, Look::agent}, {home_short(plan.path)}, {what_happens(plan, removing, dry_run)}});
    }
    for (const std::string& note : plan.notes) {
      below += "\n" + render::block(style, render::clean(style, note), "");
    }
  }
}

// Applies what can be applied; notes what failed.
void apply_all(std::vector<Part>& parts, const agents::Places& places) {
  for (Part& part : parts) {
    if (part.failed) continue;
    auto applied = agents::apply(part.plan, places);
    if (!applied) part.failed = applied.error();
  }
}

int worst(const std::vector<Part>& parts) {
  int status = kFine;
  for (const Part& part : parts) {
    if (part.failed) status = std::max(status, exit_status(part.failed->kind));
  }
  return status;
}

std::string_view word_of(agents::SkillPlan::Action action) {
  switch (action) {
    case agents::SkillPlan::Action::none:
      return "none";
    case agents::SkillPlan::Action::create:
      return "create";
    case agents::SkillPlan::Action::change:
      return "change";
    case agents::SkillPlan::Action::remove:
      return "remove";
  }
  return "none";
}

// Skills of the agents that are found (or, `removing`, of those whose hooks go).
std::vector<SkillPart> plan_skills(const std::vector<Part>& parts, bool removing,
                                   const agents::Places& places) {
  std::vector<SkillPart> skills;
  for (const Part& part : parts) {
    bool wanted = removing ? part.plan.action == InstallPlan::Action::uninstall : part.plan.found;
    if (!wanted || part.failed || part.plan.scope != agents::Scope::user) continue;
    SkillPart skill{part.plan.agent, {}, {}};
    auto plan = removing ? agents::plan_skill_removal(part.plan.agent, places)
                         : agents::plan_skill(part.plan.agent, places);
    if (plan) {
      skill.plan = std::move(*plan);
    } else {
      skill.failed = plan.error();
    }
    // Nothing there to remove is not worth a line.
    bool idle = skill.plan.action == agents::SkillPlan::Action::none && skill.plan.note.empty();
    if (!removing || !idle || skill.failed) skills.push_back(std::move(skill));
  }
  return skills;
}

void apply_skills(std::vector<SkillPart>& skills) {
  for (SkillPart& skill : skills) {
    if (skill.failed) continue;
    auto done = agents::apply(skill.plan);
    if (!done) skill.failed = done.error();
  }
}

void write_skills(json::Writer& json, const std::vector<SkillPart>& skills) {
  if (skills.empty()) return;
  json.key("skills").begin_array();
  for (const SkillPart& skill : skills) {
    json.begin_object().member("agent", skill.agent).member("path", skill.plan.path);
    json.member("action", word_of(skill.plan.action));
    if (!skill.plan.note.empty()) json.member("note", skill.plan.note);
    if (skill.failed) json.member("error", skill.failed->message);
    json.end_object();
  }
  json.end_array();
}

void add_skill_rows(render::Table& table, const std::vector<SkillPart>& skills, bool removing,
                    bool dry_run) {
  for (const SkillPart& skill : skills) {
    std::string what;
    switch (skill.plan.action) {
      case agents::SkillPlan::Action::none:
        what = skill.plan.note.empty() ? "skill is in place" : "left alone: " + skill.plan.note;
        break;
      case agents::SkillPlan::Action::create:
        what = dry_run ? "would add the skill" : "skill added";
        break;
      case agents::SkillPlan::Action::change:
        what = dry_run ? "would bring the skill up to date" : "skill brought up to date";
        break;
      case agents::SkillPlan::Action::remove:
        what = dry_run ? "would remove the skill" : "skill removed";
        break;
    }
    if (removing && !skill.plan.note.empty()) what = "skill left alone: " + skill.plan.note;
    if (skill.failed) what = "failed: " + render::neutral(skill.failed->message);
    table.row({{display_name(skill.agent), Look::agent},
               {home_short(skill.plan.path)},
               {what, skill.failed ? Look::bad : Look::plain}});
  }
}

int worst(const std::vector<SkillPart>& skills) {
  int status = kFine;
  for (const SkillPart& skill : skills) {
    if (skill.failed) status = std::max(status, exit_status(skill.failed->kind));
  }
  return status;
}

Part as_part(Result<InstallPlan> plan, const std::string& id) {
  Part part;
  if (!plan) {
    part.plan.agent = id;
    part.failed = plan.error();
    return part;
  }
  part.plan = std::move(*plan);
  if (part.plan.refused) {
    part.failed = Error{ErrorKind::negative, part.plan.why_not, part.plan.hint};
  }
  return part;
}

// Where the store is or will be.
struct StorePlan {
  std::string path, root;
  HashKind hash = HashKind::sha1;
  std::string id;  // "" if it is not there yet
};

Result<StorePlan> plan_store(Front& front) {
  StorePlan plan;
  auto place = front.place();
  if (place) {
    plan.path = (*place)->store.path;
    plan.root = (*place)->root;
    plan.id = (*place)->store.id;
    return plan;
  }
  if (place.error().kind != ErrorKind::no_store) return std::unexpected(place.error());
  if (const git::Repository* repository = front.repository()) {
    if (repository->bare) {
      return fail(ErrorKind::negative, "this repository is bare: it has no files to record",
                  "run 'baton init' in a worktree of it");
    }
    plan.path = os::join(repository->common_dir, "baton");
    plan.root = repository->worktree_root;
    plan.hash = repository->hash;
  } else {
    plan.root = front.cwd();
    plan.path = os::join(plan.root, ".baton");
  }
  return plan;
}

Status drop_record(Front& front, const std::string& store_path) {
  if (const git::Repository* repository = front.repository()) {
    if (auto there = git::ObjectReader(*repository).info(worktree::kPinRef); there) {
      TRY(git::update_ref(*repository, worktree::kPinRef, {}));
    }
    for (const auto& linked : TRY(git::list_worktrees(*repository))) {
      TRY(os::remove_file(os::join(linked.git_dir, worktree::kWorktreeNote)));
    }
  }
  return os::remove_tree(store_path);
}

}  // namespace

Result<int> run_init(Front& front) {
  const Invocation& asked = front.asked();
  const render::Style& style = front.style();
  bool dry_run = asked.has(OptionId::dry_run);
  std::vector<std::string> ids = TRY(wanted_agents(asked));
  if (asked.has(OptionId::skills) && asked.has(OptionId::local)) {
    return fail(ErrorKind::usage,
                "skills go into your user's folders, so --skills takes no --local",
                "run 'baton init --skills'");
  }
  StorePlan store = TRY(plan_store(front));
  bool made = store.id.empty();
  if (!dry_run && made) store.id = TRY(store::create_store(store.path, store.hash)).id;

  agents::Places places = agents::Places::of_environment();
  agents::InstallOptions options;
  options.scope = asked.has(OptionId::local) ? agents::Scope::local : agents::Scope::user;
  options.binary = agents::hook_binary(places);
  options.repo_root = store.root;
  options.store = {store.id, store.path};
  std::vector<Part> parts;
  for (const std::string& id : ids) {
    Part part = as_part(agents::plan_install(id, options, places), id);
    if (!part.failed && !part.plan.found && asked.has(OptionId::agent)) {
      part.failed = Error{ErrorKind::negative, part.plan.why_not, ""};
    }
    parts.push_back(std::move(part));
  }
  std::vector<SkillPart> skills;
  if (asked.has(OptionId::skills)) skills = plan_skills(parts, false, places);
  std::optional<Error> unlooked;
  if (!dry_run) {
    apply_all(parts, places);
    apply_skills(skills);
    // The first look at the files: what is there now was there before any agent.
    if (made) {
      auto looked = record::record_own(store.root, "init", "Init", "{}");
      if (!looked) unlooked = looked.error();
    }
  }
  bool none_found = std::ranges::none_of(parts, [](const Part& p) { return p.plan.found; });

  if (front.json()) {
    json::Writer json;
    json.begin_object().member("baton", 1).member("kind", "init").member("dry_run", dry_run);
    json.key("store").begin_object().member("path", store.path);
    if (!store.id.empty()) json.member("id", store.id);
    json.member("made", made && !dry_run).end_object();
    if (front.repository()) json.member("pin", worktree::kPinRef);
    json.key("agents").begin_array();
    for (const Part& part : parts) write_part(json, part);
    json.end_array();
    write_skills(json, skills);
    json.end_object();
    front.out().write(json.text() + "\n");
  } else {
    std::string below;
    render::Table table;
    table.row({{"store"},
               {home_short(store.path)},
               {!made     ? "there already"
                : dry_run ? "would make it"
                          : "made"}});
    add_rows(table, below, parts, false, dry_run, style);
    add_skill_rows(table, skills, false, dry_run);
    std::string text = table.text(style) + below;
    if (none_found) {
      text += "\nNo agent was found. When there is one, run 'baton init' again.\n";
    } else if (!dry_run) {
      text += "\nAgents that are running now are heard from their next start on.\n";
    }
    if (!dry_run) {
      text += "The record stays on this machine";
      if (front.repository()) {
        text += "; " + std::string(worktree::kPinRef) +
                " keeps what it borrows from git, and\n'git push --mirror' would send that along";
      }
      text +=
          ".\n"
          "pause:  git config baton.off true\n"
          "remove: baton uninstall\n";
    }
    front.out().write(text);
  }
  if (unlooked) print_warning("the files were not looked at yet: " + unlooked->message);
  return std::max(worst(parts), worst(skills));
}

Result<int> run_uninstall(Front& front) {
  const Invocation& asked = front.asked();
  const render::Style& style = front.style();
  bool dry_run = asked.has(OptionId::dry_run);
  std::vector<std::string> ids = TRY(wanted_agents(asked));
  StorePlan store = TRY(plan_store(front));

  agents::Places places = agents::Places::of_environment();
  agents::UninstallOptions options;
  options.repo_root = store.root;
  options.store = {store.id, store.path};
  options.all = asked.has(OptionId::all);
  std::vector<Part> parts;
  auto plan = [&](agents::Scope scope) {
    options.scope = scope;
    for (const std::string& id : ids) {
      Part part = as_part(agents::plan_uninstall(id, options, places), id);
      // The project's own settings are only worth a line if there is something in them.
      bool idle =
          !part.failed && part.plan.action == InstallPlan::Action::none && part.plan.notes.empty();
      if (scope == agents::Scope::local && idle && !asked.has(OptionId::local)) continue;
      parts.push_back(std::move(part));
    }
  };
  if (!asked.has(OptionId::local)) plan(agents::Scope::user);
  plan(agents::Scope::local);
  bool purge = asked.has(OptionId::purge) && !store.id.empty();
  std::vector<SkillPart> skills = plan_skills(parts, true, places);
  std::optional<Error> not_purged;
  if (!dry_run) {
    apply_all(parts, places);
    apply_skills(skills);
    if (purge) {
      auto dropped = drop_record(front, store.path);
      if (!dropped) not_purged = dropped.error();
    }
  }

  if (front.json()) {
    json::Writer json;
    json.begin_object().member("baton", 1).member("kind", "uninstall").member("dry_run", dry_run);
    json.key("store").begin_object().member("path", store.path);
    if (!store.id.empty()) json.member("id", store.id);
    json.member("purged", purge && !dry_run && !not_purged).end_object();
    json.key("agents").begin_array();
    for (const Part& part : parts) write_part(json, part);
    json.end_array();
    write_skills(json, skills);
    json.end_object();
    front.out().write(json.text() + "\n");
  } else {
    std::string below;
    render::Table table;
    std::string fate = store.id.empty() ? "not there"
                       : !purge         ? "kept (--purge deletes it)"
                       : dry_run        ? "would delete it"
                       : not_purged     ? "failed"
                                        : "deleted";
    table.row({{"record"}, {home_short(store.path)}, {fate}});
    add_rows(table, below, parts, true, dry_run, style);
    add_skill_rows(table, skills, true, dry_run);
    front.out().write(table.text(style) + below);
  }
  if (not_purged) return std::unexpected(*not_purged);
  return std::max(worst(parts), worst(skills));
}

}  // namespace baton::cli
