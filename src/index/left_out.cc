#include "index/left_out.h"

#include <algorithm>

#include "index/queries.h"
#include "index/query_rows.h"
#include "os/file.h"

namespace baton::index {
namespace {

Result<std::vector<model::Skipped>> all_left_out(Index& index, std::string_view worktree) {
  return answer(index, [&]() -> Result<std::vector<model::Skipped>> {
    std::vector<model::Skipped> list;
    int64_t key = TRY(worktree_key(index, worktree));
    Statement* rows = TRY(db(index).cached(
        "SELECT p.path, k.reason, k.time FROM skipped k JOIN paths p ON p.key = k.path"
        " WHERE k.worktree = ? ORDER BY p.path"));
    rows->bind(key);
    while (TRY(rows->step())) {
      list.push_back({std::string(worktree), rows->str(0), rows->str(1), rows->integer(2)});
    }
    return list;
  });
}

}  // namespace

bool StillLeftOut::holds(const model::Skipped& skipped) {
  auto [found, is_new] = manifests_.try_emplace(skipped.worktree);
  auto& manifest = found->second;
  if (is_new) {
    auto opened =
        store::Manifest::open_readonly(os::join(store_.worktrees_dir(), skipped.worktree));
    if (opened) manifest.emplace(std::move(*opened));
  }
  if (!manifest) return true;
  auto entry = manifest->find(skipped.path);
  if (!entry) return false;
  // A folder that is known as such may hold more new files than are let in.
  bool partly = entry->type == os::FileType::directory &&
                skipped.reason == store::to_string(store::SkipReason::bulk);
  return partly || entry->skipped != store::SkipReason::none;
}

Result<std::vector<model::Skipped>> left_out(Index& index, std::string_view worktree) {
  StillLeftOut still(index.store());
  auto list = TRY(all_left_out(index, worktree));
  std::erase_if(list, [&](const model::Skipped& each) { return !still.holds(each); });
  if (list.size() > kMaxSkippedShown) list.resize(kMaxSkippedShown);
  return list;
}

Status LeftOutThen::load() {
  if (rows_) return {};
  rows_.emplace();
  for (model::Skipped& each : TRY(all_left_out(index_, worktree_))) {
    bool counts = each.reason != store::to_string(store::SkipReason::vanished) &&
                  each.reason != store::to_string(store::SkipReason::withheld);
    if (!counts) continue;
    rows_->emplace(each.path, std::move(each));
  }
  return {};
}

// Whether a look at the whole worktree had told of files in the folder by then.
Result<bool> LeftOutThen::was_let_in(const model::Skipped& folder, int64_t q) {
  return answer(index_, [&]() -> Result<bool> {
    int64_t key = TRY(worktree_key(index_, worktree_));
    Statement* row = TRY(db(index_).cached(
        "SELECT 1 FROM transitions t JOIN paths p ON p.key = t.path WHERE t.worktree = ?"
        " AND t.q <= ? AND t.seen > ? AND t.step = 0 AND p.path > ? AND p.path < ? LIMIT 1"));
    row->bind(key, q, folder.time, folder.path + "/", folder.path + "0");  // '0' comes after '/'
    bool found = TRY(row->step());
    row->reset();
    return found;
  });
}

Result<std::string> LeftOutThen::reason(const std::string& path, int64_t q, Micros time) {
  TRY(load());
  if (rows_->empty()) return std::string();
  std::optional<std::vector<model::PathVersion>> versions;
  for (size_t end = path.size(); end != std::string::npos && end != 0;
       end = path.rfind('/', end - 1)) {
    auto row = rows_->find(std::string_view(path).substr(0, end));
    if (row == rows_->end()) continue;
    const model::Skipped& left = row->second;
    if (time != 0 && left.time > time) continue;
    if (!versions) versions = TRY(index::versions(index_, path, worktree_));
    bool seen_since = false, made = false;
    for (const model::PathVersion& version : *versions) {
      if (version.base) continue;
      const model::Change& change = version.change;
      seen_since = seen_since || (change.seen > left.time && change.q <= q);
      if (change.q <= q) continue;
      // Into a folder that is left out, a file tool writes a file that it saw was not there.
      made = end != path.size() && change.owner.evidence == model::Evidence::exact;
      break;
    }
    if (seen_since || made) continue;
    if (end == path.size() || !TRY(was_let_in(left, q))) return left.reason + " then";
  }
  return std::string();
}

}  // namespace baton::index
