#include "worktree/scan.h"

#include <algorithm>
#include <atomic>

#include "os/clock.h"
#include "os/parallel.h"

namespace baton::worktree {
namespace {

using os::FileStat;
using os::FileType;
using store::Manifest;
using store::ManifestEntry;
using store::SkipReason;

constexpr uint32_t kEntriesBetweenClockReads = 32;
constexpr int kMaxDepth = 512;

int64_t now_ns() {
  return os::now() * 1000;
}

SkipReason reason_of(FileType type) {
  switch (type) {
    case FileType::fifo:
      return SkipReason::fifo;
    case FileType::socket:
      return SkipReason::socket;
    case FileType::device:
      return SkipReason::device;
    default:
      return SkipReason::none;
  }
}

class Pass {
 public:
  Pass(const Manifest& manifest, git::Ignore& ignore, const ScanOptions& options)
      : manifest_(manifest), ignore_(ignore), options_(options) {}

  Scan run() {
    auto root = os::open_directory(options_.root);
    result_.known = manifest_.count();
    if (!root) {
      result_.complete = false;
      return std::move(result_);
    }
    root_ = std::move(*root);
    build_directory_paths();
    compare_entries();
    list_root();
    for (uint32_t number : to_list_) list_known(number);
    for (uint32_t number : left_out_) look_again(number);
    std::ranges::sort(result_.candidates);
    auto repeated = std::ranges::unique(result_.candidates);
    result_.candidates.erase(repeated.begin(), repeated.end());
    return std::move(result_);
  }

 private:
  bool out_of_time() const { return os::monotonic_us() >= options_.deadline; }

  // Directories come before what is in them, so one walk gives every directory's path.
  void build_directory_paths() {
    uint32_t count = manifest_.count();
    directory_paths_.resize(count);
    closed_.resize(count);
    for (uint32_t number = 0; number < count; ++number) {
      FileType type = manifest_.type(number);
      if (type != FileType::directory && type != FileType::none) continue;
      ManifestEntry entry;
      std::string_view name;
      uint32_t parent;
      if (!manifest_.read(number, entry, name, parent)) continue;
      bool parent_closed = parent != Manifest::kRoot && closed_[parent];
      closed_[number] = parent_closed || entry.skipped != SkipReason::none;
      std::string& path = directory_paths_[number];
      if (parent != Manifest::kRoot) (path = directory_paths_[parent]) += '/';
      path += name;
    }
  }

  // One lstat an entry. Entries that differ become candidates, directories that changed are listed.
  void compare_entries() {
    uint32_t count = manifest_.count();
    std::vector<uint8_t> differs(count);
    std::atomic<uint32_t> seen{0};
    std::atomic<bool> cut{false};
    os::in_parallel(count, [&](uint32_t begin, uint32_t end) {
      if (cut) return;
      // Each thread its own handle: they would only fight for one.
      auto root = os::open_directory(options_.root);
      if (!root) cut = true;
      std::string path;
      ManifestEntry entry;
      std::string_view name;
      uint32_t parent;
      // What `path` begins with; files of one directory mostly follow each other.
      uint32_t folder = Manifest::kRoot;
      size_t folder_size = 0;
      uint32_t looked = 0;
      for (uint32_t i = begin; i < end; ++i) {
        if (++looked % kEntriesBetweenClockReads == 0 && (cut || out_of_time())) {
          cut = true;
          break;
        }
        uint32_t number = (i + options_.start) % count;
        if (!manifest_.read(number, entry, name, parent)) {
          differs[number] = true;
          continue;
        }
        bool below_closed = closed_[number] && entry.skipped == SkipReason::none;
        if (entry.type == FileType::none || below_closed) continue;
        if (parent != Manifest::kRoot && closed_[parent]) continue;
        if (parent != folder) {
          path.clear();
          if (parent != Manifest::kRoot) (path = directory_paths_[parent]) += '/';
          folder = parent;
          folder_size = path.size();
        }
        path.resize(folder_size);
        path += name;
        FileStat st = os::stat_at(*root, path.c_str());
        differs[number] = changed(entry, st);
      }
      seen += looked;
    });
    result_.seen = std::min(seen.load(), count);
    result_.complete = !cut;
    result_.cursor = cut && count > 0 ? (options_.start + result_.seen) % count : 0;
    mark_behind_links(differs);
    for (uint32_t number = 0; number < count; ++number) {
      if (!behind_.empty() && behind_[number]) {
        result_.candidates.push_back(manifest_.path(number));
        continue;
      }
      if (!differs[number] && !options_.list_all) continue;
      if (manifest_.type(number) == FileType::directory) {
        if (!closed_[number]) {
          to_list_.push_back(number);
        } else if (differs[number]) {
          left_out_.push_back(number);
        }
      } else if (differs[number]) {
        result_.candidates.push_back(manifest_.path(number));
      }
    }
  }

