#include "cli/rollback.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "cli/changes.h"
#include "cli/exit.h"
#include "git/index_file.h"
#include "git/repository.h"
#include "git/repository_changes.h"
#include "index/queries.h"
#include "os/env.h"
#include "os/file.h"
#include "os/terminal.h"
#include "record/record.h"
#include "render/handoff_markdown.h"
#include "render/rollback.h"
#include "render/text.h"
#include "rollback/notices.h"

namespace baton::cli {
namespace {

constexpr int kMaxAncestors = 64;

bool is_ancestor(int pid) {
  if (pid <= 1) return false;
  int current = os::process_id();
  for (int i = 0; i < kMaxAncestors && current > 1; ++i) {
    auto info = os::process_info(current);
    if (!info) return false;
    current = info->parent;
    if (current == pid) return true;
  }
  return false;
}

// Commands that may be writing right now. An agent's own call of baton is none.
Result<std::vector<model::Step>> running_commands(index::Index& index,
                                                  const std::string& worktree) {
  std::vector<model::Step> running;
  for (index::OpenCommand& open : TRY(index::open_commands(index, worktree))) {
    bool own = open.step.command.find("baton") != std::string::npos && is_ancestor(open.pid);
    if (!own) running.push_back(std::move(open.step));
  }
  return running;
}

std::vector<render::FileChange> with_contents(index::Index& index, const rollback::Plan& plan,
                                              bool with_marks) {
  std::vector<render::FileChange> files;
  auto add = [&](const rollback::FileChange& change) {
    render::FileChange file;
    file.path = change.path;
    file.old_mode = change.now.mode;
    file.new_mode = change.then.mode;
    file.old_id = change.now.id;
    file.new_id = change.then.id;
    if (change.now.exists())
      file.old_content = load_content(index, change.now.id, false, file.note);
    if (change.content) {
      file.new_content = change.content;
    } else if (change.then.exists()) {
      file.new_content = load_content(index, change.then.id, false, file.note);
    }
    files.push_back(std::move(file));
  };
  for (const auto& change : plan.changes) add(change);
  if (with_marks) {
    for (const auto& conflict : plan.conflicts) {
      if (conflict.with_marks) add(*conflict.with_marks);
    }
    std::ranges::sort(files, {}, &render::FileChange::path);
  }
  return files;
}

struct Refusal {
  std::string reason, hint;
};

bool has_marks(const rollback::Conflict& conflict) {
  return conflict.with_marks.has_value();
}

bool differs(const rollback::Plan& plan) {
  return std::ranges::any_of(plan.left, &rollback::LeftAlone::differs);
}

// Why the plan is not carried out, "" if it may be.
Refusal refusal_of(const Front& front, const rollback::Plan& plan, const Intent& intent,
                   const std::vector<model::Step>& running) {
  bool forced = front.asked().has(OptionId::force);
  if (!plan.obstacles.empty()) {
    return {"files that are not recorded are in the way; nothing was changed",
            "move them away, or leave their paths out with -- ':!PATH'"};
  }
  if (!plan.thinned.empty()) {
    return {"contents were thinned for the budget; nothing was changed",
            "choose another moment, or leave their paths out with -- ':!PATH'"};
  }
  if (!plan.conflicts.empty() && !front.asked().has(OptionId::merge)) {
    bool undo = intent.deed.kind == "undo" || intent.deed.kind == "redo";
    bool some = std::ranges::any_of(plan.conflicts, has_marks);
    std::string hint = some ? "--merge writes both into the files, between conflict markers"
                            : "leave such paths out with -- ':!PATH'";
    if (undo) hint += "; --force puts the files back as they were";
    return {some ? "the same lines were changed since; nothing was changed"
                 : "the same files were changed since; nothing was changed",
            hint};
  }
  if (!std::ranges::all_of(plan.conflicts, has_marks)) {
    return {"not every conflict can be written with markers; nothing was changed",
            "leave such paths out with -- ':!PATH'"};
  }
  if (intent.refuse_unowned && !plan.unowned.empty() && !forced) {
    return {"work that no step owns would be overwritten or removed; nothing was changed",
            "--force goes on ('baton undo' brings it back), -- PATHSPEC keeps out of it,\n"
            "--session takes back what one session did and nothing else"};
  }
  if (!running.empty() && !forced) {
    return {"a command is still running and may write to the files; nothing was changed",
            "wait for it, or go on with --force: what it changes stays its own"};
  }
  if (intent.deed.kind == "restore" && plan.empty() && differs(plan)) {
    return {"none of it can be brought back; nothing was changed", ""};
  }
  return {};
}

std::string next_name(index::Index& index) {
  int64_t highest = 0;
  if (auto acts = index::acts(index)) {
    for (const index::Act& act : *acts) {
      if (act.event_name == index::kRewindEvent && act.name.starts_with("rewind-")) {
        highest = std::max(highest, parse_int(std::string_view(act.name).substr(7)).value_or(0));
      }
    }
  }
  return "rewind-" + std::to_string(highest + 1);
}

// Git's index follows the files, if that was asked for; a rewind that brought it along takes it
// back with it.
class IndexAlong {
 public:
  IndexAlong(Front& front, const rollback::Plan& plan, const Intent& intent)
      : repository_(front.repository()), undone_(intent.undone) {
    bool asked = front.asked().has(OptionId::index);
    wanted_ = repository_ && (asked || (undone_ && undone_->with_index));
    back_ = undone_ && undone_->with_index && !asked;
    for (const auto& change : plan.changes) paths_.push_back(change.path);
    for (const auto& conflict : plan.conflicts) marked_.push_back(conflict.path);
  }

