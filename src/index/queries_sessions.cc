// Sessions: the list, and each of them in full.

#include <algorithm>
#include <set>

#include "index/notes.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {
namespace {

using model::SessionState;

Result<model::Session> load_session(Index& index, Names& names, int64_t key) {
  Database& database = db(index);
  const SessionName* name = TRY(names.session(key));
  model::Session session;
  session.key = key;
  session.address = name->address;
  session.agent = name->agent;
  session.id = name->id;
  session.state = TRY(names.state(key));
  session.began = name->began;
  session.last = name->last;
  Statement* row = TRY(database.cached(
      "SELECT subagent_type, model, title, cwd, worktree, branch, compactions, file_compactions,"
      " resumed FROM sessions WHERE key = ?"));
  row->bind(key);
  if (!TRY(row->step())) return fail(ErrorKind::not_found, "no such session");
  session.subagent_type = row->str(0);
  session.model = row->str(1);
  session.title = row->str(2);
  session.cwd = row->str(3);
  int64_t worktree = row->integer(4);
  session.branch = row->str(5);
  session.compactions = std::max(row->small(6), row->small(7));
  session.resumed = row->small(8);
  row->reset();
  session.worktree = TRY(names.worktree(worktree));

  session.parent_key = TRY(names.parent(key));
  if (session.parent_key != 0) {
    const SessionName* parent = TRY(names.session(session.parent_key));
    session.parent = parent->address;
    Statement* call = TRY(database.cached(
        "SELECT number, subagent_prompt FROM steps WHERE session = ? AND subagent = ? LIMIT 1"));
    call->bind(session.parent_key, name->id);
    if (TRY(call->step())) {
      session.parent_step = call->small(0);
      session.first_prompt = call->str(1);
    }
    call->reset();
  }

  Statement* counts =
      TRY(database.cached("SELECT (SELECT count(*) FROM turns WHERE session = ?1 AND prompted > 0),"
                          " (SELECT count(*) FROM steps WHERE session = ?1),"
                          " (SELECT count(*) FROM steps WHERE session = ?1 AND outcome IN (2, 3)),"
                          " (SELECT count(DISTINCT path) FROM transitions WHERE owner_session = ?1"
                          " AND (flags & 28) = 0),"
                          " (SELECT count(*) FROM sessions WHERE agent = ?2 AND parent = ?3)"));
  counts->bind(key, name->agent, name->id);
  if (TRY(counts->step())) {
    session.turns = counts->small(0);
    session.steps = counts->small(1);
    session.failed_steps = counts->small(2);
    session.paths_changed = counts->small(3);
    session.subagents = counts->small(4);
  }
  counts->reset();

  Statement* prompts = TRY(database.cached(
      "SELECT * FROM (SELECT prompt, number FROM turns WHERE session = ?1 AND prompted > 0"
      " AND synthetic = 0 ORDER BY number LIMIT 1) UNION ALL SELECT * FROM (SELECT prompt, number"
      " FROM turns WHERE session = ?1 AND prompted > 0 AND synthetic = 0 ORDER BY number DESC "
      "LIMIT 1)"));
  prompts->bind(key);
  bool first = true;
  while (TRY(prompts->step())) {
    if (first) session.first_prompt = prompts->str(0);
    session.last_prompt = prompts->str(0);
    first = false;
  }

  Statement* tokens = TRY(database.cached(
      "SELECT sum(input), sum(cached), sum(output), sum(reasoning) FROM tokens WHERE session = ?"));
  tokens->bind(key);
  if (TRY(tokens->step())) {
    session.tokens = {tokens->integer(0), tokens->integer(1), tokens->integer(2),
                      tokens->integer(3)};
  }
  tokens->reset();
  return session;
}

}  // namespace

