#include "index/session_ingest.h"

#include <algorithm>

#include "index/call_facts.h"
#include "index/text_list.h"

namespace baton::index {

Status SessionIngest::observe(const EventHeader& header) {
  for (const Look& look : header.looks) TRY(observe_look(header, look, event_step_));

  if (!header.worktree.empty() && !header.reflog.empty()) {
    int64_t worktree = TRY(tables_.worktree(header.worktree))->key;
    Statement* add =
        TRY(tables_.database().cached("INSERT OR REPLACE INTO reflog(worktree, time, session, "
                                      "event, idx, old, new, moved, message)"
                                      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    int index = 0;
    Micros since = header.time;
    for (const ReflogEntry& entry : header.reflog) {
      int64_t from = TRY(tables_.commit_key(entry.from));
      int64_t to = TRY(tables_.commit_key(entry.to));
      TRY(add->run(worktree, header.time, row_.key, header.number, index++, from, to, entry.moved,
                   entry.message));
      since = std::min(since, entry.moved - kSecond);
    }
    tables_.touch(worktree, since);
  }
  return {};
}

Status SessionIngest::add_left_tree(const Look& look) {
  Database& database = tables_.database();
  Statement* add_tree =
      TRY(database.cached("INSERT OR IGNORE INTO left_trees(tree, newer) VALUES(?, ?)"));
  TRY(add_tree->run(look.left_tree, look.new_tree));
  if (database.changes() == 0) return {};
  return add_entries("INSERT OR REPLACE INTO left_entries(path, left, id, mode) VALUES(?, ?, ?, ?)",
                     database.last_row_id(), look.left_entries);
}

// The files of a tree, in which `insert` names path, tree, id and mode.
Status SessionIngest::add_entries(const char* insert, int64_t tree,
                                  const std::vector<BaseEntry>& entries) {
  Statement* add = TRY(tables_.database().cached(insert));
  for (const BaseEntry& entry : entries) {
    int64_t path = TRY(tables_.path_key(entry.path));
    TRY(add->run(path, tree, entry.id, entry.mode));
  }
  return {};
}

Status SessionIngest::add_base(const EventHeader& header, const Look& look, int64_t worktree) {
  Database& database = tables_.database();
  Statement* add_base = TRY(
      database.cached("INSERT OR IGNORE INTO bases(worktree, time, session, event, commit_id, tree,"
                      " seen, q) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  TRY(add_base->run(worktree, look.began, row_.key, header.number, look.base_commit, look.base_tree,
                    header.time, look.base_number));
  if (database.changes() == 0) return {};  // a damaged journal may hold a line twice
  return add_entries("INSERT OR REPLACE INTO base_entries(path, base, id, mode) VALUES(?, ?, ?, ?)",
                     database.last_row_id(), look.base_entries);
}

Status SessionIngest::observe_look(const EventHeader& header, const Look& look, int step_number) {
  Database& database = tables_.database();
  int64_t worktree = TRY(tables_.worktree(look.worktree))->key;
  Statement* add_look = TRY(database.cached(
      "INSERT OR REPLACE INTO looks(worktree, began, session, event, time, whole, complete, step,"
      " head, op, next_q) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  int64_t head = TRY(tables_.commit_key(header.head));
  TRY(add_look->run(worktree, look.began, row_.key, header.number, header.time, look.whole,
                    look.complete, step_number, head, header.op, look.next_number));
  tables_.touch(worktree, look.began);
  if (step_number != 0) {
    if (StepRow* row = TRY(step(step_number)); row != nullptr && may_change_anything(row->kind) &&
                                               row->worktrees.insert(worktree).second) {
      row->changed = true;
      TRY(touch_runs(*row, row->first));
    }
  }

  if (look.has_base) TRY(add_base(header, look, worktree));

  if (!look.left_tree.empty()) TRY(add_left_tree(look));

  if (!look.transitions.empty()) {
    Statement* add = TRY(database.cached(
        "INSERT OR REPLACE INTO transitions(worktree, q, seen, session, event, path, before, after,"
        " before_mode, after_mode, ctime, kind, step, git_id, flags, began)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    std::vector<std::string> paths;
    for (const SeenTransition& seen : look.transitions) {
      int of_step = 0;
      if (!seen.call.empty()) {
        ToolCall key;
        key.id = seen.call;
        StepRow* row = TRY(find_step(key));
        if (row != nullptr) of_step = row->number;
      }
      int flags = (seen.unsettled ? kUnsettled : 0) | (seen.withheld ? kWithheld : 0);
      if (seen.before == seen.after && seen.before_mode == seen.after_mode) flags |= kNoChange;
      int64_t path = TRY(tables_.path_key(seen.path));
      TRY(add->run(worktree, seen.q, header.time, row_.key, header.number, path, seen.before,
                   seen.after, seen.before_mode, seen.after_mode, seen.ctime_ns,
                   static_cast<int>(seen.kind), of_step, seen.git_id, flags, look.began));
      if (seen.kind == Seen::disk && paths.size() < kMaxPathsDoc) paths.push_back(seen.path);
    }
    // What a shell command changed can be found by its path.
    if (step_number != 0 && !paths.empty()) {
      StepRow* row = TRY(step(step_number));
      if (row != nullptr && may_change_anything(row->kind) && row->after_event == header.number) {
        TRY(tables_.add_doc({header.time, row_.key, row->turn, step_number, model::Hit::Kind::path,
                             0, join_lines(paths)}));
      }
    }
  }

  if (!look.skipped.empty()) {
    Statement* add = TRY(database.cached(
        "INSERT INTO skipped(worktree, path, reason, time) VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET reason = excluded.reason, time = excluded.time WHERE excluded.time >= time"));
    for (const auto& [path, reason] : look.skipped) {
      int64_t key = TRY(tables_.path_key(path));
      TRY(add->run(worktree, key, reason, header.time));
    }
  }
  return {};
}

}  // namespace baton::index
