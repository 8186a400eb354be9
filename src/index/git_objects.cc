#include "index/git_objects.h"

#include <algorithm>

#include "base/bytes.h"
#include "git/history.h"
#include "git/tree_listing.h"

namespace baton::index {
namespace {

// Of so many paths the whole tree is read at once.
constexpr size_t kManyPaths = 500;
// Bytes of blobs that are kept, since the same ones are asked for again and git must answer each
// time.
constexpr size_t kMaxKeptBlob = 256 << 10, kMaxKeptBlobs = 8 << 20;

std::string mode_text(uint32_t mode) {
  char text[16];
  snprintf(text, sizeof text, "%06o", mode);
  return text;
}

bool is_file(const std::string& mode) {
  return mode == "100644" || mode == "100755" || mode == "120000";
}

}  // namespace

Result<std::vector<std::optional<GitEntry>>> GitObjects::entries(
    std::string_view revision, const std::vector<std::string>& paths) {
  std::vector<std::optional<GitEntry>> result(paths.size());
  if (paths.size() > kManyPaths) {
    ObjectId tree = TRY(reader_.tree(revision));
    auto all = TRY(git::ls_tree(repository_, tree, true));
    std::map<std::string_view, const git::TreeEntry*> by_path;
    for (const auto& entry : all) by_path[entry.path] = &entry;
    for (size_t i = 0; i < paths.size(); ++i) {
      auto found = by_path.find(paths[i]);
      if (found == by_path.end()) continue;
      std::string mode = mode_text(found->second->mode);
      if (is_file(mode)) result[i] = GitEntry{paths[i], mode, found->second->id};
    }
    return result;
  }
  ObjectId tree = TRY(trees_.root(revision));
  for (size_t i = 0; i < paths.size(); ++i) {
    auto found = TRY(trees_.entry(tree, paths[i]));
    if (!found) continue;
    std::string mode = mode_text(found->mode);
    if (is_file(mode)) result[i] = GitEntry{paths[i], std::move(mode), found->id};
  }
  return result;
}

Result<std::vector<GitEntry>> GitObjects::tree(std::string_view revision) {
  ObjectId tree = TRY(reader_.tree(revision));
  std::vector<GitEntry> result;
  for (auto& entry : TRY(git::ls_tree(repository_, tree, true))) {
    std::string mode = mode_text(entry.mode);
    if (is_file(mode)) result.push_back({std::move(entry.path), std::move(mode), entry.id});
  }
  std::ranges::sort(result, {}, &GitEntry::path);
  return result;
}

Result<std::string> GitObjects::blob(const ObjectId& id) {
  auto known = blobs_.find(id);
  if (known != blobs_.end()) return known->second;
  std::string content = TRY(reader_.blob(id));
  if (content.size() > kMaxKeptBlob) return content;
  if (blob_bytes_ + content.size() > kMaxKeptBlobs) {
    blobs_.clear();
    blob_bytes_ = 0;
  }
  blob_bytes_ += content.size();
  blobs_.emplace(id, content);
  return content;
}

Result<std::string> GitObjects::resolve(std::string_view revision) {
  ObjectId id = TRY(reader_.commit(revision));
  return id.hex();
}

Result<std::vector<std::string>> GitObjects::commits(std::string_view range) {
  git::LogOptions options;
  options.revisions.emplace_back(range);
  std::vector<std::string> ids;
  for (const auto& commit : TRY(git::log(repository_, options))) ids.push_back(commit.id.hex());
  return ids;
}

Result<GitSource::Commit> GitObjects::commit(std::string_view revision) {
  ObjectId id = TRY(reader_.commit(revision));
  git::LogOptions options;
  options.revisions.push_back(id.hex());
  options.limit = 1;
  auto log = TRY(git::log(repository_, options));
  if (log.empty()) {
    return fail(ErrorKind::not_found, "no commit '" + std::string(revision) + "'");
  }
  Commit result;
  result.id = id.hex();
  for (const ObjectId& parent : log.front().parents) result.parents.push_back(parent.hex());
  result.committed = log.front().committer.time;
  ObjectId before = log.front().parents.empty() ? ObjectId{} : log.front().parents.front();
  for (auto& change : TRY(git::diff_tree(repository_, before, id))) {
    result.changes.push_back({std::move(change.path), change.old_id, change.new_id});
  }
  return result;
}

}  // namespace baton::index
