// Files over time: positions on a worktree's timeline, changes, versions of a path.

#include <algorithm>

#include "index/bases.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

using model::Change;
using model::PathVersion;
using model::Position;

Result<std::vector<Change>> changes_between(Index& index, Names& names, int64_t worktree,
                                            int64_t from, int64_t to) {
  Statement rows = TRY(db(index).prepare(
      std::string("SELECT ") + kChangeColumns +
      " FROM transitions t WHERE t.worktree = ? AND t.q > ? AND t.q <= ? AND (t.flags & 24) = 0"
      " ORDER BY t.q"));
  rows.bind(worktree, from, to);
  return load_changes(index, names, rows);
}

}  // namespace

// --- Positions ---

Result<Position> newest(Index& index, std::string_view worktree) {
  return answer(index, [&]() -> Result<Position> {
    int64_t key = TRY(known_worktree(index, worktree));
    Statement* row = TRY(
        db(index).cached("SELECT max((SELECT coalesce(max(q), 0) FROM transitions WHERE worktree ="
                         " ?1), (SELECT coalesce(max(q), 0) FROM bases WHERE worktree = ?1))"));
    row->bind(key);
    int64_t q = TRY(row->step()) ? row->integer(0) : 0;
    row->reset();
    return Position{std::string(worktree), q};
  });
}

Result<Position> position_at(Index& index, std::string_view worktree, Micros time) {
  return answer(index, [&]() -> Result<Position> {
    int64_t key = TRY(known_worktree(index, worktree));
    return Position{std::string(worktree), TRY(number_at(index, key, time))};
  });
}

Result<std::optional<Micros>> first_look(Index& index, std::string_view worktree) {
  return answer(index, [&]() -> Result<std::optional<Micros>> {
    int64_t key = TRY(known_worktree(index, worktree));
    Statement* row = TRY(db(index).cached(
        "SELECT min(b.seen, coalesce((SELECT min(seen) FROM transitions WHERE worktree = ?1),"
        " b.seen)) FROM bases b WHERE b.worktree = ?1 ORDER BY b.seen LIMIT 1"));
    row->bind(key);
    std::optional<Micros> first;
    if (TRY(row->step())) first = row->integer(0);
    row->reset();
    return first;
  });
}

namespace {

// A look that was cut short leaves for the next one what the command before it had done. Behind
// `q`, as far as nothing else stands between: the step's own changes that happened before it ended.
Result<int64_t> with_late_changes(Database& database, int64_t worktree, int64_t q,
                                  const Address& address, Micros ended) {
  Statement* row =
      TRY(database.cached("SELECT q, owner_session IS ?3 AND owner_step IS ?4 AND ctime > 0"
                          " AND ctime / 1000 <= ?5 FROM transitions WHERE worktree = ?1 AND q > ?2"
                          " ORDER BY q"));
  row->bind(worktree, q, address.session_key, address.step, ended);
  while (TRY(row->step()) && row->integer(1) != 0) q = row->integer(0);
  row->reset();
  return q;
}

}  // namespace

