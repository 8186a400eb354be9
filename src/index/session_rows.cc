#include "index/session_ingest.h"

#include <algorithm>

#include "base/bytes.h"
#include "index/call_facts.h"
#include "index/text_list.h"
#include "shell/words.h"

namespace baton::index {
namespace {

using model::StepKind;
using model::StepOutcome;

}  // namespace

Micros SessionIngest::reach(const StepRow& step) const {
  Micros limit = step.first + kMaxReach;
  if (step.background) return step.background_ended != 0 ? step.background_ended : limit;
  return step.ended != 0 ? step.ended : limit;
}

// What is decided by the step's time or kind, wherever it was looked at.
Status SessionIngest::touch_runs(const StepRow& step, Micros since) {
  if (!may_change_anything(step.kind) && step.kind != StepKind::edit) return {};
  for (int64_t worktree : step.worktrees) tables_.touch(worktree, since);
  if (step.worktree != 0) tables_.touch(step.worktree, since);
  if (step.run_flags >= 0 && (step.run_flags & kRunLeaves)) {
    for (const auto& [key, row] : tables_.worktrees()) tables_.touch(key, since);
  }
  return {};
}

Status SessionIngest::flush_run(StepRow& step) {
  if (!may_change_anything(step.kind) && step.kind != StepKind::edit) return {};
  // A call that is heard of in a batch alone never began.
  if (!step.before_event && !step.after_event && !step.from_file) return {};
  if (step.before_event || step.run_began == 0)
    step.run_began = step.began != 0 ? step.began : step.first;
  if (step.run_flags < 0) {
    int flags = 0;
    if (step.kind == StepKind::shell) {
      shell::ShellLine line = shell::parse_shell(step.command);
      if (line.leaves_directory) flags |= kRunLeaves;
      if (shell::only_git_content(line)) flags |= kRunOnlyGit;
      if (shell::some_git_content(line)) flags |= kRunSomeGit;
      if (contains(step.command, "git") || contains(step.command, "commit")) flags |= kRunCommits;
    }
    step.run_flags = flags;
    if (flags & kRunLeaves) TRY(touch_runs(step, step.first));
  }
  if (step.worktree != 0) step.worktrees.insert(step.worktree);
  Statement* add =
      TRY(tables_.database().cached("INSERT OR REPLACE INTO runs(session, step, worktree, kind, "
                                    "began, ended, end_source, duration,"
                                    " reach, flags) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  Micros ended = step.ended == 0   ? 0
                 : step.quiet != 0 ? std::min(step.quiet, step.ended)
                                   : step.ended;
  bool did_not_run = step.outcome == StepOutcome::refused ||
                     (step.outcome == StepOutcome::failed && (step.flags & kStepUnbegun));
  if (did_not_run) {
    Statement* drop =
        TRY(tables_.database().cached("DELETE FROM runs WHERE session = ? AND step = ?"));
    return drop->run(row_.key, step.number);
  }
  bool unheard = !step.before_event && step.after_event;
  for (int64_t worktree : step.worktrees) {
    TRY(add->run(
        row_.key, step.number, worktree, static_cast<int>(step.kind), step.run_began, ended,
        static_cast<int>(step.end_source), step.duration_ms, reach(step),
        step.run_flags | (step.background ? kRunBackground : 0) | (unheard ? kRunUnheard : 0)));
  }
  return {};
}

Status SessionIngest::flush_steps() {
  Statement* add = TRY(tables_.database().cached(
      "INSERT OR REPLACE INTO steps(session, number, turn, call, input, tool, kind, outcome,"
      " outcome_source, exit_status, exit_source, first, began, ended, end_source, duration, "
      "command,"
      " description, cwd, worktree, background, background_id, background_ended, error, subagent,"
      " subagent_prompt, before_event, after_event, batch_event, from_file, flags, outside)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  auto maybe = [](const std::string& text) -> std::optional<std::string_view> {
    if (text.empty()) return std::nullopt;
    return std::string_view(text);
  };
  for (auto& [number, row] : steps_) {
    if (!row.changed) continue;
    TRY(flush_run(row));
    TRY(add->run(
        row_.key, number, row.turn, maybe(row.call), row.input, row.tool,
        static_cast<int>(row.kind), static_cast<int>(row.outcome),
        static_cast<int>(row.outcome_source), row.exit_status, static_cast<int>(row.exit_source),
        row.first, row.began, row.ended, static_cast<int>(row.end_source), row.duration_ms,
        maybe(row.command), maybe(row.description), maybe(row.cwd), row.worktree, row.background,
        maybe(row.background_id), row.background_ended, maybe(row.error), maybe(row.subagent),
        maybe(row.subagent_prompt), row.before_event, row.after_event, row.batch_event,
        row.from_file, row.flags,
        row.outside.empty() ? std::nullopt : std::optional<std::string>(join_list(row.outside))));
    row.changed = false;
  }
  return {};
}

Status SessionIngest::flush() {
  if (row_.key == 0) return {};
  Database& database = tables_.database();
  auto maybe = [](const std::string& text) -> std::optional<std::string_view> {
    if (text.empty()) return std::nullopt;
    return std::string_view(text);
  };
  TRY(flush_steps());
  Statement* add_turn = TRY(
      database.cached("INSERT OR REPLACE INTO turns(session, number, agent_turn, prompt, prompted, "
                      "synthetic, began,"
                      " last, ended, ending, branch, head, worktree, model, last_message, event)"
                      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  for (auto& [number, row] : turns_) {
    if (!row.changed) continue;
    TRY(add_turn->run(row_.key, number, maybe(row.agent_turn), row.prompt, row.prompted,
                      row.synthetic, row.began, row.last, row.ended, static_cast<int>(row.ending),
                      maybe(row.branch), row.head, row.worktree, maybe(row.model),
                      maybe(row.last_message), row.event));
    row.changed = false;
  }
  Statement* update = TRY(database.cached(
      "UPDATE sessions SET journal_read=?, last_line=?, last_number=?, last_chain=?, file_read=?, "
      "file_line=?,"
      " file_generation=?, file_seq=?, file_turn=?, events=?, damaged=?, damage=?, parent=?,"
      " subagent_type=?, began=?, last=?, last_event=?, model=?, title=?, cwd=?, worktree=?, "
      "branch=?,"
      " pid=?, started=?, ended=?, end_reason=?, turn=?, turns=?, steps=?, compactions=?,"
      " file_compactions=?, resumed=? WHERE key=?"));
  return update->run(row_.journal_read, row_.last_line, row_.last_number, row_.last_chain,
                     row_.file_read, row_.file_line, row_.file_generation, row_.file_seq,
                     row_.file_turn, row_.events, row_.damaged, maybe(row_.damage),
                     maybe(row_.parent), maybe(row_.subagent_type), row_.began, row_.last,
                     row_.last_event, maybe(row_.model), maybe(row_.title), maybe(row_.cwd),
                     row_.worktree, maybe(row_.branch), row_.pid, row_.started, row_.ended,
                     maybe(row_.end_reason), row_.turn, row_.turns, row_.steps, row_.compactions,
                     row_.file_compactions, row_.resumed, row_.key);
}

}  // namespace baton::index
