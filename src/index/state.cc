#include "index/state.h"

#include <map>
#include <set>

#include "index/bases.h"
#include "index/old_trees.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

using model::Change;
using model::Position;
using model::StateEntry;

constexpr std::string_view kSubmodule = "160000";  // its files belong to itself

// The newest base at or before the position.
Result<std::optional<Base>> base_at(Index& index, int64_t worktree, int64_t q) {
  std::optional<Base> found;
  for (Base& base : TRY(load_bases(index, worktree))) {
    if (base.q <= q) found = std::move(base);
  }
  return found;
}

// --- No file lies below another. A look at single paths sees a file where a folder was, or in a
// folder where a file was, and not what went for it: that is seen later, and was gone already.

// The folders above a path, the nearest first.
template <class Each>
void each_folder(std::string_view path, Each each) {
  for (size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0;
       slash = path.rfind('/', slash - 1)) {
    each(path.substr(0, slash));
  }
}

void put(std::map<std::string, StateEntry>& files, StateEntry entry) {
  std::string path = entry.path;
  if (entry.mode != kSubmodule) {
    for (auto below = files.lower_bound(path + "/");
         below != files.end() && below->first.starts_with(path + "/");) {
      below = files.erase(below);
    }
  }
  each_folder(path, [&](std::string_view folder) {
    auto file = files.find(std::string(folder));
    if (file != files.end() && file->second.mode != kSubmodule) files.erase(file);
  });
  files[path] = std::move(entry);
}

// Paths above and below a path that the record knows: few have any.
class Neighbours {
 public:
  explicit Neighbours(Index& index) : index_(index) {}

  // Whether a file was seen there between two numbers.
  Result<bool> appeared(std::string_view path, int64_t worktree, int64_t from, int64_t to) {
    for (const auto& [neighbour, key] : TRY(of(path))) {
      Statement* seen = TRY(db(index_).cached(
          "SELECT 1 FROM transitions INDEXED BY transitions_path WHERE path = ? AND worktree = ?"
          " AND q > ? AND q <= ?"
          " AND after IS NOT NULL AND after_mode IS NOT '160000' AND (flags & 24) = 0 LIMIT 1"));
      seen->bind(key, worktree, from, to);
      bool found = TRY(seen->step());
      seen->reset();
      if (found) return true;
    }
    return false;
  }

  Result<std::vector<std::pair<std::string, int64_t>>> of(std::string_view path) {
    std::vector<std::string> folders;
    each_folder(path, [&](std::string_view folder) { folders.emplace_back(folder); });
    std::vector<std::pair<std::string, int64_t>> found;
    for (std::string& folder : folders) {
      auto [known, first] = folders_.try_emplace(folder, 0);
      if (first) known->second = TRY(path_key(index_, folder));
      if (known->second != 0) found.emplace_back(std::move(folder), known->second);
    }
    Statement* below =
        TRY(db(index_).cached("SELECT path, key FROM paths WHERE path > ? AND path < ?"));
    std::string start(path);
    below->bind(start + '/', start + static_cast<char>('/' + 1));
    while (TRY(below->step())) found.emplace_back(below->str(0), below->integer(1));
    return found;
  }

 private:
  Index& index_;
  std::map<std::string, int64_t> folders_;
};

Result<std::optional<StateEntry>> find_entry(Index& index, Neighbours& neighbours,
                                             const Position& position, std::string_view path) {
  int64_t worktree = TRY(known_worktree(index, position.worktree));
  int64_t key = TRY(path_key(index, path));
  auto base = TRY(base_at(index, worktree, position.q));
  std::optional<StateEntry> entry;
  int64_t from = base ? base->q : 0;
  bool changed = false;
  if (key != 0) {
    Statement* row = TRY(db(index).cached(
        "SELECT q, after, after_mode, flags FROM transitions WHERE path = ? AND worktree = ?"
        " AND q <= ? AND (flags & 24) = 0 ORDER BY q DESC LIMIT 1"));
    row->bind(key, worktree, position.q);
    changed = TRY(row->step()) && (!base || row->integer(0) > base->q);
    if (changed) {
      from = row->integer(0);
      entry = StateEntry{std::string(path), row->str(2), row->object(1),
                         (row->integer(3) & kWithheld) != 0};
      if (entry->id.empty()) entry.reset();
    }
    row->reset();
  }
  if (!changed && base) entry = TRY(base_entry(index, *base, key, path));
  if (!entry || TRY(neighbours.appeared(path, worktree, from, position.q))) return std::nullopt;
  return entry;
}

}  // namespace

Result<std::optional<StateEntry>> entry_at(Index& index, const Position& position,
                                           std::string_view path) {
  return answer(index, [&]() -> Result<std::optional<StateEntry>> {
    Neighbours neighbours(index);
    return find_entry(index, neighbours, position, path);
  });
}