  Result<std::optional<std::string>> before() {
    if (!wanted_) return std::nullopt;
    std::string lock = git::index_path(*repository_) + ".lock";
    if (os::exists(lock)) {
      return fail(ErrorKind::negative, "git's index is locked; nothing was changed",
                  "when no git runs any more, remove '" + lock + "'");
    }
    std::vector<std::string> all = paths_;
    all.insert(all.end(), marked_.begin(), marked_.end());
    return TRY(git::index_entries(*repository_, all));
  }
  Status follow() {
    if (!wanted_ || paths_.empty()) return {};
    if (!back_) return git::stage_paths(*repository_, paths_);
    std::set<std::string_view> paths(paths_.begin(), paths_.end());
    std::string entries;
    for (const std::string& entry : undone_->index) {
      std::string_view path = std::string_view(entry).substr(entry.find('\t') + 1);
      if (paths.contains(path)) (entries += entry) += '\0';
    }
    return git::set_index_entries(*repository_, paths_, entries);
  }

 private:
  const git::Repository* repository_;
  const index::Act* undone_;
  bool wanted_ = false, back_ = false;
  std::vector<std::string> paths_;
  std::vector<std::string> marked_;  // git's index keeps what it has of them
};

constexpr size_t kMaxNamed = 20;  // steps and paths that an agent is told of

std::string listed(const std::set<std::string>& names, bool quoted) {
  std::string text;
  size_t count = 0;
  for (const std::string& name : names) {
    if (count++ == kMaxNamed)
      return text + " and " + std::to_string(names.size() - kMaxNamed) + " more";
    text += text.empty() ? "" : ", ";
    text += quoted ? render::code_span({}, name, 0) : name;
  }
  return text;
}

// Every agent whose steps changed one of the files is told at its next prompt what happened to
// them.
void tell_agents(Front& front, const Ground& ground, const rollback::Plan& plan,
                 const Intent& intent) {
  index::Index& index = ground.index();
  std::set<std::string> paths;
  for (const auto& change : plan.changes) paths.insert(change.path);
  for (const auto& conflict : plan.conflicts) paths.insert(conflict.path);
  struct Told {
    std::set<std::string> steps, paths;
  };
  std::map<int64_t, Told> sessions;
  for (const model::Change& change : intent.undoes) {
    if (change.owner.step.empty() || !paths.contains(change.path)) continue;
    Told& told = sessions[change.owner.step.session_key];
    told.steps.insert(change.owner.step.address());
    told.paths.insert(change.path);
  }
  if (intent.undoes.empty()) {
    for (const std::string& path : paths) {
      auto versions = index::versions(index, path, ground.worktree().id);
      if (!versions) continue;
      for (const auto& version : *versions) {
        const model::StepRef& step = version.change.owner.step;
        if (!step.empty()) sessions[step.session_key].paths.insert(path);
      }
    }
  }
  for (const auto& [key, told] : sessions) {
    auto session = index::session(index, key);
    if (!session || session->parent_key != 0) continue;
    render::RollbackView view;
    view.kind = intent.deed.kind;
    view.target = intent.deed.target;
    view.what = intent.what;
    view.only = intent.deed.only;
    view.of = intent.deed.of;
    std::string text = "Your user put files of this repository back with baton (" +
                       intent.deed.name + ": " +
                       render::clean(front.style(), render::rollback_subject(view)) + "). ";
    if (!told.steps.empty()) {
      text += "What these steps of yours changed in them no longer holds: " +
              listed(told.steps, false) + ". ";
    }
    text += "Read these files again before you build on them: " + listed(told.paths, true) + ".\n";
    (void)rollback::leave_notice(ground.place().store, session->agent, session->id, text);
  }
}

struct Telling {
  render::RollbackView view;
  Refusal refusal;
  bool with_marks = false;
  bool refused() const { return !refusal.reason.empty(); }
};

// `plan` and `intent` must outlive it.
Result<Telling> tell(Front& front, const Ground& ground, const rollback::Plan& plan,
                     const Intent& intent) {
  index::Index& index = ground.index();
  Telling telling;
  telling.with_marks = front.asked().has(OptionId::merge) && !plan.conflicts.empty();
  render::RollbackView& view = telling.view;
  view.kind = intent.deed.kind;
  view.target = intent.deed.target;
  view.what = intent.what;
  view.only = intent.deed.only;
  view.of = intent.deed.of;
  view.dry_run = front.asked().has(OptionId::dry_run);
  view.plan = &plan;
  view.hunks = intent.hunks;
  view.files = with_contents(index, plan, telling.with_marks);
  view.running = TRY(running_commands(index, ground.worktree().id));
  telling.refusal = refusal_of(front, plan, intent, view.running);
  view.refusal = telling.refusal.reason;
  return telling;
}

// What is told of a plan that is not carried out, because it was not to be, may not be, or would
// change nothing.
std::string undone_text(const render::Style& style, const render::RollbackView& view) {
  std::string text;
  if (view.dry_run || view.refusal.empty()) {
    bool nothing = view.files.empty() && view.plan->conflicts.empty();
    if (!nothing) {
      text = render::rollback_done_text(style, view);
    } else if (!differs(*view.plan)) {
      text = "nothing to do: the files are like that already\n";
    } else if (view.refusal.empty()) {
      text = "nothing to do: what differs stays as it is\n";
    }
  }
  text += render::rollback_hunks_text(style, view);
  return text + render::rollback_trouble_text(style, view);
}

}  // namespace

Result<Ground> Ground::look(Front& front, std::string_view why) {
  Ground ground;
  ground.place_ = TRY(front.place());
  ground.index_ = TRY(front.index());
  ground.worktree_ =
      std::make_unique<worktree::Worktree>(TRY(worktree::open_worktree(*ground.place_)));
  auto looked = record::look_for_reader(ground.place_->root, front.reader_session(),
                                        "{\"for\":\"" + std::string(why) + "\"}");
  if (looked.problem) return std::unexpected(*looked.problem);
  if (looked.recorded) TRY(ground.index_->update());
  ground.now_ = TRY(index::newest(*ground.index_, ground.worktree_->id));
  return ground;
}

Result<Preview> preview(Front& front, const render::Style& style, const Ground& ground,
                        const Planned& planned) {
  Telling telling = TRY(tell(front, ground, planned.plan, planned.intent));
  telling.view.dry_run = true;
  Preview seen;
  seen.text = render::rollback_left_text(style, telling.view) + undone_text(style, telling.view);
  if (telling.refused()) {
    seen.refusal = Error{ErrorKind::negative, telling.refusal.reason, telling.refusal.hint};
  }
  seen.files = std::move(telling.view.files);
  return seen;
}

Result<int> carry_out(Front& front, const Ground& ground, rollback::Plan plan, Intent intent) {
  index::Index& index = ground.index();
  Telling telling = TRY(tell(front, ground, plan, intent));
  render::RollbackView& view = telling.view;
  bool refused = telling.refused();
  if (!front.json()) front.out().write(render::rollback_left_text(front.style(), view));
  if (refused || view.dry_run || view.files.empty()) {
    front.out().write(front.json() ? render::rollback_json(front.style(), view)
                                   : undone_text(front.style(), view));
    if (!refused) return kFine;
    front.out().flush();
    if (front.json()) return kNegative;
    return fail(ErrorKind::negative, telling.refusal.reason, telling.refusal.hint);
  }
  front.out().flush();
  intent.deed.name = next_name(index);
  os::note_interrupts();
  IndexAlong index_along(front, plan, intent);
  intent.deed.index = TRY(index_along.before());
  TRY(rollback::carry_out(ground.place(), ground.worktree(), index, plan, intent.deed,
                          telling.with_marks));
  auto followed = index_along.follow();
  view.name = intent.deed.name;
  tell_agents(front, ground, plan, intent);
  if (front.json()) {
    front.out().write(render::rollback_json(front.style(), view));
  } else {
    front.out().write(render::rollback_done_text(front.style(), view));
    if (telling.with_marks) {
      print_warning("conflict markers are in " +
                    render::count(static_cast<int64_t>(plan.conflicts.size()), "file"));
    }
  }
  front.out().flush();
  if (int signal = os::interrupted()) os::die_of(signal);
  if (!followed) {
    return fail(followed.error().kind,
                "the files are put back, git's index is not: " + followed.error().message);
  }
  return kFine;
}

}  // namespace baton::cli
