// Facts derived from what was recorded: plans, test runs, reads.

#include <algorithm>

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

}  // namespace baton::index
