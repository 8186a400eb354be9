#include "rollback/plan.h"

#include <algorithm>
#include <map>
#include <ranges>
#include <set>

#include "base/bytes.h"
#include "git/ignore.h"
#include "git/index_file.h"
#include "index/contents.h"
#include "index/left_out.h"
#include "index/nearest.h"
#include "index/queries.h"
#include "index/state.h"
#include "os/env.h"
#include "os/file.h"
#include "rollback/conversions.h"
#include "rollback/obstacles.h"
#include "rollback/three_way.h"
#include "store/manifest.h"
#include "worktree/rules.h"

namespace baton::rollback {
namespace {

constexpr std::string_view kRewindRule = "rewind";
// A kernel stamps files with the time of its last tick.
constexpr Micros kTick = 4'000;
constexpr std::string_view kAfterTool = "right after a tool";

bool is_file_mode(const std::string& mode) {
  return mode.empty() || mode == "100644" || mode == "100755" || mode == "120000";
}

bool is_rule_file(std::string_view path) {
  std::string_view name = os::basename(path);
  return name == ".gitignore" || name == ".batonignore";
}

// What a state ignores, asked from its own ignore files where they differ from those on disk.
class RulesThen {
 public:
  ~RulesThen() {
    if (!folder_.empty()) (void)os::remove_tree(folder_);
  }

  // `changes`: how the files become the state's.
  Status load(const Here& here, const std::vector<FileChange>& changes) {
    std::set<std::string> changed;
    for (const FileChange& change : changes) {
      if (is_rule_file(change.path)) changed.insert(change.path);
    }
    if (changed.empty()) return {};
    folder_ = os::join(here.worktree->directory, "rules." + hex(os::random_bytes(4)));
    TRY(os::make_dirs(folder_));
    auto put = [&](const std::string& path, const std::string& content) -> Status {
      std::string full = os::join(folder_, path);
      TRY(os::make_dirs(std::string(os::dirname(full))));
      return os::replace_file(full, content);
    };
    for (const FileChange& change : changes) {
      if (!changed.contains(change.path) || !change.then.exists()) continue;
      if (change.then.mode == "120000") continue;
      TRY(put(change.path, TRY(here.index->contents().get(change.then.id))));
    }
    for (const FileChange& change : changes) {
      // Those that stay count too: of every folder above a file in question.
      std::string_view folder = os::dirname(change.path);
      for (;;) {
        for (const char* name : {".gitignore", ".batonignore"}) {
          std::string path = folder == "." ? name : os::join(folder, name);
          if (changed.contains(path) || !asked_.insert(path).second) continue;
          auto content = os::read_regular(os::join(here.worktree->root, path), 1 << 20);
          if (content) TRY(put(path, *content));
        }
        if (folder == ".") break;
        folder = os::dirname(folder);
      }
    }
    ignore_.emplace(git::Ignore::load_plain(folder_, {".gitignore", ".batonignore"}));
    return {};
  }
  bool ignored(const std::string& path) { return ignore_ && ignore_->ignored(path, false); }

 private:
  std::string folder_;
  std::set<std::string> asked_;
  std::optional<git::Ignore> ignore_;
};

// Where a file's earlier version stands on the timeline.
struct Point {
  int64_t q = 0;
  Micros time = 0;  // 0: not known
};

class Planner {
 public:
  Planner(const Here& here, const index::Pathspec& paths)
      : here_(here), paths_(paths), left_out_then_(*here.index, here.worktree->id) {}

  // What is wanted is recorded with all that it replaces, whatever is ignored by now.
  void take_back_own() { own_ = true; }

  // `point`: when `then` was, unless it is known that nothing else lay there.
  void want(std::string path, Version now, Version then, bool withheld,
            std::optional<std::string> content = {}, std::optional<Point> point = {}) {
    if (now == then || !paths_.matches(path)) return;
    if (!is_file_mode(now.mode) || !is_file_mode(then.mode)) return;
    if (withheld) {
      plan_.left.push_back({std::move(path), "withheld: it may hold credentials", true});
      return;
    }
    if (point && !then.exists()) points_[path] = *point;
    wanted_.push_back({std::move(path), std::move(now), std::move(then), std::move(content)});
  }
  Plan& plan() { return plan_; }