Result<model::State> state_at(Index& index, const Position& position) {
  return answer(index, [&]() -> Result<model::State> {
    Database& database = db(index);
    int64_t worktree = TRY(known_worktree(index, position.worktree));
    model::State state;
    state.position = position;
    std::map<std::string, StateEntry> files;
    auto base = TRY(base_at(index, worktree, position.q));
    int64_t from = 0;
    if (base) {
      state.base_commit = base->commit;
      state.base_tree = base->tree;
      from = base->q;
      if (!base->revision().empty()) {
        for (GitEntry& entry : TRY(tree_entries(index, base->revision()))) {
          files[entry.path] = {entry.path, entry.mode, entry.id, false};
        }
      }
      Statement* exceptions = TRY(database.cached(
          "SELECT p.path, e.id, e.mode FROM base_entries e JOIN paths p ON p.key = e.path"
          " WHERE e.base = ?"));
      exceptions->bind(base->key);
      while (TRY(exceptions->step())) {
        std::string path = exceptions->str(0);
        ObjectId id = exceptions->object(1);
        if (id.empty()) {
          files.erase(path);
        } else {
          files[path] = {path, exceptions->str(2), id, false};
        }
      }
    } else {
      state.complete = false;
    }
    Statement* rows = TRY(database.cached(
        "SELECT p.path, t.after, t.after_mode, t.flags FROM transitions t JOIN paths p"
        " ON p.key = t.path WHERE t.worktree = ? AND t.q > ? AND t.q <= ? AND (t.flags & 24) = 0"
        " ORDER BY t.q"));
    rows->bind(worktree, from, position.q);
    while (TRY(rows->step())) {
      std::string path = rows->str(0);
      ObjectId id = rows->object(1);
      if (id.empty()) {
        files.erase(path);
      } else {
        put(files, {path, rows->str(2), id, (rows->integer(3) & kWithheld) != 0});
      }
    }
    // An incomplete first look leaves the rest unknown.
    Statement* look = TRY(database.cached(
        "SELECT 1 FROM looks WHERE worktree = ? AND whole = 1 AND complete = 1 LIMIT 1"));
    look->bind(worktree);
    if (!TRY(look->step())) state.complete = false;
    look->reset();
    state.entries.reserve(files.size());
    for (auto& [path, entry] : files) state.entries.push_back(std::move(entry));
    return state;
  });
}

Result<std::vector<Change>> state_diff(Index& index, const Position& from, const Position& to) {
  return answer(index, [&]() -> Result<std::vector<Change>> {
    std::map<std::string, Change> differences;
    int64_t from_key = TRY(known_worktree(index, from.worktree));
    int64_t to_key = TRY(known_worktree(index, to.worktree));
    auto base_from = TRY(base_at(index, from_key, from.q));
    auto base_to = TRY(base_at(index, to_key, to.q));
    bool same_base =
        from.worktree == to.worktree && base_from && base_to && base_from->key == base_to->key;
    if (same_base) {
      // Cost is in what changed in between.
      int64_t low = std::min(from.q, to.q), high = std::max(from.q, to.q);
      Statement* rows = TRY(db(index).cached(
          "SELECT DISTINCT p.path FROM transitions t JOIN paths p ON p.key = t.path"
          " WHERE t.worktree = ? AND t.q > ? AND t.q <= ? AND (t.flags & 24) = 0"));
      rows->bind(from_key, low, high);
      std::set<std::string> paths;
      while (TRY(rows->step())) paths.insert(rows->str(0));
      Neighbours neighbours(index);
      for (const std::string& path : std::vector<std::string>(paths.begin(), paths.end())) {
        for (auto& [other, key] : TRY(neighbours.of(path))) paths.insert(std::move(other));
      }
      for (const std::string& path : paths) {
        auto was = TRY(find_entry(index, neighbours, from, path));
        auto is = TRY(find_entry(index, neighbours, to, path));
        if (was == is) continue;
        Change change;
        change.worktree = to.worktree;
        change.q = to.q;
        change.path = path;
        if (was) {
          change.before = was->id;
          change.before_mode = was->mode;
        }
        if (is) {
          change.after = is->id;
          change.after_mode = is->mode;
        }
        change.withheld = (was && was->withheld) || (is && is->withheld);
        differences[path] = std::move(change);
      }
    } else {
      model::State was = TRY(state_at(index, from));
      model::State is = TRY(state_at(index, to));
      for (const StateEntry& entry : was.entries) {
        Change& change = differences[entry.path];
        change.before = entry.id;
        change.before_mode = entry.mode;
        change.withheld = entry.withheld;
      }
      for (const StateEntry& entry : is.entries) {
        Change& change = differences[entry.path];
        change.after = entry.id;
        change.after_mode = entry.mode;
        change.withheld = change.withheld || entry.withheld;
      }
      std::erase_if(differences, [](const auto& each) {
        return each.second.before == each.second.after &&
               each.second.before_mode == each.second.after_mode;
      });
    }
    std::vector<Change> list;
    for (auto& [path, change] : differences) {
      change.path = path;
      change.worktree = to.worktree;
      change.q = to.q;
      list.push_back(std::move(change));
    }
    return list;
  });
}

}  // namespace baton::index