Result<Span> span(Index& index, const Address& address) {
  return answer(index, [&]() -> Result<Span> {
    Names names(index);
    Database& database = db(index);
    int64_t worktree = 0;
    Micros began = 0, ended = 0;
    if (address.step != 0) {
      Statement* row = TRY(database.cached(
          "SELECT s.worktree, s.began, s.ended, s.kind, s.first, (SELECT max(t.q) FROM transitions "
          "t"
          " WHERE t.session = s.session AND t.event IN (s.before_event, s.after_event)"
          " AND t.step = s.number AND t.kind IN (1, 2) AND t.worktree = s.worktree),"
          " (SELECT min(t.q) FROM transitions t WHERE t.session = s.session"
          " AND t.event = s.after_event AND t.step = s.number AND t.kind IN (1, 2)"
          " AND t.worktree = s.worktree)"
          " FROM steps s WHERE s.session = ? AND s.number = ?"));
      row->bind(address.session_key, address.step);
      if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such step");
      worktree = row->integer(0);
      began = row->integer(1) != 0 ? row->integer(1) : row->integer(4);
      ended = row->integer(2);
      bool edits = static_cast<model::StepKind>(row->small(3)) == model::StepKind::edit;
      std::optional<int64_t> own_last, own_first;
      if (!row->is_null(5)) own_last = row->integer(5);
      if (!row->is_null(6)) own_first = row->integer(6);
      row->reset();
      if (worktree == 0) return fail(ErrorKind::not_found, "the step ran outside of all worktrees");
      Span result;
      std::string id = TRY(names.worktree(worktree));
      result.before = {id, TRY(number_at(index, worktree, began))};
      // Its own result ends an edit; what a formatter made of it comes after.
      if (edits && own_last) {
        result.after = {id, *own_last};
        if (own_first) result.before.q = std::min(result.before.q, *own_first - 1);
      } else {
        int64_t q = TRY(number_at(index, worktree, ended != 0 ? ended : INT64_MAX));
        if (ended != 0) q = TRY(with_late_changes(database, worktree, q, address, ended));
        result.after = {id, q};
      }
      result.after.q = std::max(result.after.q, result.before.q);
      return result;
    }
    if (address.turn != 0) {
      Statement* row = TRY(database.cached(
          "SELECT worktree, began, max(ended, last), (SELECT z.worktree FROM sessions z"
          " WHERE z.key = turns.session), (SELECT max(s.ended) FROM steps s"
          " WHERE s.session = turns.session AND s.turn = turns.number) FROM turns"
          " WHERE session = ? AND number = ?"));
      row->bind(address.session_key, address.turn);
      if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such turn");
      worktree = row->integer(0) != 0 ? row->integer(0) : row->integer(3);
      began = row->integer(1);
      ended = std::max(row->integer(2), row->integer(4));
      row->reset();
    } else {
      Statement* row =
          TRY(database.cached("SELECT worktree, began, last FROM sessions WHERE key = ?"));
      row->bind(address.session_key);
      if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such session");
      worktree = row->integer(0);
      began = row->integer(1);
      ended = row->integer(2);
      row->reset();
    }
    if (worktree == 0) return fail(ErrorKind::not_found, "it ran outside of all worktrees");
    std::string id = TRY(names.worktree(worktree));
    return Span{{id, TRY(number_at(index, worktree, began))},
                {id, TRY(number_at(index, worktree, ended))}};
  });
}

// --- Changes and versions ---

Result<std::vector<Change>> changes(Index& index, const Position& from, const Position& to) {
  return answer(index, [&]() -> Result<std::vector<Change>> {
    if (from.worktree != to.worktree) {
      return fail(ErrorKind::usage, "the positions are of different worktrees");
    }
    Names names(index);
    int64_t key = TRY(known_worktree(index, from.worktree));
    return changes_between(index, names, key, from.q, to.q);
  });
}

Result<std::vector<Change>> changes_of(Index& index, const Address& address) {
  return answer(index, [&]() -> Result<std::vector<Change>> {
    Names names(index);
    std::vector<std::pair<int64_t, int>> members{{address.session_key, address.turn}};
    if (address.step == 0) {
      for (const Subagent& subagent : TRY(subagents(index, names, address.session_key))) {
        if (address.turn == 0 || subagent.turn == address.turn)
          members.emplace_back(subagent.key, 0);
      }
    }
    std::vector<Change> all;
    for (const auto& [session, turn] : members) {
      Statement rows = TRY(db(index).prepare(
          std::string("SELECT ") + kChangeColumns +
          " FROM steps s JOIN transitions t ON t.owner_session = s.session AND t.owner_step = "
          "s.number"
          " WHERE s.session = ?1 AND (?2 = 0 OR s.turn = ?2) AND (?3 = 0 OR s.number = ?3)"
          " AND (t.flags & 24) = 0 ORDER BY t.worktree, t.q"));
      rows.bind(session, turn, address.step);
      auto some = TRY(load_changes(index, names, rows));
      std::ranges::move(some, std::back_inserter(all));
    }
    std::ranges::stable_sort(all, [](const Change& a, const Change& b) {
      return std::tie(a.seen, a.worktree, a.q) < std::tie(b.seen, b.worktree, b.q);
    });
    return all;
  });
}

