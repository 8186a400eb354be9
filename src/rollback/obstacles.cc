#include "rollback/obstacles.h"

#include <map>
#include <set>

#include "base/bytes.h"
#include "os/file.h"
#include "os/stat_below.h"
#include "store/manifest.h"

namespace baton::rollback {
namespace {

using os::FileType;

class Search {
 public:
  Search(const Here& here, Plan& plan) : root_(here.worktree->root), plan_(plan) {
    for (const FileChange& change : plan.changes) {
      if (change.now.exists()) removed_.insert(change.path);
    }
    auto manifest = store::Manifest::open_readonly(here.worktree->directory);
    if (manifest) manifest_.emplace(std::move(*manifest));
  }

  Status run() {
    for (const FileChange& change : plan_.changes) {
      if (!is_safe_path(change.path)) {
        plan_.obstacles.push_back({change.path, "no path that could be written"});
        continue;
      }
      if (!TRY(way_is_free(change))) continue;
      if (change.then.exists() && !change.now.exists()) TRY(place_is_free(change));
    }
    return {};
  }

 private:
  std::string full(std::string_view path) const { return os::join(root_, path); }

  // The folders above: real ones, whose names may be changed.
  Result<bool> way_is_free(const FileChange& change) {
    for (size_t slash = change.path.find('/'); slash != std::string::npos;
         slash = change.path.find('/', slash + 1)) {
      std::string folder = change.path.substr(0, slash);
      auto st = os::stat_file(full(folder));
      if (!st) {
        plan_.obstacles.push_back({change.path, "'" + folder + "' cannot be looked at"});
        return false;
      }
      FileType type = st->type;
      if (type == FileType::directory && is_another_repository(folder)) {
        plan_.obstacles.push_back({change.path, "'" + folder + "' is another repository"});
        return false;
      }
      if (type == FileType::directory) continue;
      if (type == FileType::none) break;
      if (removed_.contains(folder)) break;  // it makes room
      plan_.obstacles.push_back(
          {change.path, "'" + folder + "' is in the way: it is not recorded"});
      return false;
    }
    std::string folder(os::dirname(change.path));
    while (folder != "." && TRY(os::stat_file(full(folder))).type != FileType::directory) {
      folder = os::dirname(folder);
    }
    std::string there = folder == "." ? root_ : full(folder);
    auto [checked, first] = may_change_.try_emplace(there, false);
    if (first) checked->second = os::may_change_names(there);
    if (!checked->second) plan_.obstacles.push_back({change.path, "its folder is read-only"});
    return checked->second;
  }

  // A submodule, another worktree: it belongs to itself.
  bool is_another_repository(const std::string& folder) {
    auto entry = manifest_ ? manifest_->find(folder) : std::nullopt;
    return entry && entry->skipped == store::SkipReason::nested;
  }

  Status place_is_free(const FileChange& change) {
    FileType type = TRY(os::stat_below(root_, change.path)).type;
    if (type == FileType::none) return {};
    if (type != FileType::directory) {
      plan_.obstacles.push_back({change.path, "a file that is not recorded lies there"});
      return {};
    }
    std::string stays = TRY(first_that_stays(change.path));
    if (!stays.empty()) {
      plan_.obstacles.push_back(
          {change.path, "a folder lies there, and '" + stays + "' in it stays"});
    }
    return {};
  }

  // A file below the folder that the plan does not remove, "" if there is none.
  Result<std::string> first_that_stays(const std::string& folder) {
    for (const auto& entry : TRY(os::list_dir(full(folder)))) {
      std::string path = folder + "/" + entry.name;
      if (TRY(os::stat_file(full(path))).type == FileType::directory) {
        std::string stays = TRY(first_that_stays(path));
        if (!stays.empty()) return stays;
      } else if (!removed_.contains(path)) {
        return path;
      }
    }
    return std::string();
  }

  const std::string& root_;
  Plan& plan_;
  std::set<std::string, std::less<>> removed_;
  std::optional<store::Manifest> manifest_;
  std::map<std::string, bool> may_change_;  // names in a folder
};

}  // namespace

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.starts_with('/') || path.find('\0') != std::string_view::npos) {
    return false;
  }
  for (std::string_view part : split(path, '/')) {
    if (part.empty() || part == "." || part == ".." || lower_ascii(part) == ".git") return false;
  }
  return true;
}

Status find_obstacles(const Here& here, Plan& plan) {
  return Search(here, plan).run();
}

}  // namespace baton::rollback