  // Sorts out what cannot or must not be done.
  Result<Plan> finish() {
    TRY(open_manifest());
    worktree::Rules rules = worktree::Rules::load(*here_.worktree);
    RulesThen then;
    TRY(then.load(here_, wanted_));
    for (FileChange& change : wanted_) {
      std::string reason = TRY(why_left(change, rules, then));
      if (reason.empty() && TRY(is_missing(change, reason))) {
        if (here_.index->contents().thinned(change.then.id)) {
          std::string kept =
              index::nearest_kept(*here_.index, here_.worktree->id, change.path, change.then.id);
          plan_.thinned.push_back(
              {change.path, reason + (kept.empty() ? "" : "; kept: " + kept), true});
          continue;
        }
      }
      if (reason.empty()) {
        plan_.changes.push_back(std::move(change));
      } else {
        plan_.left.push_back({change.path, reason, true});
      }
    }
    std::ranges::sort(plan_.changes, {}, &FileChange::path);
    std::ranges::sort(plan_.thinned, {}, &LeftAlone::path);
    auto skipped = TRY(index::left_out(*here_.index, here_.worktree->id));
    for (const model::Skipped& each : skipped) {
      if (paths_.matches(each.path) && !is_left(each.path)) {
        plan_.left.push_back({each.path, each.reason, false});
      }
    }
    std::ranges::sort(plan_.left, {}, &LeftAlone::path);
    TRY(find_obstacles(here_, plan_));
    return std::move(plan_);
  }

 private:
  bool is_left(const std::string& path) const {
    return std::ranges::find(plan_.left, path, &LeftAlone::path) != plan_.left.end();
  }

  Status open_manifest() {
    auto manifest = store::Manifest::open_readonly(here_.worktree->directory);
    if (manifest) manifest_.emplace(std::move(*manifest));
    return {};
  }

  // "" if the change may be made.
  Result<std::string> why_left(const FileChange& change, worktree::Rules& rules, RulesThen& then) {
    auto entry = manifest_ ? manifest_->find(change.path) : std::nullopt;
    if (entry && entry->type != os::FileType::directory &&
        entry->skipped != store::SkipReason::none) {
      return std::string(store::to_string(entry->skipped));
    }
    if (!own_ && change.now.exists()) {
      std::string reason;
      if (rules.ignore.ignored(change.path, false)) {
        reason = "ignored";
      } else if (!change.then.exists() && then.ignored(change.path)) {
        reason = "ignored then";
      }
      if (!reason.empty() && !is_in_index(change.path)) return reason;
    }
    if (auto point = points_.find(change.path); point != points_.end() && change.now.exists()) {
      return TRY(left_out_then_.reason(change.path, point->second.q, point->second.time));
    }
    return "";
  }

  bool is_in_index(const std::string& path) {
    if (!git_index_ && here_.worktree->repository) {
      auto opened = git::IndexFile::open(*here_.worktree->repository);
      if (!opened) return false;
      git_index_.emplace(std::move(*opened));
    }
    if (!git_index_) return false;
    auto found = git_index_->find(path);
    return found && *found;
  }

  // Whether the content that is to come cannot be had; `reason` says why.
  Result<bool> is_missing(const FileChange& change, std::string& reason) {
    if (!change.then.exists() || change.content) return false;
    auto content = here_.index->contents().get(change.then.id);
    if (content) return false;
    if (content.error().kind != ErrorKind::not_found) return std::unexpected(content.error());
    reason = here_.index->contents().why_missing(change.then.id);
    return true;
  }