Result<bool> came_with_switch(Index& index, const model::Change& change) {
  return answer(index, [&]() -> Result<bool> {
    Statement* row = TRY(db(index).cached(
        "SELECT 1 FROM worktrees w JOIN transitions t ON t.worktree = w.key JOIN reflog r ON"
        " r.worktree = t.worktree AND r.session = t.session AND r.event = t.event"
        " WHERE w.id = ? AND t.q = ? AND r.message LIKE 'checkout: moving%' LIMIT 1"));
    row->bind(change.worktree, change.q);
    bool found = TRY(row->step());
    row->reset();
    return found;
  });
}

Result<std::vector<std::string>> changed_paths(Index& index) {
  return answer(index, [&]() -> Result<std::vector<std::string>> {
    std::vector<std::string> paths;
    Statement* rows =
        TRY(db(index).cached("SELECT path FROM paths WHERE key IN (SELECT DISTINCT path FROM "
                             "transitions) ORDER BY path"));
    while (TRY(rows->step())) paths.push_back(rows->str(0));
    return paths;
  });
}

Result<std::vector<PathVersion>> versions(Index& index, std::string_view path,
                                          std::string_view worktree) {
  return answer(index, [&]() -> Result<std::vector<PathVersion>> {
    Names names(index);
    std::vector<PathVersion> result;
    int64_t key = TRY(path_key(index, path));
    std::vector<int64_t> worktrees;
    if (!worktree.empty()) {
      worktrees.push_back(TRY(known_worktree(index, worktree)));
    } else {
      Statement* rows = TRY(db(index).cached("SELECT key FROM worktrees ORDER BY id"));
      while (TRY(rows->step())) worktrees.push_back(rows->integer(0));
    }
    for (int64_t one : worktrees) {
      std::string id = TRY(names.worktree(one));
      std::vector<Change> list;
      if (key != 0) {
        Statement rows = TRY(db(index).prepare(
            std::string("SELECT ") + kChangeColumns +
            " FROM transitions t INDEXED BY transitions_path WHERE t.path = ? AND t.worktree = ?"
            " AND (t.flags & 24) = 0"
            " ORDER BY t.q"));
        rows.bind(key, one);
        list = TRY(load_changes(index, names, rows));
      }
      ObjectId last;
      std::string last_mode;
      bool known = false;
      size_t next = 0;
      auto take_changes = [&](int64_t until) {
        for (; next < list.size() && list[next].q <= until; ++next) {
          last = list[next].after;
          last_mode = list[next].after_mode;
          known = true;
          result.push_back({std::move(list[next]), false});
        }
      };
      std::vector<Base> bases = TRY(load_bases(index, one));
      for (size_t i = 0; i < bases.size(); ++i) {
        take_changes(bases[i].q);
        auto entry = base_entry(index, bases[i], key, path);
        if (!entry) {
          if (entry.error().kind != ErrorKind::not_found) return std::unexpected(entry.error());
          continue;
        }
        ObjectId id_now = *entry ? (*entry)->id : ObjectId{};
        std::string mode_now = *entry ? (*entry)->mode : "";
        if (known && id_now == last && mode_now == last_mode) continue;
        if (!known && id_now.empty()) {
          known = true;
          continue;
        }
        PathVersion version;
        version.base = true;
        version.change.worktree = id;
        version.change.q = bases[i].q;
        version.change.path = path;
        version.change.before = last;
        version.change.before_mode = last_mode;
        version.change.after = id_now;
        version.change.after_mode = mode_now;
        version.change.seen = bases[i].time;
        // A later base that differs: what happened in between was not seen.
        version.change.owner.kind = known ? model::OwnerKind::unknown : model::OwnerKind::before;
        version.change.owner.rule = known ? rule_text(Rule::gap) : "";
        result.push_back(std::move(version));
        last = id_now;
        last_mode = mode_now;
        known = true;
      }
      take_changes(INT64_MAX);
    }
    if (worktree.empty() && worktrees.size() > 1) {
      std::ranges::stable_sort(result, {}, [](const PathVersion& v) { return v.change.seen; });
    }
    return result;
  });
}

}  // namespace baton::index
