#include "worktree/observe.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/attributes.h"
#include "git/config.h"
#include "git/head.h"

namespace baton::worktree {
namespace {

using os::FileStat;
using os::FileType;
using store::ManifestEntry;

ManifestEntry seeded_entry(const git::IndexEntry& from) {
  ManifestEntry entry;
  entry.type = from.mode == git::kModeLink ? FileType::link : FileType::regular;
  entry.permissions = from.mode == git::kModeExecutable ? 0100 : 0;
  entry.size = from.size;
  entry.mtime_ns = int64_t{from.mtime_s} * 1'000'000'000 + from.mtime_ns;
  entry.ctime_ns = int64_t{from.ctime_s} * 1'000'000'000 + from.ctime_ns;
  entry.inode = from.inode;
  entry.id = from.id;
  entry.borrowed = true;
  entry.tracked = true;
  return entry;
}

bool is_plain_file(const git::IndexEntry& entry) {
  return entry.stage == 0 && !entry.is_sparse_dir && !entry.skip_worktree && !entry.intent_to_add &&
         (entry.mode == git::kModeFile || entry.mode == git::kModeExecutable ||
          entry.mode == git::kModeLink);
}

}  // namespace

// Begins a manifest from git's index: path, stat data and id of every file that git holds to be
// clean, without looking at one of them. What an earlier process left that died before its base was
// known to be recorded is thrown away: a base record must say all that differs from the commit.
Status Observer::seed() {
  auto lock = TRY(Lock::take(worktree_, 1'000'000));
  manifest_ = TRY(store::Manifest::open(worktree_.directory, store_.hash));
  if (manifest_.info().base_recorded) return {};
  if (!worktree_.repository) {
    if (manifest_.count() > 0) {
      manifest_ = TRY(store::Manifest::build(worktree_.directory, store_.hash, {}));
    }
    return {};
  }
  auto index = TRY(git::IndexFile::open(*worktree_.repository));
  git::Config config = git::Config::load(*worktree_.repository);
  git::Attributes attributes = git::Attributes::load(*worktree_.repository, config);
  git::HeadState head = TRY(git::read_head(*worktree_.repository));
  StagedPaths staged = TRY(staged_paths(worktree_, index, head.commit));
  std::vector<std::string> with_attributes;
  TRY(index.for_each([&](const git::IndexEntry& from) {
    if (from.path.ends_with("/.gitattributes")) {
      with_attributes.emplace_back(os::dirname(from.path));
    }
  }));
  attributes.nested_files(std::move(with_attributes));
  bool converts = attributes.any_conversion_configured();
  std::vector<std::pair<std::string, ManifestEntry>> files;
  files.reserve(index.size_hint());
  TRY(index.for_each([&](const git::IndexEntry& from) {
    if (from.skip_worktree) staged.paths.erase(std::string(from.path));
    if (!is_plain_file(from)) return;
    std::string path(from.path);
    ManifestEntry entry = seeded_entry(from);
    // Not to be taken on trust: what git itself would look at again, what it converts on the way
    // to the disk, and what no commit holds.
    entry.unsettled = index.is_racy(from) || (converts && attributes.may_convert(path));
    if (staged.all || staged.paths.contains(path)) {
      entry.borrowed = false;
      entry.unsettled = true;
    }
    staged.paths.erase(path);
    files.emplace_back(std::move(path), entry);
  }));
  // In the commit, not in the index: gone, unless a look finds it among what git does not track.
  for (const std::string& path : staged.paths) base_.except.push_back({path, {}, {}});
  manifest_ = TRY(store::Manifest::build(worktree_.directory, store_.hash, files));
  store::ManifestInfo info = manifest_.info();
  info.index_stat = index.stat();
  snprintf(info.head, sizeof info.head, "%s", head.commit.c_str());
  snprintf(info.tree, sizeof info.tree, "%s", staged.tree.c_str());
  return manifest_.set_info(info);
}

// What was borrowed cannot be looked up any more: from here on the files' state is told anew.
Status Observer::begin_anew() {
  {
    auto lock = TRY(Lock::take(worktree_, 1'000'000));
    manifest_ = TRY(store::Manifest::open(worktree_.directory, store_.hash));
    store::ManifestInfo info = manifest_.info();
    info.base_recorded = false;
    TRY(manifest_.set_info(info));
  }
  return seed();
}

// Git's own changes since the last whole pass: a moved HEAD, new entries of its log, paths that
// came under its control in folders that are never listed.
Status Observer::meet_git(Observation& observation) {
  if (!worktree_.repository) return {};
  git::ReflogPosition since{info_.reflog_offset, info_.reflog_last};
  if (base_pending_ && info_.reflog_offset == 0) since.offset = git::kReflogEnd;
  if (auto tail = git::read_reflog_tail(*worktree_.repository, since)) {
    reflog_ = std::move(tail->lines);
    info_.reflog_offset = tail->position.offset;
    snprintf(info_.reflog_last, sizeof info_.reflog_last, "%s", tail->position.last.c_str());
  }
  // Unless another process followed HEAD meanwhile.
  if (head_move_.ready && head_move_.move.from_tree == info_.tree) {
    snprintf(info_.head, sizeof info_.head, "%s", head_move_.move.to_commit.c_str());
    snprintf(info_.tree, sizeof info_.tree, "%s", head_move_.move.to_tree.c_str());
    info_.pin_due = true;
    if (!base_pending_ && head_move_.move.from_tree != head_move_.move.to_tree) {
      observation.move = head_move_.move;
    }
  } else {
    head_move_ = {};
  }
  info_.pin_due |= base_pending_;
  if (!index_moved(info_.index_stat)) return {};
  read_index_again();
  info_.index_stat = index_->stat();
  return {};
}

// Whether git's index is another one; then it is open. Damaged or unknown: then only what was known
// is looked at.
bool Observer::index_moved(const FileStat& since) {
  index_ = std::nullopt;
  index_tried_ = false;
  auto now = os::stat_file(git::index_path(*worktree_.repository), true);
  if (now && *now == since) return false;
  return open_index() && index_->stat() != since;
}

// To open it costs more than to look whether it is the one that is known.
bool Observer::open_index() {
  if (!index_tried_ && full_ && worktree_.repository) {
    index_tried_ = true;
    if (auto index = git::IndexFile::open(*worktree_.repository)) index_ = std::move(*index);
  }
  return index_.has_value();
}

// Whether it tells of files that are not known.
bool Observer::read_index_again() {
  std::vector<std::string> fresh;
  auto read = index_->for_each([&](const git::IndexEntry& from) {
    if (!is_plain_file(from)) return;
    auto known_entry = manifest_.find(from.path);
    if (!known_entry) {
      fresh.emplace_back(from.path);
    } else if (!known_entry->tracked && known_entry->type != FileType::directory) {
      known_entry->tracked = true;
      update(std::string(from.path), *known_entry);
    }
  });
  std::vector<std::string> merged;
  std::ranges::set_union(scan_.candidates, fresh, std::back_inserter(merged));
  scan_.candidates = std::move(merged);
  newly_tracked_ = std::move(fresh);
  return !newly_tracked_.empty() || !read;
}

bool Observer::is_tracked(const std::string& path,
                          const std::optional<ManifestEntry>& before) const {
  return before ? before->tracked : std::ranges::binary_search(newly_tracked_, path);
}

// Whether a path is gone because a sparse checkout took it out of the working tree.
bool Observer::left_cone(const std::string& path) {
  if (!open_index()) return false;
  auto entry = index_->find(path);
  if (!entry) return false;
  if (*entry) return (*entry)->skip_worktree;
  // A folder outside the cone stands in a sparse index as one entry.
  for (size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    auto folder = index_->find(path.substr(0, slash + 1));
    if (folder && *folder && (*folder)->is_sparse_dir) return true;
  }
  return false;
}

// The id that git has for a file which it holds to be clean though its bytes are others: then it
// converts the file on the way (line ends, filters).
ObjectId Observer::conversion_id(const std::string& path, const FileStat& st) {
  if (!open_index()) return {};
  auto entry = index_->find(path);
  if (!entry || !*entry || !git::stat_matches(**entry, st) || index_->is_racy(**entry)) return {};
  return (*entry)->id;
}

bool Observer::came_with_head(const std::string& path, const ObjectId& id) const {
  if (!head_move_.ready) return false;
  auto arrived = head_move_.arrived.find(path);
  return arrived != head_move_.arrived.end() && arrived->second == id;
}

}  // namespace baton::worktree