  // Where a folder became a link, what was in the folder is gone, though the paths may lead to
  // something, even to the same files.
  void mark_behind_links(const std::vector<uint8_t>& differs) {
    uint32_t count = manifest_.count();
    for (uint32_t number = 0; number < count; ++number) {
      if (!differs[number] || manifest_.type(number) != FileType::directory) continue;
      if (os::stat_at(root_, directory_paths_[number].c_str()).type != FileType::link) continue;
      behind_.resize(count);
      behind_[number] = true;
    }
    if (behind_.empty()) return;
    ManifestEntry entry;
    std::string_view name;
    uint32_t parent;
    for (uint32_t number = 0; number < count; ++number) {
      if (manifest_.type(number) == FileType::none || closed_[number]) continue;
      if (!manifest_.read(number, entry, name, parent) || parent == Manifest::kRoot) continue;
      if (behind_[parent]) behind_[number] = true;
    }
  }

  static bool changed(const ManifestEntry& entry, const FileStat& st) {
    if (entry.unsettled) return true;
    if (entry.type == FileType::directory) {
      // Its size and permissions say nothing about what is in it; ctime moves with either.
      return st.type != FileType::directory || st.mtime_ns != entry.mtime_ns ||
             st.ctime_ns != entry.ctime_ns || st.inode != entry.inode;
    }
    return !entry.same_stat(st);
  }

  void note_listed(const std::string& path, const FileStat& st) {
    bool unsettled = now_ns() - std::max(st.mtime_ns, st.ctime_ns) < kSettleNs;
    result_.listed.push_back({path, st, unsettled, SkipReason::none});
  }

  // The root has no entry; it is always listed: one directory a pass.
  void list_root() { list(std::string()); }

  void list_known(uint32_t number) {
    const std::string& path = directory_paths_[number];
    FileStat st = os::stat_at(root_, path.c_str());
    if (st.type != FileType::directory) {
      // Gone, or something else now: what was in it shows by itself.
      result_.candidates.push_back(path);
      return;
    }
    if (list(path)) note_listed(path, st);
  }

  // A folder that was left out as a whole and changed: it may be an ordinary one by now, or gone.
  void look_again(uint32_t number) {
    const std::string& path = directory_paths_[number];
    FileStat st = os::stat_at(root_, path.c_str());
    if (st.type != FileType::directory) {
      result_.candidates.push_back(path);
      return;
    }
    if (ignore_.ignored(path, true)) return;
    auto known = manifest_.find(path);
    size_t told = result_.listed.size() + result_.skipped.size();
    walk_new(path);
    bool as_before = result_.listed.size() + result_.skipped.size() == told;
    if (!as_before || !known || !result_.complete) return;
    note_listed(path, st);
    result_.listed.back().skipped = known->skipped;
  }

  std::string child_path(const std::string& directory, const std::string& name) const {
    return directory.empty() ? name : directory + "/" + name;
  }

  bool is_never(const std::string& path) const {
    return std::ranges::find(options_.never, path) != options_.never.end();
  }

  // Whether a folder in which nothing was known is another repository now: a submodule that was
  // fetched, a clone. Where files were known before, `git init` takes none of them away.
  bool became_nested(const std::string& path, const std::vector<os::DirEntry>& entries) const {
    if (path.empty() || std::ranges::find(entries, ".git", &os::DirEntry::name) == entries.end()) {
      return false;
    }
    bool knows = std::ranges::any_of(entries, [&](const os::DirEntry& entry) {
      return manifest_.find(child_path(path, entry.name)).has_value();
    });
    return !knows && git::is_nested_repository(os::join(options_.root, path));
  }