Result<std::vector<model::Session>> sessions(Index& index, const SessionFilter& filter) {
  return answer(index, [&]() -> Result<std::vector<model::Session>> {
    Names names(index);
    std::set<std::pair<int64_t, int>> touching;
    if (!filter.paths.empty()) touching = TRY(turns_touching(index, filter.paths, true));
    int64_t worktree = 0;
    if (!filter.worktree.empty()) {
      worktree = TRY(worktree_key(index, filter.worktree));
      if (worktree == 0) return std::vector<model::Session>();
    }
    std::string parent_id, parent_agent;
    if (filter.parent) {
      const SessionName* parent = TRY(names.session(*filter.parent));
      parent_id = parent->id;
      parent_agent = parent->agent;
    }
    std::vector<int64_t> keys;
    Statement* rows = TRY(db(index).cached(
        "SELECT key, agent, parent, began, worktree FROM sessions WHERE agent <> 'baton'"
        " AND (?1 = '' OR agent = ?1) AND last >= ?2 AND began <= ?3"
        " AND (?4 = 0 OR worktree = ?4) AND (?5 = '' OR EXISTS (SELECT 1 FROM turns t"
        " WHERE t.session = sessions.key AND t.branch = ?5)) ORDER BY last DESC, hash"));
    rows->bind(filter.agent, filter.since.value_or(INT64_MIN), filter.until.value_or(INT64_MAX),
               worktree, filter.branch);
    while (TRY(rows->step())) {
      std::string_view parent = rows->text(2);
      if (filter.parent) {
        if (parent != parent_id || rows->text(1) != parent_agent) continue;
      } else if (!parent.empty() && !filter.subagents) {
        continue;
      }
      int64_t key = rows->integer(0);
      if (!filter.paths.empty()) {
        auto at = touching.lower_bound({key, INT32_MIN});
        bool own = at != touching.end() && at->first == key;
        if (!own) {
          bool of_subagent = false;
          for (const auto& [other, turn] : touching) {
            (void)turn;
            if (other == key) of_subagent = true;
          }
          if (!of_subagent) continue;
        }
      }
      keys.push_back(key);
      if (filter.limit != 0 && keys.size() >= filter.limit) break;
    }
    rows->reset();
    std::vector<model::Session> list;
    for (int64_t key : keys) list.push_back(TRY(load_session(index, names, key)));
    return list;
  });
}

Result<model::Session> session(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<model::Session> {
    Names names(index);
    return load_session(index, names, session_key);
  });
}

Result<Rest> rest_before(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<Rest> {
    Names names(index);
    Rest rest;
    Statement* rows = TRY(db(index).cached(
        "SELECT e.time, l.head FROM events e JOIN event_names n ON n.key = e.name"
        " LEFT JOIN looks l ON l.session = e.session AND l.event = e.number WHERE e.session = ?"
        // It comes right before or right behind a start.
        " AND n.name <> 'InstructionsLoaded' ORDER BY e.number DESC LIMIT 200"));
    rows->bind(session_key);
    int64_t now = 0, before = 0;
    bool newest = true;
    while (TRY(rows->step())) {
      if (newest) {
        now = rows->integer(1);
        newest = false;
        continue;
      }
      if (rest.since == 0) rest.since = rows->integer(0);
      if (before == 0) before = rows->integer(1);
      if (before != 0) break;
    }
    rows->reset();
    rest.head_now = TRY(names.commit(now));
    rest.head_before = TRY(names.commit(before));
    if (now == 0 || before == 0) rest.head_before = rest.head_now;
    return rest;
  });
}

Result<model::SessionView> show_session(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<model::SessionView> {
    Names names(index);
    model::SessionView view;
    view.session = TRY(load_session(index, names, session_key));
    std::vector<int> numbers;
    Statement* rows =
        TRY(db(index).cached("SELECT number FROM turns WHERE session = ? ORDER BY number"));
    rows->bind(session_key);
    while (TRY(rows->step())) numbers.push_back(rows->small(0));
    for (int number : numbers) {
      view.turns.push_back(TRY(full_turn(index, names, session_key, number)));
    }
    TRY(add_notes(index, view.turns));
    std::vector<int64_t> keys;
    Statement* children =
        TRY(db(index).cached("SELECT key FROM sessions WHERE agent = ? AND parent = ? AND key <> ? "
                             "ORDER BY began, hash"));
    children->bind(view.session.agent, view.session.id, session_key);
    while (TRY(children->step())) keys.push_back(children->integer(0));
    for (int64_t key : keys) view.subagents.push_back(TRY(load_session(index, names, key)));
    return view;
  });
}

}  // namespace baton::index