  const Here& here_;
  const index::Pathspec& paths_;
  index::LeftOutThen left_out_then_;
  std::optional<store::Manifest> manifest_;
  std::optional<git::IndexFile> git_index_;
  bool own_ = false;
  std::vector<FileChange> wanted_;
  std::map<std::string, Point> points_;  // by path
  Plan plan_;
};

Version version_now(const std::optional<model::StateEntry>& entry) {
  return entry ? Version{entry->id, entry->mode} : Version{};
}

bool is_nobodys(const model::Change& change) {
  switch (change.owner.kind) {
    case model::OwnerKind::outside:
      // What a formatter made of a tool's result belongs to it.
      return change.owner.rule != kRewindRule && change.owner.rule != kAfterTool;
    case model::OwnerKind::unknown:
    case model::OwnerKind::before:
      return true;
    case model::OwnerKind::git:
    case model::OwnerKind::step:
      return false;
  }
  return true;
}

void add_owner(std::vector<model::Owner>& owners, const model::Owner& owner) {
  bool known = std::ranges::any_of(owners, [&](const model::Owner& other) {
    return other.kind == owner.kind && other.step == owner.step && other.rule == owner.rule;
  });
  if (!known) owners.push_back(owner);
}

// Which of nobody's changes are still in a file: content that was there before holds what it held
// then, whoever brought it back.
class Work {
 public:
  explicit Work(Version start) { known_.push_back({std::move(start), {}}); }

  void follow(const model::Change& change) {
    Version after{change.after, change.after_mode};
    auto seen = std::ranges::find_if(known_, [&](const auto& each) { return each.first == after; });
    if (seen != known_.end()) {
      now_ = seen->second;
      return;
    }
    if (is_nobodys(change)) now_.push_back(change);
    known_.emplace_back(after, now_);
  }
  const std::vector<model::Change>& left() const { return now_; }

