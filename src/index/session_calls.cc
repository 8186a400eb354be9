#include "index/session_ingest.h"

#include "index/text_list.h"
#include "os/file.h"
#include "shell/test_runs.h"
#include "shell/words.h"

namespace baton::index {
namespace {

using agents::FileEdit;
using agents::Outcome;
using agents::ToolCall;
using model::StepKind;
using model::StepOutcome;

}  // namespace

Status SessionIngest::command_doc(StepRow& step) {
  if (step.command.empty() || (step.flags & kStepCommandDoc)) return {};
  step.flags |= kStepCommandDoc;
  TRY(take_note_commands(step));
  return tables_.add_doc(
      {step.first, row_.key, step.turn, step.number, model::Hit::Kind::command, 0, step.command});
}

Status SessionIngest::take_output(StepRow& step, const Outcome& outcome, Micros time) {
  if (step.flags & kStepOutputDoc) return {};
  bool shown = step.kind == StepKind::shell || step.kind == StepKind::mcp ||
               step.kind == StepKind::subagent || step.kind == StepKind::other;
  std::string text = shown ? outcome.output : std::string();
  if (!outcome.error.empty() && outcome.error != outcome.output) {
    if (!text.empty()) text += '\n';
    text += outcome.error;
  }
  if (text.empty()) return {};
  step.flags |= kStepOutputDoc;
  return tables_.add_doc(
      {time, row_.key, step.turn, step.number, model::Hit::Kind::output, 0, std::move(text)});
}

Status SessionIngest::take_test(StepRow& step, const std::string& output) {
  if (step.kind != StepKind::shell || step.command.empty()) return {};
  if (step.outcome == StepOutcome::refused || step.outcome == StepOutcome::background) return {};
  Database& database = tables_.database();
  if (step.flags & kStepTest) {
    // The exit status came later than the output.
    if (!step.exit_status) return {};
    Statement* late = TRY(database.cached(
        "UPDATE tests SET verdict = ?, ground = 'exit status' WHERE session = ? AND step = ?"
        " AND verdict = 0 AND (CASE WHEN ? = 0 THEN by_zero ELSE by_failure END) = 1"));
    int status = *step.exit_status;
    auto verdict = status == 0 ? model::TestVerdict::passed : model::TestVerdict::failed;
    return late->run(static_cast<int>(verdict), row_.key, step.number, status);
  }
  auto found =
      shell::classify_command(step.command, output, step.exit_status, context_.test_commands);
  if (!found) return {};
  step.flags |= kStepTest;
  const model::TestRun& run = found->run;
  Statement* add = TRY(database.cached(
      "INSERT OR REPLACE INTO tests(session, step, time, kind, runner, by_name, partial, verdict,"
      " ground, passed, failed, skipped, failing, skipping, by_zero, by_failure)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"));
  return add->run(row_.key, step.number, step.first, static_cast<int>(run.kind), run.runner,
                  run.by_name, run.partial, static_cast<int>(run.verdict), run.ground, run.passed,
                  run.failed, run.skipped, join_list(run.failing), join_list(run.skipping),
                  found->status.zero, found->status.failure);
}

// From the worktree's root if it lies in one, else absolute.
std::string SessionIngest::relative_path(const EventHeader& header, const std::string& cwd,
                                         std::string_view path, std::string_view call) const {
  std::string absolute = os::normalize(cwd.empty() ? header.cwd : cwd, path);
  std::string root = header.root;
  if (root.empty()) {
    for (const auto& [key, row] : tables_.worktrees()) {
      if (row.id == header.worktree) root = row.root;
    }
  }
  if (!root.empty() && absolute.starts_with(root) && absolute.size() > root.size() &&
      absolute[root.size()] == '/') {
    return absolute.substr(root.size() + 1);
  }
  // The agent may know the folder by another name (a link): what was seen at the path tells.
  for (const Look& look : header.looks) {
    for (const SeenTransition& seen : look.transitions) {
      if (!call.empty() && seen.call == call && absolute.ends_with("/" + seen.path)) {
        return seen.path;
      }
    }
  }
  return absolute;
}

std::string SessionIngest::relative_path(const StepRow& step, std::string_view path) const {
  std::string absolute = os::normalize(step.cwd, path);
  auto found = tables_.worktrees().find(step.worktree);
  if (found == tables_.worktrees().end()) return absolute;
  const std::string& root = found->second.root;
  if (!root.empty() && absolute.starts_with(root) && absolute.size() > root.size() &&
      absolute[root.size()] == '/') {
    return absolute.substr(root.size() + 1);
  }
  return absolute;
}

Status SessionIngest::add_read(const StepRow& step, std::string_view path, model::Basis basis,
                               bool last) {
  int64_t key = TRY(tables_.path_key(path));
  Statement* add = TRY(tables_.database().cached(
      "INSERT INTO reads(session, step, path, basis, last) VALUES(?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET basis = min(basis, excluded.basis)"));
  return add->run(row_.key, step.number, key, static_cast<int>(basis), last);
}

Status SessionIngest::add_claims(StepRow& step, const ToolCall& call, const EventHeader& header) {
  Statement* add = TRY(tables_.database().cached(
      "INSERT OR REPLACE INTO claims(session, step, idx, path, worktree, kind, move_to, result)"
      " VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  int index = 0;
  for (const FileEdit& edit : call.edits) {
    if (edit.path.empty()) continue;
    std::string path = relative_path(header, step.cwd, edit.path, call.id);
    std::optional<int64_t> move_to;
    if (!edit.move_to.empty()) {
      move_to = TRY(tables_.path_key(relative_path(header, step.cwd, edit.move_to, call.id)));
    }
    ObjectId result;
    for (const Look& look : header.looks) {
      for (const SeenTransition& seen : look.transitions) {
        if (seen.kind == Seen::tool && seen.call == call.id && seen.path == path)
          result = seen.after;
      }
    }
    int64_t path_key = TRY(tables_.path_key(path));
    TRY(add->run(row_.key, step.number, index++, path_key, step.worktree,
                 static_cast<int>(edit.kind), move_to, result));
    if (step.worktree != 0) step.worktrees.insert(step.worktree);
  }
  return {};
}

Status SessionIngest::take_paths(StepRow& step, const ToolCall& call, const EventHeader& header) {
  bool new_claims = !call.edits.empty() && (!(step.flags & kStepClaims) ||
                                            (step.ended != 0 && !(step.flags & kStepClosedClaims)));
  if (new_claims) {
    step.flags |= kStepClaims;
    TRY(add_claims(step, call, header));
  }
  std::vector<std::string> paths;
  if (!call.reads.empty() && !(step.flags & kStepReads) && step.kind != StepKind::shell) {
    step.flags |= kStepReads;
    for (const std::string& read : call.reads) {
      paths.push_back(relative_path(header, step.cwd, read, call.id));
      TRY(add_read(step, paths.back(), model::Basis::exact, true));
    }
  }
  if (step.kind == StepKind::shell && !step.command.empty() && !(step.flags & kStepReads)) {
    step.flags |= kStepReads;
    for (const shell::ShellRead& read : shell::files_read(shell::parse_shell(step.command))) {
      TRY(add_read(step, relative_path(header, step.cwd, read.path, call.id),
                   model::Basis::inferred, read.last));
    }
  }
  if (!(step.flags & kStepPathDoc)) {
    for (const FileEdit& edit : call.edits) {
      paths.push_back(relative_path(header, step.cwd, edit.path, call.id));
      if (!edit.move_to.empty()) {
        paths.push_back(relative_path(header, step.cwd, edit.move_to, call.id));
      }
    }
    if (!paths.empty()) {
      step.flags |= kStepPathDoc;
      TRY(tables_.add_doc({step.first, row_.key, step.turn, step.number, model::Hit::Kind::path, 0,
                           join_lines(paths)}));
    }
  }
  return {};
}

Status SessionIngest::plan_item(int step, Micros time, int whole, const agents::PlanItem& item,
                                const std::string& prose) {
  Database& database = tables_.database();
  if (plan_seq_ < 0) {
    Statement* find =
        TRY(database.cached("SELECT coalesce(max(seq), -1) + 1 FROM plan_items WHERE session = ?"));
    find->bind(row_.key);
    plan_seq_ = TRY(find->step()) ? find->integer(0) : 0;
    find->reset();
  }
  Statement* add = TRY(database.cached(
      "INSERT INTO plan_items(session, seq, step, time, whole, id, text, status, prose)"
      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  return add->run(row_.key, plan_seq_++, step, time, whole, item.id, item.text, item.status, prose);
}

Status SessionIngest::take_plan(StepRow& step, const ToolCall& call, Micros time) {
  if (call.plan.empty() && call.plan_text.empty()) return {};
  if (step.flags & kStepPlan) return {};
  if (step.outcome == StepOutcome::failed || step.outcome == StepOutcome::refused) return {};
  step.flags |= kStepPlan;
  // The items of one call that replaces the plan have its step's number in common.
  int whole = call.plan_is_whole ? step.number : 0;
  if (call.plan.empty()) return plan_item(step.number, time, whole, {}, call.plan_text);
  for (const auto& item : call.plan) {
    // A new item has no id before the tool has answered.
    if (!call.plan_is_whole && item.id.empty()) continue;
    TRY(plan_item(step.number, time, whole, item, call.plan_text));
  }
  return {};
}

}  // namespace baton::index
