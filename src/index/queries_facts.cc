// Derived facts: plans, test runs, reads, prompts behind a commit, and the status of it all.

#include <algorithm>
#include <map>
#include <set>

#include "base/bytes.h"
#include "index/contents.h"
#include "index/queries.h"
#include "index/query_rows.h"
#include "index/run_tree.h"

namespace baton::index {
namespace {

using model::Change;
using model::Plan;
using model::PlanItem;

struct PlanRow {
  int step = 0, whole = 0;
  Micros time = 0;
  PlanItem item;
  std::string prose;
};

Result<std::vector<PlanRow>> plan_rows(Index& index, Names& names, int64_t session,
                                       int after_step) {
  Database& database = db(index);
  Micros until = INT64_MAX;
  if (after_step != 0) {
    Statement* step = TRY(database.cached(
        "SELECT max(ended, began, first) FROM steps WHERE session = ? AND number = ?"));
    step->bind(session, after_step);
    if (TRY(step->step())) until = step->integer(0);
    step->reset();
  }
  std::vector<PlanRow> result;
  Statement* rows = TRY(database.cached(
      "SELECT step, time, whole, id, text, status, prose FROM plan_items WHERE session = ?1"
      " AND (step <= ?2 OR step = 0) AND time <= ?3 ORDER BY seq"));
  rows->bind(session, after_step == 0 ? INT32_MAX : after_step, until);
  while (TRY(rows->step())) {
    PlanRow row;
    row.step = rows->small(0);
    row.time = rows->integer(1);
    row.whole = rows->small(2);
    row.item.id = rows->str(3);
    row.item.text = rows->str(4);
    row.item.status = rows->str(5);
    row.item.time = row.time;
    row.prose = rows->str(6);
    result.push_back(std::move(row));
  }
  for (PlanRow& row : result) row.item.step = TRY(names.step(session, row.step));
  return result;
}

Plan replay_plan(const std::vector<PlanRow>& rows) {
  Plan plan;
  int whole = 0;
  for (const PlanRow& row : rows) {
    if (row.step != 0) plan.step = row.item.step;
    if (row.whole != 0 && row.whole != whole) {
      // A call that replaces the plan; its items follow.
      std::vector<PlanItem> before = std::move(plan.items);
      plan.items.clear();
      whole = row.whole;
      for (const PlanRow& other : rows) {
        if (other.whole != whole || other.item.text.empty()) continue;
        PlanItem item = other.item;
        // An item that keeps its state has it since the call that gave it.
        for (const PlanItem& old : before) {
          if (old.text == item.text && old.status == item.status) {
            item.step = old.step;
            item.time = old.time;
          }
        }
        plan.items.push_back(std::move(item));
      }
      continue;
    }
    if (row.whole != 0) continue;
    if (!row.prose.empty()) plan.text = row.prose;
    if (row.item.id.empty() && row.item.text.empty()) continue;
    auto found = std::ranges::find_if(plan.items,
                                      [&](const PlanItem& item) { return item.id == row.item.id; });
    if (found == plan.items.end()) {
      PlanItem item = row.item;
      if (item.status.empty()) item.status = "pending";
      plan.items.push_back(std::move(item));
      continue;
    }
    if (!row.item.text.empty()) found->text = row.item.text;
    if (!row.item.status.empty() && row.item.status != found->status) {
      found->status = row.item.status;
      found->step = row.item.step;
      found->time = row.time;
    }
  }
  std::erase_if(plan.items, [](const PlanItem& item) { return item.status == "deleted"; });
  return plan;
}

}  // namespace

Result<Plan> plan(Index& index, int64_t session_key, int after_step) {
  return answer(index, [&]() -> Result<Plan> {
    Names names(index);
    return replay_plan(TRY(plan_rows(index, names, session_key, after_step)));
  });
}

Result<std::vector<PlanItem>> plan_history(Index& index, int64_t session_key) {
  return answer(index, [&]() -> Result<std::vector<PlanItem>> {
    Names names(index);
    std::vector<PlanItem> items;
    for (PlanRow& row : TRY(plan_rows(index, names, session_key, 0))) {
      if (!row.item.id.empty() || !row.item.text.empty()) items.push_back(std::move(row.item));
    }
    return items;
  });
}

Result<std::vector<model::TestRun>> test_runs(Index& index, const TestFilter& filter) {
  return answer(index, [&]() -> Result<std::vector<model::TestRun>> {
    Names names(index);
    int64_t worktree = 0;
    if (!filter.worktree.empty()) {
      worktree = TRY(worktree_key(index, filter.worktree));
      if (worktree == 0) return std::vector<model::TestRun>();
    }
    Statement rows = TRY(db(index).prepare(
        std::string("SELECT ") + kTestColumns +
        " FROM tests x JOIN steps s ON s.session = x.session AND s.number = x.step"
        " JOIN sessions z ON z.key = x.session WHERE (?1 = 0 OR x.session = ?1)"
        " AND (?2 = 0 OR s.worktree = ?2) AND (?3 < 0 OR x.kind = ?3)"
        " ORDER BY x.time DESC, z.hash, x.step DESC LIMIT ?4"));
    rows.bind(filter.session.value_or(0), worktree,
              filter.kind ? static_cast<int>(*filter.kind) : -1,
              filter.limit == 0 ? int64_t{-1} : static_cast<int64_t>(filter.limit));
    return load_tests(index, names, rows);
  });
}

Result<ChangesSince> changes_since(Index& index, const model::TestRun& run) {
  ChangesSince since;
  if (!run.tree.known()) return since;
  return answer(index, [&]() -> Result<ChangesSince> {
    model::Position now = TRY(newest(index, run.tree.worktree));
    for (Change& change : TRY(changes(index, run.tree, now))) {
      bool own = change.owner.kind == model::OwnerKind::step && change.owner.step == run.step;
      if (change.skipped || own) continue;
      RanOn seen = ran_on(run, change);
      if (seen == RanOn::no) since.after.push_back(std::move(change));
      if (seen == RanOn::unknown) since.maybe.push_back(std::move(change));
    }
    return std::move(since);
  });
}

Result<std::vector<model::PathRead>> reads(Index& index, int64_t session_key, int turn) {
  return answer(index, [&]() -> Result<std::vector<model::PathRead>> {
    Names names(index);
    std::vector<model::PathRead> result;
    Statement* rows = TRY(db(index).cached(
        "SELECT p.path, r.basis, s.number, s.turn, coalesce(nullif(s.began, 0), s.first)"
        " FROM steps s JOIN reads r ON r.session = s.session AND r.step = s.number"
        " JOIN paths p ON p.key = r.path WHERE s.session = ?1 AND (?2 = 0 OR s.turn = ?2)"
        " AND NOT (s.outcome IN (2, 3) AND r.last) AND s.outcome <> 3 ORDER BY s.number, p.path"));
    rows->bind(session_key, turn);
    struct Key {
      int step, turn;
    };
    std::vector<Key> keys;
    while (TRY(rows->step())) {
      model::PathRead read;
      read.path = rows->str(0);
      read.basis = static_cast<model::Basis>(rows->small(1));
      read.time = rows->integer(4);
      keys.push_back({rows->small(2), rows->small(3)});
      result.push_back(std::move(read));
    }
    for (size_t i = 0; i < result.size(); ++i) {
      result[i].step = TRY(names.step(session_key, keys[i].step, keys[i].turn));
    }
    return result;
  });
}

// --- Commits ---

namespace {

// The changes behind one path of a commit: those that led from the parent's content to the
// commit's.
struct Explained {
  std::vector<Change> changes;
  bool found = false;
};

ObjectId stored_by_git(const Change& change) {
  return change.git_id.empty() ? change.after : change.git_id;
}

// git notes whole seconds, and the look that sees a change comes after it.
constexpr Micros kSeenSoon = 10 * kSecond;

// Whether the change can be in a commit of that time: seen by then, or seen later and made before.
bool was_there(const Change& change, Micros committed) {
  if (change.seen <= committed + kSeenSoon) return true;
  if (change.ctime_ns > 0) return change.ctime_ns / 1000 <= committed + 2 * kSecond;
  return change.owner.kind != model::OwnerKind::step;
}

Explained explain(const std::vector<model::PathVersion>& versions,
                  const GitSource::CommitChange& target, Micros committed) {
  Explained best;
  // Each worktree's timeline by itself; the newest version with that content before the commit
  // wins.
  std::map<std::string, std::vector<const Change*>> timelines;
  std::set<std::string> had_before;  // timelines that begin with the commit's content
  for (const auto& version : versions) {
    if (!version.base) {
      timelines[version.change.worktree].push_back(&version.change);
    } else if (!target.after.empty() && stored_by_git(version.change) == target.after) {
      had_before.insert(version.change.worktree);
    }
  }
  Micros best_time = -1;
  for (const auto& [worktree, list] : timelines) {
    // The commit's own content, last seen not long after it was made.
    int at = -1;
    for (size_t i = 0; i < list.size(); ++i) {
      bool same =
          target.after.empty() ? list[i]->after.empty() : stored_by_git(*list[i]) == target.after;
      // What git brought is not where the commit is from.
      if (list[i]->owner.kind == model::OwnerKind::git) continue;
      // If the content was there before, only what surely came before the commit counts.
      bool in_time = had_before.contains(worktree) ? list[i]->seen <= committed
                                                   : was_there(*list[i], committed);
      if (same && in_time) at = static_cast<int>(i);
    }
    if (at < 0 || list[static_cast<size_t>(at)]->seen < best_time) continue;
    std::vector<Change> chain;
    for (int i = at; i >= 0; --i) {
      const Change& change = *list[static_cast<size_t>(i)];
      // The parent's content: what led to it belongs to older commits.
      if (i < at && stored_by_git(change) == target.before) break;
      chain.push_back(change);
      if (change.before == target.before) break;
    }
    std::ranges::reverse(chain);
    best.found = true;
    best.changes = std::move(chain);
    best_time = list[static_cast<size_t>(at)]->seen;
  }
  return best;
}

}  // namespace

Result<model::CommitView> commit_prompts(Index& index, std::string_view revision) {
  return answer(index, [&]() -> Result<model::CommitView> {
    if (index.git() == nullptr) return fail(ErrorKind::not_found, "git cannot be asked");
    Names names(index);
    GitSource::Commit commit = TRY(index.git()->commit(revision));
    model::CommitView view;
    view.commit = commit.id;

    Statement* made = TRY(db(index).cached(
        "SELECT r.owner_session, r.owner_step FROM reflog r JOIN commits c ON c.key = r.new"
        " WHERE c.id = ? AND r.owner_session IS NOT NULL ORDER BY r.time LIMIT 1"));
    made->bind(commit.id);
    int64_t made_session = 0;
    int made_step = 0;
    if (TRY(made->step())) {
      made_session = made->integer(0);
      made_step = made->small(1);
    }
    made->reset();
    view.made_by = TRY(names.step(made_session, made_step));

    struct Behind {
      std::set<std::pair<Micros, int>> order;
      std::vector<model::StepRef> steps;
      std::set<std::string> paths;
      model::Evidence evidence = model::Evidence::exact;
    };
    std::map<std::pair<int64_t, int>, Behind> prompts;
    // Dates of commits can be anything: when one was seen to be made counts as well.
    Micros committed = commit.committed * kSecond;
    Statement* moved = TRY(db(index).cached(
        "SELECT min(r.time) FROM reflog r JOIN commits c ON c.key = r.new WHERE c.id = ? AND"
        " (r.message LIKE 'commit%' OR r.message LIKE 'cherry-pick%' OR r.message LIKE 'rebase%'"
        " OR r.message LIKE 'revert%' OR r.message LIKE 'am:%')"));
    moved->bind(commit.id);
    if (TRY(moved->step()) && !moved->is_null(0)) {
      committed = std::max(committed, moved->integer(0));
    }
    moved->reset();
    for (const auto& change : commit.changes) {
      view.paths.push_back(change.path);
      auto history = TRY(versions(index, change.path));
      Explained explained = explain(history, change, committed);
      if (!explained.found) {
        view.unexplained.push_back(change.path);
        continue;
      }
      for (const Change& one : explained.changes) {
        if (one.skipped) continue;
        std::vector<model::StepRef> refs;
        if (one.owner.kind == model::OwnerKind::step) {
          if (one.owner.evidence == model::Evidence::contested) {
            refs = one.owner.candidates;
          } else {
            refs.push_back(one.owner.step);
          }
        }
        for (const model::StepRef& ref : refs) {
          Behind& behind = prompts[{ref.session_key, ref.turn}];
          if (std::ranges::find(behind.steps, ref) == behind.steps.end())
            behind.steps.push_back(ref);
          behind.paths.insert(change.path);
          behind.evidence = std::max(behind.evidence, one.owner.evidence);
        }
      }
    }
    for (auto& [key, behind] : prompts) {
      // A subagent's work belongs to its parent's prompt.
      int64_t session = key.first;
      int number = key.second;
      for (int i = 0; i < 16; ++i) {
        int64_t above = TRY(names.parent(session));
        if (above == 0) break;
        for (const Subagent& subagent : TRY(subagents(index, names, above))) {
          if (subagent.key == session) number = subagent.turn;
        }
        session = above;
      }
      auto existing = std::ranges::find_if(view.prompts, [&](const model::CommitPrompt& prompt) {
        return prompt.turn.session_key == session && prompt.turn.number == number;
      });
      if (existing == view.prompts.end()) {
        model::CommitPrompt prompt;
        auto turn = show_turn(index, session, number);
        if (!turn) continue;
        prompt.turn = std::move(turn->turn);
        view.prompts.push_back(std::move(prompt));
        existing = view.prompts.end() - 1;
      }
      std::ranges::sort(behind.steps, {}, &model::StepRef::step);
      std::ranges::move(behind.steps, std::back_inserter(existing->steps));
      for (const std::string& path : behind.paths) {
        if (std::ranges::find(existing->paths, path) == existing->paths.end()) {
          existing->paths.push_back(path);
        }
      }
      std::ranges::sort(existing->paths);
      existing->evidence = std::max(existing->evidence, behind.evidence);
    }
    std::ranges::sort(view.prompts, [](const auto& a, const auto& b) {
      return std::tie(a.turn.began, a.turn.session, a.turn.number) <
             std::tie(b.turn.began, b.turn.session, b.turn.number);
    });
    return view;
  });
}

// --- Status ---

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
    while (TRY(skipped->step())) {
      ++view.skipped_count;
      if (view.skipped.size() < kMaxSkippedShown) {
        view.skipped.push_back(
            {skipped->str(0), skipped->str(1), skipped->str(2), skipped->integer(3)});
      }
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
      for (PlanItem& item : TRY(plan(index, session)).items) {
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

}  // namespace baton::index
