#include "worktree/observe.h"

#include <algorithm>

#include "git/head.h"
#include "os/clock.h"
#include "worktree/rules.h"

namespace baton::worktree {
namespace {

using os::FileStat;
using os::FileType;
using store::ManifestEntry;
using store::SkipReason;

}  // namespace

Result<Observer> Observer::open(const store::Store& store, const Worktree& worktree,
                                store::Objects& objects, const Limits& limits) {
  auto manifest = store::Manifest::open(worktree.directory, store.hash);
  if (!manifest) {
    auto readonly = store::Manifest::open_readonly(worktree.directory);
    if (!readonly) return std::unexpected(manifest.error());
    manifest = std::move(readonly);
  }
  return Observer(store, worktree, objects, limits, std::move(*manifest));
}

bool Observer::needs_base() const {
  return !manifest_.info().base_recorded;
}

void Observer::name_path(std::string_view path, std::string_view call) {
  named_.emplace_back(path, call);
}

void Observer::name_result(ToolResult result) {
  results_.push_back(std::move(result));
}

Status Observer::scan_all(Deadline deadline) {
  began_ = os::now();
  if (needs_base()) TRY(seed());
  if (worktree_.repository) {
    store::ManifestInfo info = manifest_.info();
    auto moved = HeadMove::look(worktree_, objects_, info.head, info.tree, deadline);
    if (moved && moved->lost) {
      TRY(begin_anew());
    } else if (moved) {
      head_move_ = std::move(*moved);
    }
  }
  Rules rules = Rules::load(worktree_);
  ScanOptions options;
  options.root = worktree_.root;
  options.never = rules.never;
  options.start = manifest_.info().cursor;
  options.deadline = deadline;
  options.limits = limits_;
  options.list_all = rules.digest != manifest_.info().ignore_digest;
  ignore_digest_ = rules.digest;
  if (!worktree_.repository && needs_base()) {
    options.limits.untracked_folder_files = UINT32_MAX;
  }
  scan_ = scan(manifest_, rules.ignore, options);
  // An ignore file that changed may let in what was kept out: list everything, with the new rules.
  auto is_rule_file = [](const std::string& path) {
    std::string_view name = os::basename(path);
    return name == ".gitignore" || name == ".batonignore";
  };
  if (!options.list_all && std::ranges::any_of(scan_.candidates, is_rule_file)) {
    options.list_all = true;
    Rules fresh = Rules::load(worktree_);
    scan_ = scan(manifest_, fresh.ignore, options);
  }
  full_ = true;
  return {};
}

std::optional<ManifestEntry> Observer::known(std::string_view path) const {
  auto updated = updates_.find(path);
  if (updated != updates_.end()) {
    if (updated->second.type == FileType::none) return std::nullopt;
    return updated->second;
  }
  return manifest_.find(path);
}

void Observer::update(std::string path, const ManifestEntry& entry) {
  updates_.insert_or_assign(std::move(path), entry);
}

bool Observer::has_news() {
  if (!full_ || needs_base() || !scan_.complete || !scan_.skipped.empty()) return true;
  if (worktree_.repository) {
    store::ManifestInfo info = manifest_.info();
    auto head = git::read_head(*worktree_.repository);
    if (!head || (head->known && head->commit != info.head)) return true;
    auto tail =
        git::read_reflog_tail(*worktree_.repository, {info.reflog_offset, info.reflog_last});
    if (tail && !tail->lines.empty()) return true;
    if (index_moved(info.index_stat)) index_read_ = !read_index_again();
  }
  return std::ranges::any_of(scan_.candidates,
                             [&](const std::string& path) { return is_news(path); });
}

void Observer::remember_index() {
  if (!index_read_) return;
  const FileStat known = manifest_.info().index_stat;
  auto lock = Lock::take(worktree_, 0);
  if (!lock) return;
  auto manifest = store::Manifest::open(worktree_.directory, store_.hash);
  if (!manifest) return;
  store::ManifestInfo info = manifest->info();
  if (!info.base_recorded || info.index_stat != known) return;
  for (const auto& [path, tracked] : updates_) {
    auto entry = manifest->find(path);
    if (!entry || entry->type == FileType::directory) continue;
    entry->tracked = true;
    if (!manifest->set(path, *entry)) return;
  }
  info.index_stat = index_->stat();
  (void)manifest->set_info(info);
}

Result<Observation> Observer::settle(Lock& lock, Deadline deadline) {
  // Another process may have replaced the manifest or changed entries since the scan.
  manifest_ = TRY(store::Manifest::open(worktree_.directory, store_.hash));
  info_ = manifest_.info();
  folders_.clear();
  Observation observation;
  observation.worktree = worktree_.id;
  observation.full = full_;
  observation.complete = full_ ? scan_.complete : true;
  observation.began = full_ ? began_ : os::now();
  observation.seen = scan_.seen;
  observation.known = scan_.known;
  base_pending_ = full_ && !info_.base_recorded;
  // A pass that goes on where another was cut shares its room.
  new_untracked_bytes_ = info_.new_bytes;
  if (full_) TRY(meet_git(observation));
  for (ToolResult& result : results_) TRY(settle_result(result, observation));
  for (const auto& [path, call] : named_) TRY(settle_path(path, observation, call));
  for (const std::string& path : scan_.candidates) {
    if (os::monotonic_us() >= deadline) {
      observation.complete = false;
      break;
    }
    TRY(settle_path(path, observation, {}));
  }
  if (full_) {
    for (const ListedDirectory& listed : scan_.listed) {
      ManifestEntry entry;
      entry.set_stat(listed.stat);
      entry.unsettled = listed.unsettled;
      entry.skipped = listed.skipped;
      // A directory whose files were not all settled must be listed again.
      if (!observation.complete) entry.mtime_ns = entry.ctime_ns = 0;
      update(listed.path, entry);
    }
    for (const Skipped& skipped : scan_.skipped) {
      observation.skipped.push_back(skipped);
      auto before = known(skipped.path);
      bool is_open = before && before->type == FileType::directory &&
                     before->skipped == store::SkipReason::none;
      // Of a known folder, only what is new in it is left out, unless nothing else is in it.
      if (is_open && skipped.reason != store::SkipReason::nested) continue;
      ManifestEntry entry;
      entry.set_stat(os::stat_file(absolute(skipped.path)).value_or(FileStat{}));
      if (entry.type == FileType::none) continue;
      entry.skipped = skipped.reason;
      update(skipped.path, entry);
    }
    info_.complete = observation.complete;
    info_.new_bytes = observation.complete ? 0 : new_untracked_bytes_;
    info_.cursor = observation.complete ? 0 : scan_.cursor;
    if (observation.complete) {
      info_.pass_time_us = began_;
      info_.ignore_digest = ignore_digest_;
    }
    info_changed_ = true;
  }
  if (base_pending_) {
    base_.commit = info_.head;
    base_.tree = info_.tree;
    base_.number = TRY(lock.take_numbers(1));
    observation.base = std::move(base_);
    info_.base_recorded = true;
  }
  if (!observation.transitions.empty()) {
    uint64_t number = TRY(lock.take_numbers(observation.transitions.size()));
    for (Transition& transition : observation.transitions) transition.number = number++;
  }
  if (full_) observation.next_number = TRY(lock.next_number());
  return observation;
}

Status Observer::move_pin() {
  if (!full_ || !info_.pin_due || !worktree_.repository) return {};
  TRY(worktree::move_pin(*worktree_.repository, worktree_.id, info_.tree));
  auto lock = TRY(Lock::take(worktree_, 0));
  manifest_ = TRY(store::Manifest::open(worktree_.directory, store_.hash));
  store::ManifestInfo info = manifest_.info();
  if (std::string_view(info.tree) != info_.tree) return {};
  info.pin_due = false;
  return manifest_.set_info(info);
}

Status Observer::remember() {
  for (const auto& [path, entry] : updates_) {
    if (entry.type == FileType::none) {
      TRY(manifest_.erase(path));
    } else {
      TRY(manifest_.set(path, entry));
    }
  }
  std::vector<std::string> nested;
  for (const Skipped& skipped : scan_.skipped) {
    if (skipped.reason == SkipReason::nested) nested.push_back(skipped.path);
  }
  if (!nested.empty()) TRY(note_nested(worktree_, nested));
  if (info_changed_) TRY(manifest_.set_info(info_));
  return {};
}

}  // namespace baton::worktree
