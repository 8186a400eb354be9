// `baton fork`: a new worktree on a new branch, with the files of an earlier moment.

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/exit.h"
#include "cli/rollback.h"
#include "cli/target.h"
#include "git/attributes.h"
#include "git/branches.h"
#include "git/config.h"
#include "git/head.h"
#include "git/object_reader.h"
#include "git/repository.h"
#include "git/repository_changes.h"
#include "index/contents.h"
#include "index/state.h"
#include "os/env.h"
#include "os/file.h"
#include "record/record.h"
#include "render/json.h"
#include "render/text.h"
#include "rollback/obstacles.h"

namespace baton::cli {
namespace {

struct Plan {
  std::string branch, directory, commit;
  std::vector<rollback::FileChange> changes;   // against the commit
  std::vector<rollback::FileChange> converts;  // as committed, and git may write other bytes
  std::vector<rollback::LeftAlone> left;
};

// "c7f2.14" as part of the name of a branch.
std::string plain_name(std::string_view text) {
  std::string name;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name.empty() ? "fork" : name;
}

std::string free_branch(const git::Repository& repository, const std::string& wanted) {
  auto is_free = [&](const std::string& name) {
    return git::resolve_ref(repository, "refs/heads/" + name).value_or("").empty();
  };
  std::string name = wanted;
  for (int i = 2; !is_free(name); ++i) name = wanted + "-" + std::to_string(i);
  return name;
}

Result<Plan> make_plan(Front& front, index::Index& index, const Target& target) {
  const git::Repository& repository = *front.repository();
  const Invocation& asked = front.asked();
  Plan plan;
  plan.branch = asked.value(OptionId::branch);
  if (plan.branch.empty()) {
    plan.branch = free_branch(repository, "fork-" + plain_name(target.name));
  } else if (!git::is_branch_name(repository, plan.branch)) {
    return fail(ErrorKind::usage, "'" + plan.branch + "' is no name for a branch",
                "git check-ref-format --branch NAME tells which are");
  } else if (!git::resolve_ref(repository, "refs/heads/" + plan.branch).value_or("").empty()) {
    return fail(ErrorKind::usage, "branch '" + plan.branch + "' exists already",
                "give the name of a new branch");
  }
  if (asked.has(OptionId::worktree)) {
    plan.directory = os::normalize(front.cwd(), asked.value(OptionId::worktree));
  } else {
    std::string name =
        std::string(os::basename(repository.worktree_root)) + "-" + plain_name(plan.branch);
    plan.directory = os::join(os::dirname(repository.worktree_root), name);
  }
  auto there = TRY(os::stat_file(plan.directory, true));
  if (there.exists() &&
      (there.type != os::FileType::directory || !TRY(os::list_dir(plan.directory)).empty())) {
    return fail(ErrorKind::usage, "'" + plan.directory + "' is not empty",
                "give another folder: --worktree DIR");
  }
  plan.commit = TRY(index::head_at(index, target.position));
  if (plan.commit.empty() || !git::resolve_commit(repository, plan.commit)) {
    plan.commit = TRY(git::read_head(repository)).commit;
  }
  if (plan.commit.empty()) {
    return fail(ErrorKind::negative, "there is no commit yet that a branch could begin at",
                "make a first commit");
  }
  git::Attributes attributes = git::Attributes::load(repository, git::Config::load(repository));
  std::map<std::string, std::pair<rollback::Version, model::StateEntry>> files;
  for (const auto& entry : TRY(index.git()->tree(plan.commit))) {
    if (entry.mode != "160000") files[entry.path].first = {entry.id, entry.mode};
  }
  for (auto& entry : TRY(index::state_at(index, target.position)).entries) {
    if (entry.mode != "160000") files[entry.path].second = entry;
  }
  for (const auto& [path, sides] : files) {
    const auto& [committed, then] = sides;
    rollback::FileChange change{path, committed, {then.id, then.mode}, {}};
    if (change.now == change.then) {
      if (then.mode != "120000" && attributes.may_convert(path))
        plan.converts.push_back(std::move(change));
      continue;
    }
    std::string_view as_committed = committed.exists() ? "; as it is in the commit" : "";
    if (!rollback::is_safe_path(path)) {
      return fail(ErrorKind::damage, "the record names an impossible path: '" + path + "'");
    }
    if (then.withheld) {
      plan.left.push_back({path, "withheld: it may hold credentials" + std::string(as_committed)});
    } else if (change.then.exists() && !index.contents().get(then.id)) {
      plan.left.push_back(
          {path, index.contents().why_missing(then.id) + std::string(as_committed)});
    } else {
      plan.changes.push_back(std::move(change));
    }
  }
  return plan;
}

// The session whose work the files are of: what its handoff tells is what the next agent needs.
std::string session_of(index::Index& index, const Target& target) {
  auto address = index::resolve(index, target.name.ends_with('^')
                                           ? target.name.substr(0, target.name.size() - 1)
                                           : target.name);
  if (address && !address->session.empty()) return address->session;
  index::SessionFilter filter;
  filter.worktree = target.position.worktree;
  filter.limit = 1;
  auto newest = index::sessions(index, filter);
  return newest && !newest->empty() ? (*newest)[0].address : "";
}

// The files of the moment into the new worktree.
Status write(index::Index& index, Plan& plan) {
  std::erase_if(plan.converts, [&](const rollback::FileChange& change) {
    auto content = os::read_regular(os::join(plan.directory, change.path));
    return content && blob_id(index.store().hash, *content) == change.then.id;
  });
  TRY(rollback::write_files(plan.directory, index, plan.converts));
  if (!plan.converts.empty()) {
    // To git they are what they were: it only has to see that they are.
    std::vector<std::string> paths;
    for (const auto& change : plan.converts) paths.push_back(change.path);
    TRY(git::stage_paths(TRY(git::discover(plan.directory)), paths));
  }
  return rollback::write_files(plan.directory, index, plan.changes);
}

}  // namespace

Result<int> run_fork(Front& front) {
  const Invocation& asked = front.asked();
  TRY(front.place());
  if (!front.repository() || front.repository()->bare) {
    return fail(ErrorKind::negative, "a fork needs a git repository with files");
  }
  Ground ground = TRY(Ground::look(front, "fork"));
  index::Index& index = ground.index();
  Target target = TRY(parse_target(front, index, asked.words[0]));
  if (!target.revision.empty()) {
    return fail(ErrorKind::usage, "'" + target.name + "' is a revision of git's",
                "git worktree add does that");
  }
  Plan plan = TRY(make_plan(front, index, target));
  bool dry = asked.has(OptionId::dry_run);
  std::string session = session_of(index, target);
  if (!dry) {
    TRY(git::add_worktree(*front.repository(), plan.directory, plan.branch, plan.commit));
    if (auto written = write(index, plan); !written) {
      git::drop_worktree(*front.repository(), plan.directory, plan.branch, plan.commit);
      return std::unexpected(written.error());
    }
    json::Writer payload;
    payload.begin_object().member("id", hex(os::random_bytes(8))).member("name", plan.branch);
    payload.member("target", target.name).member("session", session).end_object();
    TRY(record::record_own(plan.directory, "notes", index::kForkEvent, payload.text()));
  }
  std::string handoff = session.empty() ? "" : "baton handoff " + session;
  if (front.json()) {
    render::JsonAnswer answer("fork");
    json::Writer& json = answer.writer();
    json.member("done", !dry).member("dry_run", dry).member("target", target.name);
    json.member("what", target.what).member("worktree", plan.directory);
    json.member("branch", plan.branch).member("commit", plan.commit);
    json.member("files", plan.changes.size());
    render::optional_member(json, "session", session);
    render::optional_member(json, "handoff", handoff);
    json.key("left").begin_array();
    for (const auto& each : plan.left) {
      json.begin_object().member("path", each.path).member("reason", each.reason).end_object();
    }
    json.end_array();
    front.out().write(answer.finish(front.style()));
    return kFine;
  }
  auto shown = [&](std::string_view text) { return render::clean(front.style(), text); };
  std::string text = (dry ? "would fork: " : "forked: ") + shown(target.what) + "\n";
  text += "  branch   " + shown(plan.branch) + " at " + plan.commit.substr(0, 7) + "\n";
  text += "  files    " + shown(plan.directory) + "\n";
  text += "  differ from the commit in " +
          render::count(static_cast<int64_t>(plan.changes.size()), "file") + "\n";
  for (const auto& each : plan.left) {
    text += "  left out " + shown(each.path) + "  " + each.reason + "\n";
  }
  if (!handoff.empty()) text += "  what was done so far: " + handoff + "\n";
  front.out().write(text);
  return kFine;
}

}  // namespace baton::cli
