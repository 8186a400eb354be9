#include "index/acts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/json.h"
#include "index/queries.h"
#include "index/query_rows.h"
#include "store/journal.h"

namespace baton::index {
namespace {

// What others saw of a rewind since the one before it had ended.
Status find_half(Index& index, int64_t worktree, Micros since, Act& act) {
  Statement* row = TRY(db(index).cached(
      "SELECT min(q), max(q) FROM transitions INDEXED BY transitions_half WHERE worktree = ?"
      " AND kind = 4 AND seen > ? AND seen <= ? AND (flags & 24) = 0"));
  row->bind(worktree, since, act.time);
  if (TRY(row->step()) && !row->is_null(0)) {
    act.half_first = row->integer(0);
    act.half_last = row->integer(1);
  }
  row->reset();
  return {};
}

}  // namespace

Result<std::vector<Act>> acts(Index& index, std::string_view worktree) {
  return answer(index, [&]() -> Result<std::vector<Act>> {
    Names names(index);
    int64_t only = worktree.empty() ? 0 : TRY(worktree_key(index, worktree));
    std::vector<Act> found;
    if (!worktree.empty() && only == 0) return found;
    struct Place {
      int64_t worktree;
      bool changed;
      int64_t first, last;
    };
    std::vector<Place> places;
    std::map<int64_t, Micros> ended;  // by worktree: when the newest rewind had come to its end
    Statement* rows = TRY(db(index).cached(
        "SELECT n.session, n.event, n.time, n.kind, n.text, n.worktree, z.id,"
        " (SELECT min(t.q) FROM transitions t WHERE t.session = n.session AND t.event = n.event"
        " AND t.worktree = n.worktree), (SELECT max(t.q) FROM transitions t"
        " WHERE t.session = n.session AND t.event = n.event AND t.worktree = n.worktree)"
        " FROM notes n JOIN sessions z ON z.key = n.session"
        " WHERE n.kind IN ('Rewind', 'Checkpoint', 'Fork', 'RewindTakenBack') AND (?1 = 0 OR "
        "n.worktree = ?1)"
        " ORDER BY n.time, n.session, n.event"));
    rows->bind(only);
    std::set<std::string> seen;
    while (TRY(rows->step())) {
      if (rows->text(3) == kTakenBackEvent) {
        ended[rows->integer(5)] = rows->integer(2);
        continue;
      }
      auto document = json::Document::parse(rows->str(4));
      if (!document) continue;
      json::Value payload = document->root();
      Act act;
      act.id = payload["id"].str();
      if (!act.id.empty() && !seen.insert(act.id).second) continue;
      act.session_key = rows->integer(0);
      act.event = rows->integer(1);
      act.time = rows->integer(2);
      act.event_name = rows->str(3);
      act.session = rows->str(6);
      act.name = payload["name"].str();
      act.kind = payload["kind"].str();
      act.target = payload["target"].str();
      act.of = payload["of"].str();
      act.only = payload["only"].str();
      act.note = payload["note"].str();
      if (act.event_name == kForkEvent) act.forked = payload["session"].str();
      act.files = payload["files"].integer();
      json::Value entries = payload["index"];
      act.with_index = entries.is_array();
      for (size_t i = 0; i < entries.size(); ++i)
        act.index.push_back(store::path_from_text(entries.at(i).str()));
      Place place{rows->integer(5), !rows->is_null(7), rows->integer(7), rows->integer(8)};
      if (act.event_name == kRewindEvent) {
        TRY(find_half(index, place.worktree, std::exchange(ended[place.worktree], act.time), act));
        if (act.half_first != 0) {
          place.first = place.changed ? std::min(place.first, act.half_first) : act.half_first;
          place.last = place.changed ? std::max(place.last, act.half_last) : act.half_last;
          place.changed = true;
        }
      }
      places.push_back(place);
      found.push_back(std::move(act));
    }
    for (size_t i = 0; i < found.size(); ++i) {
      const Place& place = places[i];
      if (place.worktree == 0) continue;
      std::string id = TRY(names.worktree(place.worktree));
      int64_t now = TRY(number_at(index, place.worktree, found[i].time));
      bool rewind = found[i].event_name == kRewindEvent && place.changed;
      found[i].before = {id, rewind ? place.first - 1 : now};
      found[i].after = {id, rewind ? place.last : now};
    }
    std::ranges::reverse(found);
    return found;
  });
}

Result<std::vector<model::Change>> changes_of(Index& index, const Act& act) {
  return answer(index, [&]() -> Result<std::vector<model::Change>> {
    Names names(index);
    Statement rows = TRY(db(index).prepare(
        std::string("SELECT ") + kChangeColumns +
        " FROM transitions t WHERE t.session = ? AND t.event = ? AND (t.flags & 24) = 0"
        " ORDER BY t.q"));
    rows.bind(act.session_key, act.event);
    auto own = TRY(load_changes(index, names, rows));
    if (act.half_first == 0) return own;
    Statement half = TRY(db(index).prepare(
        std::string("SELECT ") + kChangeColumns +
        " FROM transitions t JOIN worktrees w ON w.key = t.worktree WHERE w.id = ? AND t.kind = 4"
        " AND t.q >= ? AND t.q <= ? AND (t.flags & 24) = 0 ORDER BY t.q"));
    half.bind(act.before.worktree, act.half_first, act.half_last);
    auto all = TRY(load_changes(index, names, half));
    std::ranges::move(own, std::back_inserter(all));
    return all;
  });
}

Result<std::vector<OpenCommand>> open_commands(Index& index, std::string_view worktree) {
  return answer(index, [&]() -> Result<std::vector<OpenCommand>> {
    std::vector<std::array<int64_t, 3>> open;
    int64_t key = TRY(worktree_key(index, worktree));
    Statement* rows = TRY(db(index).cached(
        "SELECT s.session, s.number, coalesce(z.pid, 0) FROM steps s JOIN sessions z"
        " ON z.key = s.session WHERE s.ended = 0 AND s.kind = ? AND s.worktree = ?"
        " ORDER BY s.first, s.session, s.number"));
    rows->bind(static_cast<int>(model::StepKind::shell), key);
    while (TRY(rows->step())) {
      open.push_back({rows->integer(0), rows->integer(1), rows->integer(2)});
    }
    std::vector<OpenCommand> commands;
    for (const auto& [session_key, number, pid] : open) {
      model::Step one = TRY(step(index, session_key, static_cast<int>(number)));
      if (one.outcome != model::StepOutcome::running) continue;
      commands.push_back({std::move(one), static_cast<int>(pid)});
    }
    return commands;
  });
}

Result<std::string> head_at(Index& index, const model::Position& position) {
  return answer(index, [&]() -> Result<std::string> {
    int64_t key = TRY(worktree_key(index, position.worktree));
    Statement* row = TRY(db(index).cached(
        "SELECT c.id FROM looks l JOIN commits c ON c.key = l.head WHERE l.worktree = ?1"
        " AND l.time <= coalesce((SELECT t.seen FROM transitions t WHERE t.worktree = ?1"
        " AND t.q <= ?2 ORDER BY t.q DESC LIMIT 1), (SELECT min(time) FROM looks"
        " WHERE worktree = ?1)) ORDER BY l.time DESC LIMIT 1"));
    row->bind(key, position.q);
    std::string commit = TRY(row->step()) ? row->str(0) : "";
    row->reset();
    return commit;
  });
}

}  // namespace baton::index
