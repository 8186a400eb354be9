#include "index/kept_entries.h"

#include <algorithm>

namespace baton::index {
namespace {

constexpr size_t kMaxPaths = 64;          // at a time
constexpr size_t kMaxBytes = 256u << 10;  // of one path: some 2,500 trees
constexpr char kField = '\0';

std::string_view take_field(std::string_view& rest) {
  size_t end = rest.find(kField);
  std::string_view field = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return field;
}

}  // namespace

std::optional<std::optional<GitEntry>> KeptEntries::find(Database& database, std::string_view tree,
                                                         const std::string& path) {
  if (!ObjectId::from_hex(tree)) return std::nullopt;
  auto known = data_.find(path);
  if (known == data_.end()) {
    if (data_.size() >= kMaxPaths) return std::nullopt;
    known = data_.emplace(path, "").first;
    auto row = database.cached("SELECT data FROM kept_git WHERE path = ? AND revision = ?");
    if (!row) return std::nullopt;
    (*row)->bind(path, kKeptEntriesName);
    auto there = (*row)->step();
    if (there && *there) known->second = (*row)->str(0);
    (*row)->reset();
  }
  // An id stands at a field's begin; one of an entry is no tree that holds files.
  const std::string& data = known->second;
  std::string wanted(tree);
  wanted += kField;
  size_t at = data.find(wanted, std::min(next_, data.size()));
  if (at == std::string::npos) at = data.find(wanted);
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(data).substr(at + wanted.size());
  std::string mode(take_field(rest));
  auto id = ObjectId::from_hex(take_field(rest));
  next_ = data.size() - rest.size();
  std::optional<GitEntry> entry;
  if (id) entry = GitEntry{path, std::move(mode), *id};
  return entry;
}

void KeptEntries::add(std::string_view tree, const std::string& path,
                      const std::optional<GitEntry>& entry) {
  auto known = data_.find(path);
  if (known == data_.end() || known->second.size() > kMaxBytes || !ObjectId::from_hex(tree)) return;
  std::string& data = known->second;
  data += tree;
  data += kField;
  if (entry) data += entry->mode;
  data += kField;
  if (entry) data += entry->id.hex();
  data += kField;
  if (std::ranges::find(news_, path) == news_.end()) news_.push_back(path);
}

Status KeptEntries::write(Database& database) {
  Statement* add = TRY(database.cached(
      "INSERT OR REPLACE INTO kept_git(path, revision, data) VALUES(?, ?, CAST(? AS BLOB))"));
  for (const std::string& path : news_) TRY(add->run(path, kKeptEntriesName, data_[path]));
  news_.clear();
  return {};
}

}  // namespace baton::index
