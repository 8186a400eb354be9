// How things stand: gaps, worktrees, and the status of it all.

#include <algorithm>
#include <map>

#include "index/left_out.h"
#include "index/newest_turn.h"
#include "index/queries.h"
#include "index/query_rows.h"

namespace baton::index {

Result<std::vector<model::Gap>> gaps(Index& index, std::optional<Micros> since) {
  return answer(index, [&]() -> Result<std::vector<model::Gap>> {
    Names names(index);
    std::vector<model::Gap> result;
    std::vector<std::pair<int64_t, int64_t>> keys;
    Statement* rows = TRY(
        db(index).cached("SELECT g.session, g.time, g.what, g.why, g.worktree, n.name FROM gaps g"
                         " JOIN sessions z ON z.key = g.session"
                         " LEFT JOIN events e ON e.session = g.session AND e.number = g.event"
                         " LEFT JOIN event_names n ON n.key = e.name WHERE g.time >= ?"
                         " ORDER BY g.time DESC, z.hash, g.event DESC, g.idx"));
    rows->bind(since.value_or(INT64_MIN));
    while (TRY(rows->step())) {
      model::Gap gap;
      keys.emplace_back(rows->integer(0), rows->integer(4));
      gap.time = rows->integer(1);
      gap.what = rows->str(2);
      gap.why = rows->str(3);
      gap.event = rows->str(5);
      result.push_back(std::move(gap));
    }
    for (size_t i = 0; i < result.size(); ++i) {
      const SessionName* name = TRY(names.session(keys[i].first));
      result[i].session = name->address;
      result[i].agent = name->agent;
      result[i].worktree = TRY(names.worktree(keys[i].second));
    }
    return result;
  });
}

Result<std::vector<model::WorktreeView>> worktrees(Index& index) {
  return answer(index, [&]() -> Result<std::vector<model::WorktreeView>> {
    std::vector<model::WorktreeView> result;
    Statement* rows = TRY(db(index).cached(
        "SELECT w.id, w.root, w.branch, c.id, (SELECT max(l.began) FROM looks l"
        " WHERE l.worktree = w.key AND l.whole = 1 AND l.complete = 1), (SELECT l.complete"
        " FROM looks l WHERE l.worktree = w.key AND l.whole = 1 ORDER BY l.began DESC LIMIT 1),"
        " (SELECT count(*) FROM transitions t WHERE t.worktree = w.key AND (t.flags & 24) = 0)"
        " FROM worktrees w LEFT JOIN commits c ON c.key = w.head ORDER BY w.time DESC, w.id"));
    while (TRY(rows->step())) {
      model::WorktreeView view;
      view.id = rows->str(0);
      view.root = rows->str(1);
      view.branch = rows->str(2);
      view.head = rows->str(3);
      view.last_pass = rows->integer(4);
      view.complete = rows->is_null(5) || rows->integer(5) != 0;
      view.transitions = rows->integer(6);
      result.push_back(std::move(view));
    }
    return result;
  });
}

Result<model::StatusView> status(Index& index) {
  return answer(index, [&]() -> Result<model::StatusView> {
    Database& database = db(index);
    model::StatusView view;
    Statement* counts = TRY(database.cached(
        "SELECT (SELECT count(*) FROM sessions WHERE agent <> 'baton'),"
        " (SELECT count(*) FROM turns WHERE prompted > 0), (SELECT count(*) FROM steps),"
        " (SELECT coalesce(sum(events), 0) FROM sessions),"
        " (SELECT count(*) FROM transitions WHERE (flags & 24) = 0), (SELECT count(*) FROM gaps)"));
    if (TRY(counts->step())) {
      view.sessions = counts->small(0);
      view.turns = counts->small(1);
      view.steps = counts->small(2);
      view.events = counts->integer(3);
      view.transitions = counts->integer(4);
      view.gap_count = counts->integer(5);
    }
    counts->reset();

    std::map<std::string, model::AgentHeard> agents;
    Statement* heard = TRY(database.cached(
        "SELECT agent, count(*), sum(events), max(last) FROM sessions GROUP BY agent"));
    while (TRY(heard->step())) {
      model::AgentHeard& agent = agents[heard->str(0)];
      agent.agent = heard->str(0);
      agent.sessions = heard->small(1);
      agent.events = heard->integer(2);
      agent.last = heard->integer(3);
    }
    Statement* events = TRY(database.cached(
        "SELECT agent, name, count, last, known FROM event_names ORDER BY last DESC, name"));
    while (TRY(events->step())) {
      model::AgentHeard& agent = agents[events->str(0)];
      agent.agent = events->str(0);
      if (agent.last_event.empty()) agent.last_event = events->str(1);
      agent.events_heard.push_back(
          {events->str(1), events->integer(2), events->integer(3), events->integer(4) != 0});
    }
    agents.erase("baton");
    for (auto& [id, agent] : agents) view.agents.push_back(std::move(agent));
    std::ranges::stable_sort(view.agents,
                             [](const auto& a, const auto& b) { return a.last > b.last; });

    SessionFilter filter;
    for (model::Session& session : TRY(sessions(index, filter))) {
      if (session.state == model::SessionState::running ||
          session.state == model::SessionState::open) {
        view.running.push_back(std::move(session));
      }
    }
    view.worktrees = TRY(worktrees(index));

    auto all_gaps = TRY(gaps(index));
    if (all_gaps.size() > kMaxGapsShown) all_gaps.resize(kMaxGapsShown);
    view.gaps = std::move(all_gaps);

    // What was left out, unless it was recorded later.
    Names names(index);
    Statement* skipped = TRY(database.cached(
        "SELECT w.id, p.path, k.reason, k.time FROM skipped k JOIN worktrees w ON w.key = "
        "k.worktree"
        " JOIN paths p ON p.key = k.path WHERE k.reason <> 'vanished' AND NOT EXISTS"
        " (SELECT 1 FROM transitions t WHERE t.path = k.path AND t.worktree = k.worktree"
        " AND t.seen > k.time AND (t.flags & 2) = 0) ORDER BY p.path, w.id"));
    StillLeftOut still(index.store());
    while (TRY(skipped->step())) {
      model::Skipped left{skipped->str(0), skipped->str(1), skipped->str(2), skipped->integer(3)};
      if (!still.holds(left)) continue;
      ++view.skipped_count;
      if (view.skipped.size() < kMaxSkippedShown) view.skipped.push_back(std::move(left));
    }

    TestFilter tests;
    tests.kind = model::TestKind::test;
    tests.limit = 1;
    auto runs = TRY(test_runs(index, tests));
    if (!runs.empty()) {
      view.last_test = std::move(runs.front());
      ChangesSince since = TRY(changes_since(index, *view.last_test));
      view.last_test_fresh = since.after.empty() && since.maybe.empty();
      view.last_test_unknown = since.after.empty() && !since.maybe.empty();
    }

    LogFilter last;
    last.synthetic = false;
    last.limit = 1;
    auto turns = TRY(log(index, last));
    if (!turns.empty()) view.last_turn = std::move(turns.front().turn);

    Statement* planned =
        TRY(database.cached("SELECT session FROM plan_items ORDER BY time DESC LIMIT 1"));
    int64_t session = TRY(planned->step()) ? planned->integer(0) : 0;
    planned->reset();
    if (session != 0) {
      for (model::PlanItem& item : TRY(plan(index, session)).items) {
        if (item.status != "completed") view.open_items.push_back(std::move(item));
      }
    }

    Statement* damaged = TRY(database.cached(
        "SELECT directory, damaged, damage FROM sessions WHERE damaged > 0 ORDER BY directory"));
    while (TRY(damaged->step())) {
      view.damaged.push_back(damaged->str(0) + ": " + damaged->str(2) +
                             (damaged->integer(1) > 1
                                  ? " (and " + std::to_string(damaged->integer(1) - 1) + " more)"
                                  : ""));
    }
    return view;
  });
}

Result<std::optional<model::Turn>> newest_turn(Index& index, std::string_view branch) {
  constexpr size_t kLookedAt = 200;
  LogFilter newest;
  newest.synthetic = false;
  newest.limit = kLookedAt;
  std::optional<model::Turn> found;
  for (auto& view : TRY(log(index, newest))) {
    if (view.turn.branch != branch) continue;
    found = std::move(view.turn);
    break;
  }
  return found;
}

}  // namespace baton::index
