#include "index/old_trees.h"

#include <map>
#include <set>

#include "index/index_impl.h"

namespace baton::index {
namespace {

// One step back from a newer tree.
struct Step {
  int64_t left = 0;  // key in left_trees
  std::string newer;
};

Result<std::vector<Step>> steps_from(Index& index, const std::string& tree) {
  std::vector<Step> steps;
  Statement* rows = TRY(db(index).cached("SELECT key, newer FROM left_trees WHERE tree = ?"));
  rows->bind(tree);
  while (TRY(rows->step())) steps.push_back({rows->integer(0), rows->str(1)});
  return steps;
}

// The keys of the steps back from the nearest newer tree for which `is_there` answers (with an
// error for one that git does not have) to this tree, newest first.
template <class IsThere>
Result<std::vector<int64_t>> way_back(Index& index, const std::string& tree, IsThere is_there) {
  std::map<std::string, Step> came_by;  // tree -> the step that leads on from it
  std::map<std::string, std::string> before;
  std::vector<std::string> front{tree};
  std::set<std::string> seen{tree};
  for (size_t i = 0; i < front.size(); ++i) {
    std::string at = front[i];
    if (i > 0 && TRY(is_there(at))) {
      std::vector<int64_t> way;
      for (; at != tree; at = before[at]) way.push_back(came_by[at].left);
      return way;
    }
    for (Step& step : TRY(steps_from(index, at))) {
      if (!seen.insert(step.newer).second) continue;
      before[step.newer] = at;
      came_by[step.newer] = step;
      front.push_back(step.newer);
    }
  }
  return fail(ErrorKind::not_found, "git has no tree " + tree + " any more");
}

Error no_git() {
  return {ErrorKind::not_found, "the state begins with a commit, and git cannot be asked", {}};
}

}  // namespace

Result<std::vector<GitEntry>> tree_entries(Index& index, std::string_view tree) {
  if (index.git() == nullptr) return std::unexpected(no_git());
  auto known = index.git()->tree(tree);
  if (known || known.error().kind != ErrorKind::not_found) return known;
  std::vector<GitEntry> newest;
  auto way = TRY(way_back(index, std::string(tree), [&](const std::string& at) -> Result<bool> {
    if (at.empty()) return true;  // the empty tree
    auto found = index.git()->tree(at);
    if (found) {
      newest = std::move(*found);
    } else if (found.error().kind != ErrorKind::not_found) {
      return std::unexpected(found.error());
    }
    return found.has_value();
  }));
  std::map<std::string, GitEntry> entries;
  for (GitEntry& entry : newest) entries[entry.path] = std::move(entry);
  for (int64_t left : way) {
    Statement* rows = TRY(db(index).cached(
        "SELECT p.path, e.id, e.mode FROM left_entries e JOIN paths p ON p.key = e.path"
        " WHERE e.left = ?"));
    rows->bind(left);
    while (TRY(rows->step())) {
      std::string path = rows->str(0);
      ObjectId id = rows->object(1);
      if (id.empty()) {
        entries.erase(path);
      } else {
        entries[path] = {path, rows->str(2), id};
      }
    }
  }
  std::vector<GitEntry> result;
  for (auto& [path, entry] : entries) result.push_back(std::move(entry));
  return result;
}

Result<std::optional<GitEntry>> tree_entry(Index& index, std::string_view tree,
                                           const std::string& path) {
  if (index.git() == nullptr) return std::unexpected(no_git());
  KeptEntries& kept = index.impl().kept_entries;
  if (auto entry = kept.find(db(index), tree, path)) return *std::move(entry);
  auto known = index.git()->entries(tree, {path});
  if (known) {
    auto entry = known->empty() ? std::nullopt : std::move(known->front());
    kept.add(tree, path, entry);
    return entry;
  }
  if (known.error().kind != ErrorKind::not_found) return std::unexpected(known.error());
  std::optional<GitEntry> newest;
  auto way = TRY(way_back(index, std::string(tree), [&](const std::string& at) -> Result<bool> {
    if (at.empty()) return true;
    auto found = index.git()->entries(at, {path});
    if (found) {
      if (!found->empty()) newest = std::move(found->front());
    } else if (found.error().kind != ErrorKind::not_found) {
      return std::unexpected(found.error());
    }
    return found.has_value();
  }));
  for (int64_t left : way) {
    Statement* row = TRY(
        db(index).cached("SELECT e.id, e.mode FROM left_entries e JOIN paths p ON p.key = e.path"
                         " WHERE p.path = ? AND e.left = ?"));
    row->bind(path, left);
    if (TRY(row->step())) {
      ObjectId id = row->object(0);
      newest = id.empty() ? std::nullopt : std::optional<GitEntry>({path, row->str(1), id});
    }
    row->reset();
  }
  return newest;
}

}  // namespace baton::index