 private:
  std::vector<std::pair<Version, std::vector<model::Change>>> known_;
  std::vector<model::Change> now_;
};

// A file tool's look is at its own paths only: what a person or git had put elsewhere by then was
// seen later. A path's versions up to the first that is of another kind.
std::map<std::string, Version> there_already(const std::vector<model::Change>& since,
                                             Micros moment) {
  std::map<std::string, Version> found;
  std::set<std::string> closed;
  for (const model::Change& change : since) {
    if (closed.contains(change.path)) continue;
    bool others = is_nobodys(change) || change.owner.kind == model::OwnerKind::git;
    bool then = others && change.ctime_ns > 0 && change.ctime_ns / 1000 + kTick <= moment &&
                !change.withheld;
    if (then) {
      found[change.path] = {change.after, change.after_mode};
    } else {
      closed.insert(change.path);
    }
  }
  return found;
}

// Paths at which no file can have been then, though nobody saw it go: no file lies below another.
std::set<std::string> gone_already(const std::vector<model::Change>& since,
                                   const std::map<std::string, Version>& late) {
  std::set<std::string> gone;
  auto files_at = [&](const std::string& path) {
    auto found = late.find(path);
    return found != late.end() && found->second.exists();
  };
  auto each_folder = [](const std::string& path, auto each) {
    for (size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0;
         slash = path.rfind('/', slash - 1)) {
      each(path.substr(0, slash));
    }
  };
  for (const auto& [path, version] : late) {
    if (!version.exists()) continue;
    each_folder(path, [&](std::string folder) { gone.insert(std::move(folder)); });
  }
  for (const model::Change& change : since) {
    if (late.contains(change.path)) continue;
    each_folder(change.path, [&](const std::string& folder) {
      if (files_at(folder)) gone.insert(change.path);
    });
  }
  return gone;
}

void find_unowned(const std::vector<model::Change>& since, Plan& plan) {
  std::map<std::string, Work> works;
  for (const FileChange& change : plan.changes) {
    if (change.now.exists()) works.emplace(change.path, Work(change.then));
  }
  for (const model::Change& change : since) {
    auto work = works.find(change.path);
    if (work != works.end()) work->second.follow(change);
  }
  for (const auto& [path, work] : works) {
    if (work.left().empty()) continue;
    Unowned unowned{path, {}, 0};
    for (const model::Change& change : work.left()) {
      add_owner(unowned.owners, change.owner);
      unowned.last = std::max(unowned.last, change.seen);
    }
    plan.unowned.push_back(std::move(unowned));
  }
}

std::map<std::string, std::vector<model::Change>> by_path(const std::vector<model::Change>& changes,
                                                          const index::Pathspec& paths) {
  std::map<std::string, std::vector<model::Change>> sorted;
  for (const model::Change& change : changes) {
    if (paths.matches(change.path)) sorted[change.path].push_back(change);
  }
  return sorted;
}

// What others did to the path after the newest of the changes.
Result<std::vector<model::Change>> changes_since(const Here& here,
                                                 const std::vector<model::Change>& changes) {
  std::vector<model::Change> since;
  const model::Change& newest = changes.back();
  if (newest.worktree != here.now.worktree) return since;
  auto versions = TRY(index::versions(*here.index, newest.path, here.now.worktree));
  for (auto& version : versions) {
    if (!version.base && version.change.q > changes.front().q) {
      bool own =
          std::ranges::any_of(changes, [&](const auto& c) { return c.q == version.change.q; });
      if (!own) since.push_back(std::move(version.change));
    }
  }
  return since;
}

}  // namespace

Result<Plan> plan_state(const Here& here, const model::Position& target, const When& when,
                        const index::Pathspec& paths) {
  std::optional<Point> point;
  if (target.worktree == here.now.worktree) point = {target.q, when.time};
  std::vector<model::Change> since;
  if (target.worktree == here.now.worktree) {
    since = TRY(index::changes(*here.index, target, here.now));
  }
  auto late = there_already(since, when.late);
  auto gone = gone_already(since, late);
  Planner planner(here, paths);
  for (model::Change& change : TRY(index::state_diff(*here.index, here.now, target))) {
    Version now{change.before, change.before_mode}, then{change.after, change.after_mode};
    if (auto found = late.find(change.path); found != late.end()) {
      then = found->second;
      late.erase(found);
    }
    if (gone.erase(change.path) != 0) then = {};
    planner.want(change.path, now, then, change.withheld, {}, point);
  }
  for (const std::string& path : gone) {
    auto entry = TRY(index::entry_at(*here.index, here.now, path));
    if (entry) planner.want(path, version_now(entry), {}, entry->withheld);
  }
  for (const auto& [path, then] : late) {
    auto entry = TRY(index::entry_at(*here.index, here.now, path));
    planner.want(path, version_now(entry), then, entry && entry->withheld);
  }
  Plan plan = TRY(planner.finish());
  find_unowned(since, plan);
  plan.since = std::move(since);
  return plan;
}

Result<Plan> plan_revision(const Here& here, const std::string& revision,
                           const index::Pathspec& paths) {
  if (!here.index->git()) return fail(ErrorKind::not_found, "no git repository here");
  Planner planner(here, paths);
  SidesByPath files;
  std::set<std::string> withheld;
  auto state = TRY(index::state_at(*here.index, here.now));
  for (const model::StateEntry& entry : state.entries) {
    files[entry.path].first = {entry.id, entry.mode};
    if (entry.withheld) withheld.insert(entry.path);
  }
  for (const index::GitEntry& entry : TRY(here.index->git()->tree(revision))) {
    files[entry.path].second = {entry.id, entry.mode};
  }
  std::erase_if(files, [&](const auto& file) { return !paths.matches(file.first); });
  Conversions conversions(here);
  TRY(conversions.look(files));
  for (auto& [path, sides] : files) {
    std::optional<std::string> content;
    if (!withheld.contains(path)) TRY(conversions.apply(path, sides.first, sides.second, content));
    planner.want(path, sides.first, sides.second, withheld.contains(path), std::move(content));
  }
  return planner.finish();
}

Result<Plan> plan_without(const Here& here, const std::vector<model::Change>& changes,
                          const index::Pathspec& paths, Whose whose,
                          const std::set<size_t>& hunks) {
  Planner planner(here, paths);
  if (whose == Whose::own) planner.take_back_own();
  std::vector<Run> runs = runs_of(changes, paths);
  if (!hunks.empty()) runs = TRY(only_hunks(*here.index, runs, hunks));
  std::map<std::string, std::vector<Run>> runs_by_path;
  for (Run& run : runs) runs_by_path[run.path].push_back(std::move(run));
  for (const auto& [path, of_path] : by_path(changes, paths)) {
    auto own = runs_by_path.find(path);
    if (own == runs_by_path.end()) continue;
    Version start = version_now(TRY(index::entry_at(*here.index, here.now, path)));
    Version now = start;
    std::optional<std::string> content;
    bool withheld = std::ranges::any_of(of_path, &model::Change::withheld);
    if (withheld) {
      planner.plan().left.push_back({path, "withheld: it may hold credentials", true});
      continue;
    }
    std::optional<Conflict> conflict;
    for (const Run& run : std::views::reverse(own->second)) {
      auto taken = take_back(*here.index, run, now, content);
      if (!taken && taken.error().kind == ErrorKind::not_found) {
        planner.plan().left.push_back({path, "content is not recorded", true});
        now = start;
        break;
      }
      if (!taken) return std::unexpected(taken.error());
      if (taken->conflict) {
        conflict = std::move(taken->conflict);
        if (conflict->with_marks) conflict->with_marks->now = start;
        break;
      }
      now = taken->version;
      content = std::move(taken->content);
    }
    if (conflict) {
      conflict->since = TRY(changes_since(here, of_path));
      planner.plan().conflicts.push_back(std::move(*conflict));
    } else {
      std::optional<Point> point;
      const model::Change& first = of_path.front();
      if (whose == Whose::others) point = {first.q - 1, first.seen};
      planner.want(path, start, now, false, std::move(content), point);
    }
  }
  return planner.finish();
}

Result<Plan> plan_before(const Here& here, const std::vector<model::Change>& changes,
                         const index::Pathspec& paths) {
  Planner planner(here, paths);
  planner.take_back_own();
  for (const auto& [path, of_path] : by_path(changes, paths)) {
    auto now = version_now(TRY(index::entry_at(*here.index, here.now, path)));
    const model::Change& first = of_path.front();
    planner.want(path, now, {first.before, first.before_mode}, first.withheld);
  }
  return planner.finish();
}

Result<Plan> plan_last_seen(const Here& here, const index::Pathspec& paths) {
  index::Index& index = *here.index;
  struct Lost {
    model::Change change;  // that took it away
    Version now;
    bool reverted = false;  // to content that it had before
  };
  std::vector<Lost> gone, overwritten;
  bool known = false;
  for (const std::string& path : TRY(index::changed_paths(index))) {
    if (!paths.matches(path)) continue;
    Version now = version_now(TRY(index::entry_at(index, here.now, path)));
    auto versions = TRY(index::versions(index, path, here.now.worktree));
    known = known || !versions.empty();
    for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
      const model::Change& change = version->change;
      if (change.owner.rule == kRewindRule && change.owner.kind == model::OwnerKind::outside) {
        continue;
      }
      Version before{change.before, change.before_mode};
      if (!before.exists() || change.skipped) continue;
      // Brought back already.
      if (before == now) break;
      bool reverted = std::any_of(version + 1, versions.rend(), [&](const auto& older) {
        return older.change.after == change.after;
      });
      reverted = reverted || change.owner.kind == model::OwnerKind::git;
      (now.exists() ? overwritten : gone).push_back({change, now, reverted});
      break;
    }
  }
  auto& lost = gone.empty() ? overwritten : gone;
  if (lost.empty() && !known) {
    auto matches = [&](const model::StateEntry& entry) { return paths.matches(entry.path); };
    known = std::ranges::any_of(TRY(index::state_at(index, here.now)).entries, matches);
  }
  if (!known) return fail(ErrorKind::not_found, "no such file was ever recorded in this worktree");
  if (lost.empty()) {
    return fail(ErrorKind::negative, "nothing is lost there: the files are as they were last seen",
                "an older version comes back with --source TARGET");
  }
  // Files that went at different times went for different reasons: only the newest ones come back.
  const Lost& newest =
      *std::ranges::max_element(lost, {}, [](const Lost& each) { return each.change.seen; });
  model::Change last = newest.change;
  if (!gone.empty()) {
    // `git stash -u` takes files away and others back.
    for (Lost& each : overwritten) {
      if (each.reverted) gone.push_back(std::move(each));
    }
  }
  Planner planner(here, paths);
  for (const Lost& each : lost) {
    bool same_step = last.owner.kind == model::OwnerKind::step && !last.owner.step.empty() &&
                     each.change.owner.step == last.owner.step;
    if (each.change.seen != last.seen && !same_step) continue;
    planner.want(each.change.path, each.now, {each.change.before, each.change.before_mode},
                 each.change.withheld);
  }
  return planner.finish();
}

}  // namespace baton::rollback
