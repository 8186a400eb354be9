#include "index/bases.h"

#include "index/old_trees.h"
#include "index/query_rows.h"

namespace baton::index {

using model::StateEntry;

Result<std::vector<Base>> load_bases(Index& index, int64_t worktree) {
  std::vector<Base> bases;
  Statement* rows = TRY(db(index).cached(
      "SELECT b.key, b.time, b.commit_id, b.tree, (SELECT count(*) FROM transitions t"
      " WHERE t.worktree = b.worktree AND t.session = b.session AND t.event = b.event),"
      " (SELECT min(t.q) FROM transitions t WHERE t.worktree = b.worktree AND t.session = b.session"
      " AND t.event = b.event), b.q FROM bases b WHERE b.worktree = ? ORDER BY b.time, b.key"));
  rows->bind(worktree);
  std::vector<int64_t> own;
  while (TRY(rows->step())) {
    Base base;
    base.key = rows->integer(0);
    base.time = rows->integer(1);
    base.commit = rows->str(2);
    base.tree = rows->str(3);
    base.q = rows->integer(6);
    own.push_back(rows->integer(4) > 0 ? rows->integer(5) : 0);
    bases.push_back(std::move(base));
  }
  for (size_t i = 0; i < bases.size(); ++i) {
    // Older records do not tell it: the transitions of its own event follow it.
    if (bases[i].q == 0) {
      bases[i].q = own[i] > 0 ? own[i] - 1 : TRY(number_at(index, worktree, bases[i].time - 1));
    }
    if (i == 0) bases[i].q = 0;
  }
  return bases;
}

Result<std::optional<StateEntry>> base_entry(Index& index, const Base& base, int64_t path_key,
                                             std::string_view path) {
  Statement* row =
      TRY(db(index).cached("SELECT id, mode FROM base_entries WHERE path = ? AND base = ?"));
  row->bind(path_key, base.key);
  if (TRY(row->step())) {
    StateEntry entry{std::string(path), row->str(1), row->object(0), false};
    row->reset();
    if (entry.id.empty()) return std::nullopt;
    return entry;
  }
  row->reset();
  if (base.revision().empty()) return std::nullopt;
  auto entry = TRY(tree_entry(index, base.revision(), std::string(path)));
  if (!entry) return std::nullopt;
  return StateEntry{std::string(path), entry->mode, entry->id, false};
}

}  // namespace baton::index
