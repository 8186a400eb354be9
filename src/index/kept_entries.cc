#include "index/kept_entries.h"

#include "base/bytes.h"

namespace baton::index {
namespace {

constexpr size_t kMaxPaths = 64;    // at a time
constexpr size_t kMaxTrees = 4096;  // of one path
constexpr char kField = '\0';

}  // namespace

KeptEntries::Path& KeptEntries::path_of(Database& database, const std::string& path) {
  auto [found, added] = paths_.try_emplace(path);
  if (!added) return found->second;
  auto row = database.cached("SELECT data FROM kept_git WHERE path = ? AND revision = ?");
  if (!row) return found->second;
  (*row)->bind(path, kKeptEntriesName);
  auto there = (*row)->step();
  if (there && *there) {
    // Tree, mode and id of each; mode and id are empty where it does not hold the path.
    auto fields = split((*row)->text(0), kField);
    for (size_t i = 0; i + 2 < fields.size(); i += 3) {
      std::optional<GitEntry> entry;
      if (auto id = ObjectId::from_hex(fields[i + 2])) {
        entry = GitEntry{path, std::string(fields[i + 1]), *id};
      }
      found->second.entries.emplace(fields[i], std::move(entry));
    }
  }
  (*row)->reset();
  return found->second;
}

const std::optional<GitEntry>* KeptEntries::find(Database& database, std::string_view tree,
                                                 const std::string& path) {
  if (!ObjectId::from_hex(tree)) return nullptr;
  if (paths_.size() >= kMaxPaths && !paths_.contains(path)) return nullptr;
  auto& entries = path_of(database, path).entries;
  auto found = entries.find(tree);
  return found == entries.end() ? nullptr : &found->second;
}

void KeptEntries::add(std::string_view tree, const std::string& path,
                      std::optional<GitEntry> entry) {
  auto known = paths_.find(path);
  if (known == paths_.end() || known->second.entries.size() >= kMaxTrees ||
      !ObjectId::from_hex(tree)) {
    return;
  }
  known->second.entries.emplace(tree, std::move(entry));
  known->second.news = true;
  news_ = true;
}

Status KeptEntries::write(Database& database) {
  Statement* add = TRY(database.cached(
      "INSERT OR REPLACE INTO kept_git(path, revision, data) VALUES(?, ?, CAST(? AS BLOB))"));
  for (auto& [path, known] : paths_) {
    if (!known.news) continue;
    std::string data;
    for (const auto& [tree, entry] : known.entries) {
      data += tree;
      data += kField;
      if (entry) data += entry->mode;
      data += kField;
      if (entry) data += entry->id.hex();
      data += kField;
    }
    TRY(add->run(path, kKeptEntriesName, data));
    known.news = false;
  }
  news_ = false;
  return {};
}

}  // namespace baton::index