  // Looks for entries of a directory that the manifest does not know. False if it cannot be listed.
  bool list(const std::string& path) {
    auto entries = os::list_dir(os::join(options_.root, path));
    if (!entries) {
      if (entries.error().kind == ErrorKind::io) skip(path, SkipReason::unreadable);
      return false;
    }
    if (became_nested(path, *entries)) {
      skip(path, SkipReason::nested);
      return false;
    }
    std::vector<std::string> files;
    for (const auto& entry : *entries) {
      if (entry.name == ".git") continue;
      std::string child = child_path(path, entry.name);
      if (is_never(child)) continue;
      auto known = manifest_.find(child);
      FileType type = entry.type;
      if (type == FileType::none) type = os::stat_at(root_, child.c_str()).type;
      bool is_directory = type == FileType::directory;
      if (known && (known->type == FileType::directory) == is_directory) {
        // Known things were compared by themselves; but rules that became stricter or looser may
        // now say otherwise of a directory that was left out.
        continue;
      }
      if (ignore_.ignored(child, is_directory)) continue;
      if (is_directory) {
        walk_new(child);
      } else if (SkipReason reason = reason_of(type); reason != SkipReason::none) {
        skip(child, reason);
      } else {
        files.push_back(std::move(child));
      }
    }
    if (files.size() > options_.limits.untracked_folder_files) {
      // What was known in it before is still looked at.
      result_.skipped.push_back({path, SkipReason::bulk});
    } else {
      std::ranges::move(files, std::back_inserter(result_.candidates));
    }
    return true;
  }

  // A directory that nobody saw before, with all that is in it; as a whole left out if it holds
  // more than a person or agent writes.
  void walk_new(const std::string& top) {
    size_t candidates = result_.candidates.size();
    size_t listed = result_.listed.size();
    size_t skipped = result_.skipped.size();
    new_files_ = 0;
    if (!walk(top, 0)) {
      result_.candidates.resize(candidates);
      result_.listed.resize(listed);
      result_.skipped.resize(skipped);
      skip(top, SkipReason::bulk);
    }
  }

  bool walk(const std::string& path, int depth) {
    if (depth > kMaxDepth) return false;
    if (git::is_nested_repository(os::join(options_.root, path))) {
      skip(path, SkipReason::nested);
      return true;
    }
    FileStat st = os::stat_at(root_, path.c_str());
    auto entries = os::list_dir(os::join(options_.root, path));
    if (!entries) {
      if (entries.error().kind == ErrorKind::io) skip(path, SkipReason::unreadable);
      return true;
    }
    for (const auto& entry : *entries) {
      std::string child = child_path(path, entry.name);
      if (is_never(child)) continue;
      FileType type = entry.type;
      if (type == FileType::none) type = os::stat_at(root_, child.c_str()).type;
      bool is_directory = type == FileType::directory;
      if (ignore_.ignored(child, is_directory)) continue;
      if (is_directory) {
        if (!walk(child, depth + 1)) return false;
      } else if (SkipReason reason = reason_of(type); reason != SkipReason::none) {
        skip(child, reason);
      } else {
        if (++new_files_ > options_.limits.untracked_folder_files) return false;
        result_.candidates.push_back(child);
      }
      if (new_files_ % 256 == 255 && out_of_time()) {
        result_.complete = false;
        return true;
      }
    }
    note_listed(path, st);
    return true;
  }

  void skip(const std::string& path, SkipReason reason) {
    auto known = manifest_.find(path);
    if (known && known->skipped == reason) return;
    result_.skipped.push_back({path, reason});
  }

  const Manifest& manifest_;
  git::Ignore& ignore_;
  const ScanOptions& options_;
  os::File root_;
  Scan result_;
  std::vector<std::string> directory_paths_;  // by entry number; "" for files
  std::vector<uint8_t> closed_;               // by entry number: below something left out
  std::vector<uint8_t>
      behind_;  // by entry number, if there are any: no folder leads there any more
  std::vector<uint32_t> to_list_, left_out_;
  uint32_t new_files_ = 0;
};

}  // namespace

Scan scan(const Manifest& manifest, git::Ignore& ignore, const ScanOptions& options) {
  return Pass(manifest, ignore, options).run();
}

}  // namespace baton::worktree
