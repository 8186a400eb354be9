#include "index/session_ingest.h"

#include "base/bytes.h"
#include "index/call_facts.h"
#include "os/file.h"
#include "shell/words.h"

namespace baton::index {
namespace {

using agents::Outcome;
using agents::OutcomeKind;
using agents::ToolCall;
using model::StepKind;
using model::StepOutcome;

}  // namespace

Result<StepRow*> SessionIngest::step(int number) {
  auto found = steps_.find(number);
  if (found != steps_.end()) return &found->second;
  if (number < 1 || number > row_.steps) return nullptr;
  Statement* find = TRY(tables_.database().cached(
      "SELECT turn, call, input, tool, kind, outcome, outcome_source, exit_status, exit_source, "
      "first,"
      " began, ended, end_source, duration, command, description, cwd, worktree, background,"
      " background_id, background_ended, error, subagent, subagent_prompt, before_event, "
      "after_event,"
      " batch_event, from_file, flags, outside FROM steps WHERE session = ? AND number = ?"));
  find->bind(row_.key, number);
  if (!TRY(find->step())) return nullptr;
  StepRow row;
  row.number = number;
  int c = 0;
  row.turn = find->small(c++);
  row.call = find->str(c++);
  row.input = find->integer(c++);
  row.tool = find->str(c++);
  row.kind = static_cast<StepKind>(find->small(c++));
  row.outcome = static_cast<StepOutcome>(find->small(c++));
  row.outcome_source = static_cast<OutcomeSource>(find->small(c++));
  row.exit_status = find->optional_int(c++);
  row.exit_source = static_cast<OutcomeSource>(find->small(c++));
  row.first = find->integer(c++);
  row.began = find->integer(c++);
  row.ended = find->integer(c++);
  row.end_source = static_cast<EndSource>(find->small(c++));
  if (!find->is_null(c)) row.duration_ms = find->integer(c);
  ++c;
  row.command = find->str(c++);
  row.description = find->str(c++);
  row.cwd = find->str(c++);
  row.worktree = find->integer(c++);
  row.background = find->integer(c++) != 0;
  row.background_id = find->str(c++);
  row.background_ended = find->integer(c++);
  row.error = find->str(c++);
  row.subagent = find->str(c++);
  row.subagent_prompt = find->str(c++);
  auto event = [&]() -> std::optional<int64_t> {
    int at = c++;
    if (find->is_null(at)) return std::nullopt;
    return find->integer(at);
  };
  row.before_event = event();
  row.after_event = event();
  row.batch_event = event();
  row.from_file = find->integer(c++) != 0;
  row.flags = find->small(c++);
  if (!find->is_null(c)) {
    for (std::string_view path : split(find->text(c), '\0')) row.outside.emplace_back(path);
  }
  find->reset();
  if (may_change_anything(row.kind) || row.kind == StepKind::edit) {
    Statement* runs = TRY(tables_.database().cached(
        "SELECT worktree, flags, ended, began FROM runs WHERE session = ? AND step = ?"));
    runs->bind(row_.key, number);
    while (TRY(runs->step())) {
      row.worktrees.insert(runs->integer(0));
      row.run_flags = runs->small(1) & ~(kRunBackground | kRunUnheard);
      row.run_began = runs->integer(3);
      if (row.ended != 0) row.quiet = runs->integer(2);
    }
  }
  if (!row.call.empty()) calls_[row.call] = number;
  return &(steps_[number] = std::move(row));
}

Result<StepRow*> SessionIngest::open_like(int64_t input) {
  // The oldest that waits for its other half.
  for (int number : open_) {
    StepRow* row = TRY(step(number));
    if (row != nullptr && row->call.empty() && row->input == input) return row;
  }
  return nullptr;
}

Result<StepRow*> SessionIngest::find_step(const ToolCall& call) {
  if (call.id.empty()) return nullptr;
  auto known = calls_.find(call.id);
  if (known != calls_.end()) return step(known->second);
  if (new_session_) return nullptr;
  Statement* find =
      TRY(tables_.database().cached("SELECT number FROM steps WHERE session = ? AND call = ?"));
  find->bind(row_.key, call.id);
  int number = TRY(find->step()) ? find->small(0) : 0;
  find->reset();
  if (number == 0) return nullptr;
  calls_[call.id] = number;
  return step(number);
}

Result<StepRow*> SessionIngest::new_step(const ToolCall& call, int turn, Micros time) {
  StepRow& row = steps_[++row_.steps];
  row.number = row_.steps;
  row.turn = turn;
  row.call = call.id;
  row.first = time;
  row.changed = true;
  if (call.id.empty()) {
    row.input = input_hash(call);
  } else {
    calls_[call.id] = row.number;
  }
  open_.insert(row.number);
  if (!call.id.empty() && pending_calls_.erase(call.id) > 0) {
    Statement* drop =
        TRY(tables_.database().cached("DELETE FROM file_calls WHERE session = ? AND call = ?"));
    TRY(drop->run(row_.key, call.id));
  }
  return &row;
}

// What the call says of itself; later words fill in what earlier ones left out.
void SessionIngest::describe(StepRow& step, const ToolCall& call, const std::string& cwd) {
  step.changed = true;
  if (step.tool.empty()) step.tool = call.name;
  if (step.kind == StepKind::other) step.kind = kind_of(call.tool_class);
  if (step.command.empty() && !call.command.empty()) {
    step.command = call.command;
    step.run_flags = -1;
    if (step.kind == StepKind::shell && shell::parse_shell(step.command).leaves_running) {
      step.background = true;
    }
  }
  if (step.description.empty()) step.description = call.description;
  if (step.cwd.empty()) {
    step.cwd = call.workdir.empty() ? cwd : os::normalize(cwd, call.workdir);
  }
  if (call.background) step.background = true;
  if (step.subagent.empty()) step.subagent = call.subagent_id;
  if (step.subagent_prompt.empty()) step.subagent_prompt = call.subagent_prompt;
}

void SessionIngest::close(StepRow& step, Micros time, EndSource source) {
  step.ended = step.quiet = time;
  step.end_source = source;
  step.changed = true;
  open_.erase(step.number);
}

// Calls of the turn (0: of all) that nothing has closed. They ended; nothing tells how.
Status SessionIngest::close_open(Micros time, EndSource source, int turn) {
  for (int number : std::vector<int>(open_.begin(), open_.end())) {
    StepRow* row = TRY(step(number));
    if (row == nullptr) {
      open_.erase(number);
      continue;
    }
    if (turn != 0 && row->turn != turn) continue;
    TRY(touch_runs(*row, row->first));
    close(*row, time, source);
    if (source == EndSource::interrupt && row->outcome_source == OutcomeSource::none) {
      row->outcome = StepOutcome::interrupted;
    }
  }
  return {};
}

Status SessionIngest::take_outcome(StepRow& step, const Outcome& outcome, OutcomeSource source,
                                   Micros time) {
  auto kind = outcome_of(outcome.kind);
  if (kind && *kind != StepOutcome::unknown &&
      (source > step.outcome_source || step.outcome == StepOutcome::unknown)) {
    step.outcome = *kind;
    step.outcome_source = source;
    if (outcome.unbegun) step.flags |= kStepUnbegun;
  }
  if (outcome.exit_status && source > step.exit_source) {
    step.exit_status = outcome.exit_status;
    step.exit_source = source;
  }
  // An agent that shows only the output of a failed command calls it a success.
  if (step.kind == StepKind::shell && step.exit_status.value_or(0) != 0 &&
      (step.outcome == StepOutcome::ok || step.outcome == StepOutcome::unknown)) {
    step.outcome = StepOutcome::failed;
  }
  if (outcome.duration_ms && !step.duration_ms) step.duration_ms = outcome.duration_ms;
  if (!outcome.error.empty() && step.error.empty()) {
    step.error = utf8_prefix(outcome.error, kMaxErrorKept);
  }
  if (!outcome.background_id.empty()) {
    if (outcome.kind == OutcomeKind::background) {
      step.background_id = outcome.background_id;
    } else {
      TRY(end_background(outcome.background_id, step.number, time));
    }
  }
  if (step.outcome == StepOutcome::background) step.background = true;
  step.changed = true;
  TRY(touch_runs(step, step.first));
  return {};
}

// The agent tells that what it started in the background has ended.
Status SessionIngest::end_background(const std::string& id, int except, Micros time) {
  std::vector<int> numbers;
  for (const auto& [number, row] : steps_) {
    if (row.background && row.background_ended == 0) numbers.push_back(number);
  }
  if (!new_session_) {
    Statement* find = TRY(tables_.database().cached(
        "SELECT number FROM steps WHERE session = ? AND background = 1 AND background_ended = 0"));
    find->bind(row_.key);
    while (TRY(find->step())) numbers.push_back(find->small(0));
  }
  for (int number : numbers) {
    if (number == except) continue;
    StepRow* row = TRY(step(number));
    if (row == nullptr || !row->background || row->background_ended != 0) continue;
    if (!id.empty() && row->background_id != id) continue;
    row->background_ended = time;
    row->changed = true;
    TRY(touch_runs(*row, row->first));
  }
  return {};
}

}  // namespace baton::index
