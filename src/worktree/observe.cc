#include "worktree/observe.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/attributes.h"
#include "git/config.h"
#include "git/head.h"
#include "os/clock.h"
#include "secrets/mask.h"
#include "worktree/rules.h"

namespace baton::worktree {
namespace {

using os::FileStat;
using os::FileType;
using store::ManifestEntry;
using store::SkipReason;

// A chain of our own is worth reading as a base only for contents of this size.
constexpr uint64_t kMaxDeltaContent = 4ull << 20;

int64_t now_ns() {
  return os::now() * 1000;
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
  }
  return out;
}

std::vector<std::string_view> sorted_lines(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  std::ranges::sort(lines);
  return lines;
}

// Whether the told texts are what a tool read and wrote, byte for byte, and every line that it
// brought stands in the content on disk.
bool stands_in(const ToolResult& told, std::string_view on_disk) {
  if (!told.before || !told.after || on_disk.size() > kMaxDeltaContent) return false;
  // Of such a content no decoding makes another text.
  if (!is_utf8(on_disk) || contains(on_disk, "\r") || on_disk.starts_with("\xef\xbb\xbf")) {
    return false;
  }
  std::vector<std::string_view> brought;
  std::ranges::set_difference(sorted_lines(*told.after), sorted_lines(*told.before),
                              std::back_inserter(brought));
  return !brought.empty() && std::ranges::includes(sorted_lines(on_disk), brought);
}

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

// One path as it is on disk now.
struct Observer::Look {
  FileStat stat;
  SkipReason skip = SkipReason::none;
  std::string content;
  Version version;  // empty if gone, a directory or skipped
  bool unsettled = false;
  bool withheld = false;
};

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

// The id that stands for a withheld content: it changes with the content and, being keyed with the
// store's own random id, tells nothing about it.
ObjectId Observer::keyed_id(std::string_view content) const {
  return blob_id(store_.hash, "withheld " + store_.id + '\n' + std::string(content));
}

Result<Observer::Look> Observer::look(const std::string& path, bool tracked,
                                      const std::optional<Expected>& expected) {
  Look result;
  std::string full = absolute(path);
  result.stat = TRY(os::stat_file(full));
  switch (result.stat.type) {
    case FileType::none:
    case FileType::directory:
      return result;
    case FileType::fifo:
      result.skip = SkipReason::fifo;
      return result;
    case FileType::socket:
      result.skip = SkipReason::socket;
      return result;
    case FileType::device:
      result.skip = SkipReason::device;
      return result;
    case FileType::link: {
      auto target = os::read_link(full);
      if (!target) {
        result.stat = {};
        return result;
      }
      result.content = std::move(*target);
      result.version = {blob_id(store_.hash, result.content), "120000"};
      return result;
    }
    case FileType::regular:
      break;
  }
  if (result.stat.size > (tracked ? limits_.tracked_file_bytes : limits_.untracked_file_bytes)) {
    result.skip = SkipReason::large;
    return result;
  }
  for (int attempt = 0;; ++attempt) {
    auto content = os::read_regular(full, limits_.tracked_file_bytes);
    if (!content) {
      if (content.error().kind == ErrorKind::not_found) {
        result.stat = {};
      } else {
        result.skip =
            content.error().kind == ErrorKind::limit ? SkipReason::large : SkipReason::unreadable;
      }
      return result;
    }
    result.content = std::move(*content);
    FileStat after = TRY(os::stat_file(full));
    bool same = after == result.stat;
    result.stat = after;
    result.unsettled = !same || now_ns() - after.mtime_ns < kSettleNs;
    if (same || attempt == 1) break;
    if (after.type != FileType::regular) return look(path, tracked);
  }
  result.withheld = secrets::is_credential_file(path);
  ManifestEntry as_entry;
  as_entry.set_stat(result.stat);
  if (result.withheld) {
    as_entry.id = keyed_id(result.content);
  } else if (expected && *expected->content == result.content) {
    as_entry.id = expected->id;
  } else {
    as_entry.id = blob_id(store_.hash, result.content);
  }
  result.version = {as_entry.id, std::string(as_entry.mode())};
  return result;
}

Status Observer::store_content(const Look& now, const ObjectId& base_id, std::string_view base) {
  if (now.withheld) return {};
  if (!base.empty()) {
    return objects_.put(now.version.id, now.content, store::DeltaBase{base_id, base});
  }
  if (!base_id.empty() && now.content.size() <= kMaxDeltaContent && objects_.contains(base_id)) {
    if (auto content = objects_.get(base_id)) {
      return objects_.put(now.version.id, now.content, store::DeltaBase{base_id, *content});
    }
  }
  return objects_.put(now.version.id, now.content);
}

void Observer::add_transition(Observation& observation, Transition transition) {
  if (base_pending_) {
    auto same_path = [&](const Base::Exception& each) { return each.path == transition.path; };
    auto found = std::ranges::find_if(base_.except, same_path);
    Base::Exception exception{transition.path, transition.after, transition.git_id};
    if (found != base_.except.end()) {
      *found = exception;
    } else {
      base_.except.push_back(std::move(exception));
    }
    return;
  }
  observation.transitions.push_back(std::move(transition));
}

Status Observer::settle_path(const std::string& path, Observation& observation,
                             std::string_view call) {
  auto before = known(path);
  FileStat st = TRY(os::stat_file(absolute(path)));
  if (before && !before->unsettled && before->type != FileType::directory &&
      before->same_stat(st)) {
    return {};
  }
  // What was too much once stays out until git tracks it or a tool names it.
  if (before && before->skipped == SkipReason::bulk && before->type == FileType::regular &&
      st.type == FileType::regular && !before->tracked && call.empty()) {
    before->set_stat(st);
    before->unsettled = false;
    update(path, *before);
    return {};
  }
  Look now = TRY(look(path, before && before->tracked));
  Version was;
  if (before) was = {before->id, std::string(before->mode())};

  if (now.skip != SkipReason::none) {
    if (!before || before->skipped != now.skip) observation.skipped.push_back({path, now.skip});
    ManifestEntry entry = before.value_or(ManifestEntry{});
    entry.set_stat(now.stat);
    entry.skipped = now.skip;
    entry.unsettled = false;
    update(path, entry);
    return {};
  }
  if (now.stat.type == FileType::none) {
    if (before && before->skipped == SkipReason::none && was.exists() && left_cone(path)) {
      update(path, ManifestEntry{});
      return {};
    }
    if (was.exists()) {
      Transition gone;
      gone.path = path;
      gone.before = was;
      gone.call = call;
      add_transition(observation, std::move(gone));
    }
    if (before) update(path, ManifestEntry{});
    return {};
  }
  if (now.stat.type == FileType::directory) {
    if (was.exists()) {
      Transition gone;
      gone.path = path;
      gone.before = was;
      gone.call = call;
      add_transition(observation, std::move(gone));
    }
    if (!before || before->type != FileType::directory) {
      ManifestEntry directory;
      directory.type = FileType::directory;
      update(path, directory);
    }
    return {};
  }

  ManifestEntry entry;
  entry.set_stat(now.stat);
  entry.id = now.version.id;
  entry.unsettled = now.unsettled;
  entry.tracked = before && before->tracked;
  entry.skipped = now.withheld ? SkipReason::withheld : SkipReason::none;
  if (now.withheld && (!before || before->skipped != SkipReason::withheld)) {
    observation.skipped.push_back({path, SkipReason::withheld});
  }
  if (now.version == was && before->borrowed) {
    entry.borrowed = true;
    update(path, entry);
    return {};
  }
  ObjectId git_id;
  if (before && before->borrowed && now.version.id != was.id)
    git_id = conversion_id(path, now.stat);
  if (!git_id.empty()) entry.converted = true;
  // Content that a checkout just brought is git's: the pin keeps it, once it has moved.
  if (!entry.converted && !now.withheld && came_with_head(path, now.version.id)) {
    entry.borrowed = true;
  } else {
    if (!entry.tracked && !before) {
      bool fits = new_untracked_bytes_ + now.content.size() <= limits_.untracked_pass_bytes;
      if (fits) new_untracked_bytes_ += now.content.size();
      if (!fits) {
        observation.skipped.push_back({path, SkipReason::bulk});
        entry.skipped = SkipReason::bulk;
        entry.unsettled = false;
        entry.id = {};
        update(path, entry);
        return {};
      }
    }
    TRY(store_content(now, was.id, {}));
  }
  if (now.version != was || base_pending_) {
    Transition change;
    change.path = path;
    change.call = call;
    change.before = was;
    change.after = now.version;
    change.ctime_ns = now.stat.ctime_ns;
    change.git_id = git_id;
    change.unsettled = now.unsettled;
    change.withheld = now.withheld;
    add_transition(observation, std::move(change));
  }
  update(path, entry);
  return {};
}

// A file tool told what it did. Its result becomes a version of its own, so that what a person
// saved before it and what a formatter made of it after are not the tool's.
Status Observer::settle_result(const ToolResult& told, Observation& observation) {
  auto before = known(told.path);
  ObjectId after_id;
  std::optional<Expected> expected;
  if (told.after) {
    after_id = blob_id(store_.hash, *told.after);
    expected = Expected{&*told.after, after_id};
  }
  Look now = TRY(look(told.path, before && before->tracked, expected));
  bool plain = now.skip == SkipReason::none && !now.withheld && !base_pending_ &&
               (now.stat.type == FileType::regular || now.stat.type == FileType::none) &&
               (!before || before->skipped == SkipReason::none);
  Version was;
  if (before) was = {before->id, std::string(before->mode())};
  ToolResult result = told;
  ObjectId before_id;
  if (plain && result.before) {
    before_id = blob_id(store_.hash, *result.before);
    if (was.exists() && before_id != was.id && now.version.id != after_id &&
        contains(now.content, "\r\n")) {
      // Some tools speak of a text with LF and keep the file's own line ends.
      std::string crlf = with_crlf(*result.before);
      ObjectId crlf_id = blob_id(store_.hash, crlf);
      if (crlf_id == was.id) {
        result.before = std::move(crlf);
        before_id = crlf_id;
        if (result.after) {
          result.after = with_crlf(*result.after);
          after_id = blob_id(store_.hash, *result.after);
        }
      }
    }
  }
  bool on_disk = result.after ? now.version.id == after_id : !now.version.exists();
  bool from_known = result.before ? (was.exists() && before_id == was.id) : !was.exists();
  // Without one end that we saw ourselves, the payload's text is hearsay (an editor's buffer, a
  // lossy decoding) and only the disk counts; unless somebody saved on both sides of the tool.
  bool saved_twice = plain && now.version != was && was.exists() && now.version.exists() &&
                     stands_in(result, now.content);
  bool believed = plain && (on_disk || from_known || saved_twice);
  if (!believed) {
    return settle_path(told.path, observation, told.call);
  }

  std::string mode = now.version.exists() ? now.version.mode : was.exists() ? was.mode : "100644";
  auto add = [&](Sight sight, const Version& from, const Version& to) {
    Transition change;
    change.path = told.path;
    change.before = from;
    change.after = to;
    change.sight = sight;
    change.call = told.call;
    change.ctime_ns = now.stat.ctime_ns;
    add_transition(observation, std::move(change));
  };
  Version after = result.after ? Version{after_id, mode} : Version{};
  if (on_disk && was == after) {
    // Another event's pass saw this content first: no change, but whose it is.
    add(Sight::tool, after, after);
    ManifestEntry entry = before.value_or(ManifestEntry{});
    if (now.version.exists()) {
      entry.set_stat(now.stat);
      entry.unsettled = now.unsettled;
      update(told.path, entry);
    }
    return {};
  }
  Version found = was;
  if (result.before && before_id != was.id) {
    found = {before_id, was.exists() ? was.mode : mode};
    Look seen;
    seen.version = found;
    seen.content = *result.before;
    TRY(store_content(seen, was.id, {}));
    add(Sight::pre, was, found);
  }
  std::string_view base = result.before ? std::string_view(*result.before) : std::string_view();
  if (result.after && after != found) {
    Look made;
    made.version = after;
    made.content = *result.after;
    TRY(store_content(made, found.id, base));
    add(Sight::tool, found, after);
  } else if (!result.after) {
    add(Sight::tool, found, after);
  }
  if (now.version.exists() && !on_disk) {
    std::string_view made = result.after ? std::string_view(*result.after) : std::string_view();
    TRY(store_content(now, after_id, made));
    add(Sight::post, after, now.version);
    observation.transitions.back().unsettled = now.unsettled;
  } else if (!now.version.exists() && result.after) {
    add(Sight::post, after, Version{});
  }
  ManifestEntry entry;
  if (now.version.exists()) {
    entry.set_stat(now.stat);
    entry.id = now.version.id;
    entry.unsettled = now.unsettled;
    entry.tracked = before && before->tracked;
  }
  update(told.path, entry);
  return {};
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
  auto index = git::IndexFile::open(*worktree_.repository);
  if (!index) return {};  // damaged or unknown: then only what was known is looked at
  index_ = std::move(*index);
  if (index_->stat() == info_.index_stat) return {};
  read_index_again();
  info_.index_stat = index_->stat();
  return {};
}

void Observer::read_index_again() {
  std::vector<std::string> fresh;
  (void)index_->for_each([&](const git::IndexEntry& from) {
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
}

// Whether a path is gone because a sparse checkout took it out of the working tree.
bool Observer::left_cone(const std::string& path) {
  if (!index_) return false;
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
  if (!index_) return {};
  auto entry = index_->find(path);
  if (!entry || !*entry || !git::stat_matches(**entry, st) || index_->is_racy(**entry)) return {};
  return (*entry)->id;
}

bool Observer::came_with_head(const std::string& path, const ObjectId& id) const {
  if (!head_move_.ready) return false;
  auto arrived = head_move_.arrived.find(path);
  return arrived != head_move_.arrived.end() && arrived->second == id;
}

// Whether settling the path would tell anything.
bool Observer::is_news(const std::string& path) {
  auto before = known(path);
  auto st = os::stat_file(absolute(path));
  if (!st) return true;
  bool same = before && before->type != FileType::directory && before->same_stat(*st);
  if (same && !before->unsettled) return false;
  bool bulk = before && before->skipped == SkipReason::bulk && !before->tracked;
  if (bulk && st->type == FileType::regular) return false;
  auto now = look(path, before && before->tracked);
  if (!now) return true;
  if (now->skip != SkipReason::none) return !before || before->skipped != now->skip;
  Version was;
  if (before) was = {before->id, std::string(before->mode())};
  bool gone = now->stat.type == FileType::none || now->stat.type == FileType::directory;
  if (gone) return was.exists() && before->skipped == SkipReason::none && !left_cone(path);
  return now->version != was;
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
    if (auto index = git::IndexFile::open(*worktree_.repository)) {
      index_ = std::move(*index);
      if (index_->stat() != info.index_stat) read_index_again();
    }
  }
  return std::ranges::any_of(scan_.candidates,
                             [&](const std::string& path) { return is_news(path); });
}

Result<Observation> Observer::settle(Lock& lock, Deadline deadline) {
  // Another process may have replaced the manifest or changed entries since the scan.
  manifest_ = TRY(store::Manifest::open(worktree_.directory, store_.hash));
  info_ = manifest_.info();
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
  for (const ToolResult& result : results_) TRY(settle_result(result, observation));
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
      // A directory whose files were not all settled must be listed again.
      if (!observation.complete) entry.mtime_ns = entry.ctime_ns = 0;
      update(listed.path, entry);
    }
    for (const Skipped& skipped : scan_.skipped) {
      observation.skipped.push_back(skipped);
      auto before = known(skipped.path);
      if (before && before->type == FileType::directory) continue;
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
