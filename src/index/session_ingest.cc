#include "index/session_ingest.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "index/acts.h"
#include "index/shell_words.h"
#include "index/test_runs.h"
#include "index/text_list.h"
#include "os/file.h"

namespace baton::index {
namespace {

using agents::FileEdit;
using agents::FileFact;
using agents::Moment;
using agents::Outcome;
using agents::OutcomeKind;
using agents::ToolCall;
using agents::ToolClass;
using model::StepKind;
using model::StepOutcome;

constexpr std::string_view kListSeparator("\0", 1);
// Where a fork copied older history into its file, that history is another session's.
constexpr Micros kInherited = 10 * kSecond;

StepKind kind_of(ToolClass tool_class) {
  switch (tool_class) {
    case ToolClass::other:
      return StepKind::other;
    case ToolClass::read:
      return StepKind::read;
    case ToolClass::edit:
      return StepKind::edit;
    case ToolClass::shell:
      return StepKind::shell;
    case ToolClass::search:
      return StepKind::search;
    case ToolClass::plan:
      return StepKind::plan;
    case ToolClass::subagent:
      return StepKind::subagent;
    case ToolClass::web:
      return StepKind::web;
    case ToolClass::mcp:
      return StepKind::mcp;
  }
  return StepKind::other;
}

// Nothing for "no outcome here".
std::optional<StepOutcome> outcome_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::none:
      return std::nullopt;
    case OutcomeKind::ok:
      return StepOutcome::ok;
    case OutcomeKind::failed:
      return StepOutcome::failed;
    case OutcomeKind::refused:
      return StepOutcome::refused;
    case OutcomeKind::interrupted:
      return StepOutcome::interrupted;
    case OutcomeKind::background:
      return StepOutcome::background;
    case OutcomeKind::unknown:
      return StepOutcome::unknown;
  }
  return std::nullopt;
}

bool may_change_anything(StepKind kind) {
  return kind == StepKind::shell || kind == StepKind::mcp;
}

// Stands for the id of a call that has none: what it is called with.
int64_t input_hash(const ToolCall& call) {
  std::string text = call.name;
  auto add = [&](std::string_view part) {
    text += '\0';
    text += part;
  };
  add(call.command);
  add(call.workdir);
  add(call.description);
  add(call.subagent_prompt);
  for (const std::string& path : call.reads) add(path);
  for (const FileEdit& edit : call.edits) {
    add(edit.path);
    add(edit.move_to);
    for (const auto& part : edit.edits) {
      add(part.old_text);
      add(part.new_text);
    }
  }
  for (const auto& item : call.plan) {
    add(item.text);
    add(item.status);
  }
  return static_cast<int64_t>(checksum64(text) >> 1) | 1;
}

std::string file_key(std::string_view kind, const std::string& id) {
  return std::string(kind) + ":" + id;
}

std::string join_lines(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) {
    if (!text.empty()) text += '\n';
    text += item;
  }
  return text;
}

}  // namespace

// --- Loading ---

Result<bool> SessionIngest::load(const std::string& directory) {
  row_.directory = directory;
  if (tables_.fresh()) return false;
  Statement* find = TRY(tables_.database().cached(
      "SELECT key, agent, id, hash, journal_read, last_line, last_number, last_chain, file_read, "
      "file_line,"
      " file_generation, file_seq, file_turn, events, damaged, damage, parent, subagent_type, "
      "began,"
      " last, last_event, model, title, cwd, worktree, branch, pid, started, ended, end_reason, "
      "turn,"
      " turns, steps, compactions, file_compactions, resumed FROM sessions WHERE directory = ?"));
  find->bind(directory);
  if (!TRY(find->step())) return false;
  int c = 0;
  row_.key = find->integer(c++);
  row_.agent = find->str(c++);
  row_.id = find->str(c++);
  row_.hash = find->str(c++);
  row_.journal_read = static_cast<uint64_t>(find->integer(c++));
  row_.last_line = static_cast<uint64_t>(find->integer(c++));
  row_.last_number = find->integer(c++);
  row_.last_chain = find->str(c++);
  row_.file_read = static_cast<uint64_t>(find->integer(c++));
  row_.file_line = find->integer(c++);
  row_.file_generation = find->integer(c++);
  row_.file_seq = find->integer(c++);
  row_.file_turn = find->small(c++);
  row_.events = find->integer(c++);
  row_.damaged = find->integer(c++);
  row_.damage = find->str(c++);
  row_.parent = find->str(c++);
  row_.subagent_type = find->str(c++);
  row_.began = find->integer(c++);
  row_.last = find->integer(c++);
  row_.last_event = find->str(c++);
  row_.model = find->str(c++);
  row_.title = find->str(c++);
  row_.cwd = find->str(c++);
  row_.worktree = find->integer(c++);
  row_.branch = find->str(c++);
  row_.pid = find->integer(c++);
  row_.started = find->integer(c++);
  row_.ended = find->integer(c++);
  row_.end_reason = find->str(c++);
  row_.turn = find->small(c++);
  row_.turns = find->small(c++);
  row_.steps = find->small(c++);
  row_.compactions = find->small(c++);
  row_.file_compactions = find->small(c++);
  row_.resumed = find->small(c++);
  find->reset();
  new_session_ = false;

  Statement* open =
      TRY(tables_.database().cached("SELECT number FROM steps WHERE session = ? AND ended = 0"));
  open->bind(row_.key);
  while (TRY(open->step())) open_.insert(open->small(0));
  Statement* waiting =
      TRY(tables_.database().cached("SELECT DISTINCT call FROM file_calls WHERE session = ?"));
  waiting->bind(row_.key);
  while (TRY(waiting->step())) pending_calls_.insert(waiting->str(0));
  return true;
}

Status SessionIngest::begin(const EventHeader& header) {
  if (row_.key != 0) return {};
  row_.agent = header.agent;
  row_.id = header.session;
  row_.hash = hex(sha256(header.agent, std::string_view("\0", 1), header.session));
  row_.began = header.time;
  row_.cwd = header.cwd;
  Statement* add = TRY(tables_.database().cached(
      "INSERT INTO sessions(agent, id, hash, directory, journal_read, last_line, last_number, "
      "last_chain,"
      " file_read, file_line, file_generation, file_seq, file_turn, events, damaged, turn, turns,"
      " steps, compactions, file_compactions, resumed)"
      " VALUES(?, ?, ?, ?, 0, 0, 0, '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"));
  TRY(add->run(row_.agent, row_.id, row_.hash, row_.directory));
  row_.key = tables_.database().last_row_id();
  return {};
}

Result<TurnRow*> SessionIngest::turn(int number) {
  auto found = turns_.find(number);
  if (found != turns_.end()) return &found->second;
  if (new_session_) return nullptr;
  Statement* find = TRY(tables_.database().cached(
      "SELECT agent_turn, prompt, prompted, synthetic, began, last, ended, ending, branch, head,"
      " worktree, model, last_message, event FROM turns WHERE session = ? AND number = ?"));
  find->bind(row_.key, number);
  if (!TRY(find->step())) return nullptr;
  TurnRow row;
  row.number = number;
  row.agent_turn = find->str(0);
  row.prompt = find->str(1);
  row.prompted = find->small(2);
  row.synthetic = find->integer(3) != 0;
  row.began = find->integer(4);
  row.last = find->integer(5);
  row.ended = find->integer(6);
  row.ending = static_cast<TurnEnding>(find->small(7));
  row.branch = find->str(8);
  row.head = find->integer(9);
  row.worktree = find->integer(10);
  row.model = find->str(11);
  row.last_message = find->str(12);
  if (!find->is_null(13)) row.event = find->integer(13);
  find->reset();
  return &(turns_[number] = std::move(row));
}

TurnRow& SessionIngest::new_turn(Micros time) {
  TurnRow& row = turns_[++row_.turns];
  row.number = row_.turns;
  row.began = row.last = time;
  row.changed = true;
  row_.turn = row.number;
  return row;
}

Result<TurnRow*> SessionIngest::current_turn(Micros time) {
  if (row_.turn != 0) {
    if (TurnRow* found = TRY(turn(row_.turn))) return found;
  }
  return &new_turn(time);
}

// The turn that the agent calls by this id; the one that runs now if it does not say.
Result<TurnRow*> SessionIngest::turn_of(const std::string& agent_turn, Micros time, bool create) {
  if (agent_turn.empty()) {
    if (row_.turn == 0 && !create) return nullptr;
    return current_turn(time);
  }
  auto known = turn_ids_.find(agent_turn);
  if (known != turn_ids_.end()) return turn(known->second);
  if (!new_session_) {
    Statement* find = TRY(tables_.database().cached(
        "SELECT max(number) FROM turns WHERE session = ? AND agent_turn = ?"));
    find->bind(row_.key, agent_turn);
    int number = TRY(find->step()) ? find->small(0) : 0;
    find->reset();
    if (number != 0) {
      turn_ids_[agent_turn] = number;
      return turn(number);
    }
  }
  TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
  if (create && current != nullptr && current->agent_turn.empty()) {
    // The agent gives its turns ids, but did not with the prompt.
    current->agent_turn = agent_turn;
    current->changed = true;
    turn_ids_[agent_turn] = current->number;
    return current;
  }
  if (!create) return current;
  TurnRow& made = new_turn(time);
  made.agent_turn = agent_turn;
  turn_ids_[agent_turn] = made.number;
  return &made;
}

Result<int> SessionIngest::turn_at(Micros time) {
  int best = row_.turns > 0 ? 1 : 0;
  if (!new_session_) {
    Statement* find = TRY(tables_.database().cached(
        "SELECT number FROM turns WHERE session = ? AND began <= ? ORDER BY number DESC LIMIT 1"));
    find->bind(row_.key, time);
    if (TRY(find->step())) best = find->small(0);
    find->reset();
  }
  for (auto it = turns_.rbegin(); it != turns_.rend() && it->first > best; ++it) {
    if (it->second.began <= time) best = it->first;
  }
  return best;
}

void SessionIngest::active(TurnRow& turn, Micros time) {
  if (time > turn.last) {
    turn.last = time;
    turn.changed = true;
  }
  if (turn.ending == TurnEnding::cut) {
    turn.ending = TurnEnding::none;
    turn.ended = 0;
    turn.changed = true;
  }
  if (row_.ended != 0 && time > row_.ended) {
    row_.ended = 0;
    row_.end_reason.clear();
  }
}

// --- Steps ---

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
    if (step.kind == StepKind::shell && parse_shell(step.command).leaves_running) {
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
  auto found = classify_command(step.command, output, step.exit_status, context_.test_commands);
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

// --- Paths ---

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
    for (const ShellRead& read : files_read(parse_shell(step.command))) {
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

// --- Plans ---

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

// --- Events ---

uint64_t SessionIngest::file_mark(const EventHeader& header) {
  return header.files.empty() ? 0 : static_cast<uint64_t>(header.files.front().second);
}

void SessionIngest::damaged(const std::string& what) {
  ++row_.damaged;
  if (row_.damage.empty()) row_.damage = what;
}

Status SessionIngest::event(Event& event, const LinePlace& place) {
  const EventHeader& header = event.header;
  TRY(begin(header));
  event_step_ = 0;
  if (!event.damage.empty()) damaged(event.damage);
  TRY(note_header(header, event.heard, place));
  if (event.translated && !header.duplicate) TRY(hear(header, event.heard));
  if (!event.note_payload.empty()) TRY(hear_note(header, event.note_payload));
  return observe(header);
}

Status SessionIngest::note_header(const EventHeader& header, const Heard& heard,
                                  const LinePlace& place) {
  Database& database = tables_.database();
  Tables::EventName* name = TRY(tables_.event_name(header.agent, header.event));
  ++name->count;
  name->last = std::max(name->last, header.time);
  name->known = heard.moment != Moment::unknown || header.agent == "baton";
  name->changed = true;
  Statement* add = TRY(
      database.cached("INSERT OR REPLACE INTO events(session, number, offset, length, time, name)"
                      " VALUES(?, ?, ?, ?, ?, ?)"));
  TRY(add->run(row_.key, header.number, place.offset, place.length, header.time, name->key));

  ++row_.events;
  row_.began = row_.began == 0 ? header.time : std::min(row_.began, header.time);
  previous_event_ = row_.last != 0 ? row_.last : header.time;
  row_.last = std::max(row_.last, header.time);
  row_.last_event = header.event;
  if (!header.parent.empty()) row_.parent = header.parent;
  if (row_.parent.empty()) row_.parent = heard.parent;
  if (!heard.subagent_type.empty()) row_.subagent_type = heard.subagent_type;
  if (!heard.model.empty()) row_.model = heard.model;
  if (!header.branch.empty()) row_.branch = header.branch;
  if (row_.cwd.empty()) row_.cwd = header.cwd;
  if (header.pid != 0) {
    row_.pid = header.pid;
    row_.started = header.started;
  }
  if (!header.worktree.empty()) {
    WorktreeRow* worktree = TRY(tables_.worktree(header.worktree));
    if (row_.worktree == 0) row_.worktree = worktree->key;
    if (header.time >= worktree->time) {
      worktree->time = header.time;
      if (!header.root.empty()) worktree->root = header.root;
      worktree->branch = header.branch;
      worktree->head = TRY(tables_.commit_key(header.head));
      worktree->changed = true;
    }
  }

  int gap = 0;
  Statement* add_gap = nullptr;
  auto note_gap = [&](std::string_view what, std::string_view why, int64_t worktree) -> Status {
    if (add_gap == nullptr) {
      add_gap = TRY(database.cached(
          "INSERT OR REPLACE INTO gaps(session, event, idx, time, what, why, worktree)"
          " VALUES(?, ?, ?, ?, ?, ?, ?)"));
    }
    return add_gap->run(row_.key, header.number, gap++, header.time, what, why, worktree);
  };
  int64_t here = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  for (const auto& [what, why] : header.gaps) TRY(note_gap(what, why, here));
  if (header.repaired > 0) {
    TRY(note_gap("journal", std::to_string(header.repaired) + " bytes of a torn line were cut off",
                 here));
  }
  for (const Look& look : header.looks) {
    if (look.complete) continue;
    std::string why = "the budget ended before the look did";
    if (look.known > 0) {
      why += " (" + std::to_string(look.seen) + " of " + std::to_string(look.known) + " seen)";
    }
    WorktreeRow* worktree = TRY(tables_.worktree(look.worktree));
    TRY(note_gap("pass", why, worktree->key));
  }
  return {};
}

Status SessionIngest::hear(const EventHeader& header, const Heard& heard) {
  switch (heard.moment) {
    case Moment::session_start:
      return hear_session_start(header, heard);
    case Moment::session_end:
      return hear_session_end(header, heard.source);
    case Moment::prompt:
      return hear_prompt(header, heard);
    case Moment::tool_before:
      for (const ToolCall& call : heard.calls) {
        if (!call.carrier) TRY(hear_before(header, heard, call));
      }
      return {};
    case Moment::tool_after:
      for (const ToolCall& call : heard.calls) {
        if (!call.carrier) TRY(hear_after(header, heard, call));
      }
      return {};
    case Moment::tool_batch:
      return hear_batch(header, heard);
    case Moment::turn_end:
      return hear_turn_end(header, heard, TurnEnding::completed);
    case Moment::turn_failed:
      return hear_turn_end(header, heard, TurnEnding::failed);
    case Moment::interrupt:
      return hear_turn_end(header, heard, TurnEnding::interrupted);
    case Moment::subagent_start:
      if (!heard.text.empty()) return hear_prompt(header, heard);
      return {};
    case Moment::subagent_end:
      TRY(hear_turn_end(header, heard, TurnEnding::completed));
      return hear_session_end(header, heard.source.empty() ? "done" : heard.source);
    case Moment::compact_after:
      ++row_.compactions;
      if (!heard.text.empty()) {
        FileFact summary;
        summary.time = header.time;
        summary.text = heard.text;
        summary.turn = heard.turn;
        return file_message(summary, model::MessageKind::summary);
      }
      return {};
    case Moment::permission:
      return hear_permission(header, heard);
    case Moment::plan_item: {
      // Told while the call that makes the item runs.
      int step_number = 0;
      for (int number : open_) {
        StepRow* row = TRY(step(number));
        if (row != nullptr && row->kind == StepKind::plan) step_number = number;
      }
      for (const ToolCall& call : heard.calls) {
        for (const auto& item : call.plan) {
          TRY(plan_item(step_number, header.time, 0, item, ""));
        }
      }
      return {};
    }
    case Moment::compact_before:
    case Moment::notice:
    case Moment::unknown:
      return {};
  }
  return {};
}

Status SessionIngest::hear_session_start(const EventHeader& header, const Heard& heard) {
  if (heard.source == "resume") {
    ++row_.resumed;
    // Whatever ran when the agent was stopped runs no more.
    TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
    TRY(close_open(header.time, EndSource::session_start, 0));
    if (current != nullptr && current->ending == TurnEnding::none) {
      current->ending = TurnEnding::cut;
      current->ended = current->last;
      current->changed = true;
    }
  }
  if (row_.ended != 0 && header.time > row_.ended) {
    row_.ended = 0;
    row_.end_reason.clear();
  }
  return {};
}

Status SessionIngest::hear_session_end(const EventHeader& header, const std::string& reason) {
  TRY(file_calls(header.time));
  row_.ended = header.time;
  row_.end_reason = reason;
  TRY(close_open(header.time, EndSource::session_end, 0));
  TRY(end_background("", 0, header.time));
  TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
  if (current != nullptr && current->ending == TurnEnding::none) {
    current->ending = TurnEnding::interrupted;
    current->ended = header.time;
    current->changed = true;
  }
  return {};
}

Status SessionIngest::hear_prompt(const EventHeader& header, const Heard& heard) {
  TurnRow* current = row_.turn != 0 ? TRY(turn(row_.turn)) : nullptr;
  TurnRow* target = nullptr;
  if (!heard.turn.empty()) {
    TurnRow* same = nullptr;
    auto known = turn_ids_.find(heard.turn);
    if (known != turn_ids_.end()) {
      same = TRY(turn(known->second));
    } else if (!new_session_) {
      Statement* find = TRY(tables_.database().cached(
          "SELECT max(number) FROM turns WHERE session = ? AND agent_turn = ?"));
      find->bind(row_.key, heard.turn);
      int number = TRY(find->step()) ? find->small(0) : 0;
      find->reset();
      if (number != 0) same = TRY(turn(number));
    }
    if (same != nullptr) {
      if (same->prompted == 1 && same->prompt == heard.text) return {};  // heard twice
      if (same->prompted != 1) target = same;  // its first tool was heard before it
    }
  }
  if (target == nullptr && heard.synthetic_prompt && current != nullptr && heard.turn.empty() &&
      current->ending == TurnEnding::none) {
    return {};  // a notice in the middle of a turn
  }
  if (target == nullptr) {
    TRY(file_calls(header.time));
    if (current != nullptr) {
      // Whatever was not closed is over now, but for what goes on in the background.
      TRY(close_open(header.time, EndSource::prompt, 0));
      if (current->ending == TurnEnding::none) {
        current->ending = heard.synthetic_prompt ? TurnEnding::completed : TurnEnding::cut;
        current->ended = current->last;
        current->changed = true;
      }
    }
    target = &new_turn(header.time);
  }
  target->prompt = heard.text;
  target->prompted = 1;
  target->synthetic = heard.synthetic_prompt;
  target->began = std::min(target->began, header.time);
  target->last = std::max(target->last, header.time);
  target->agent_turn = heard.turn;
  target->branch = header.branch;
  target->head = TRY(tables_.commit_key(header.head));
  target->worktree = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  if (!heard.model.empty()) target->model = heard.model;
  target->event = header.number;
  target->changed = true;
  if (!heard.turn.empty()) turn_ids_[heard.turn] = target->number;
  if (row_.ended != 0 && header.time > row_.ended) {
    row_.ended = 0;
    row_.end_reason.clear();
  }
  return tables_.add_doc(
      {header.time, row_.key, target->number, 0, model::Hit::Kind::prompt, 0, target->prompt});
}

Status SessionIngest::hear_before(const EventHeader& header, const Heard& heard,
                                  const ToolCall& call) {
  TurnRow* in = TRY(turn_of(heard.turn, header.time, true));
  active(*in, header.time);
  if (!heard.model.empty() && in->model.empty()) in->model = heard.model;
  StepRow* found = TRY(find_step(call));
  if (found != nullptr && found->before_event) {  // heard twice
    event_step_ = found->number;
    return {};
  }
  if (found == nullptr && call.id.empty()) {
    // Its after-event may have come first.
    int64_t input = input_hash(call);
    for (auto it = steps_.rbegin(); it != steps_.rend(); ++it) {
      StepRow& row = it->second;
      if (row.call.empty() && row.input == input && row.after_event && !row.before_event) {
        found = &row;
      }
    }
  }
  if (found == nullptr) found = TRY(new_step(call, in->number, header.time));
  event_step_ = found->number;
  found->before_event = header.number;
  found->began = header.time;
  found->from_file = false;
  describe(*found, call, header.cwd);
  if (!header.worktree.empty() && found->worktree == 0) {
    found->worktree = TRY(tables_.worktree(header.worktree))->key;
  }
  if (found->outside.empty()) found->outside = header.outside;
  TRY(command_doc(*found));
  TRY(take_paths(*found, call, header));
  return touch_runs(*found, found->first);
}

Status SessionIngest::hear_after(const EventHeader& header, const Heard& heard,
                                 const ToolCall& call) {
  StepRow* found = TRY(find_step(call));
  if (found == nullptr && call.id.empty()) found = TRY(open_like(input_hash(call)));
  if (found != nullptr && found->after_event) {  // heard twice
    event_step_ = found->number;
    return {};
  }
  TurnRow* in = found != nullptr ? TRY(turn(found->turn)) : nullptr;
  if (in == nullptr) in = TRY(turn_of(heard.turn, header.time, true));
  active(*in, header.time);
  if (found == nullptr) {
    found = TRY(new_step(call, in->number, header.time));
    found->run_began = previous_event_;  // it cannot have begun before
  }
  event_step_ = found->number;
  found->after_event = header.number;
  found->from_file = false;
  describe(*found, call, header.cwd);
  if (!header.worktree.empty() && found->worktree == 0) {
    found->worktree = TRY(tables_.worktree(header.worktree))->key;
  }
  if (found->outside.empty()) found->outside = header.outside;
  TRY(touch_runs(*found, found->first));
  TRY(take_outcome(*found, call.outcome, OutcomeSource::after, header.time));
  close(*found, header.time, EndSource::after);
  // It had ended before the look behind it began.
  for (const Look& look : header.looks) found->quiet = std::min(found->quiet, look.began);
  TRY(command_doc(*found));
  TRY(take_paths(*found, call, header));
  found->flags |= kStepClosedClaims;
  TRY(take_plan(*found, call, header.time));
  TRY(take_output(*found, call.outcome, header.time));
  TRY(take_test(*found, call.outcome.output.empty() ? call.outcome.error : call.outcome.output));
  return touch_runs(*found, found->first);
}

Status SessionIngest::hear_batch(const EventHeader& header, const Heard& heard) {
  for (const ToolCall& call : heard.calls) {
    if (call.carrier) continue;
    StepRow* found = TRY(find_step(call));
    if (found == nullptr && call.id.empty()) found = TRY(open_like(input_hash(call)));
    if (found == nullptr && call.id.empty()) {
      // Without an id an answered call cannot be told from one that is heard of for the first time:
      // the newest like it that was answered.
      int64_t input = input_hash(call);
      bool answered = std::ranges::any_of(steps_, [&](const auto& each) {
        return each.second.call.empty() && each.second.input == input && each.second.after_event;
      });
      if (answered) continue;
    }
    if (found != nullptr && (found->after_event || found->batch_event)) continue;
    TurnRow* in = found != nullptr ? TRY(turn(found->turn)) : nullptr;
    if (in == nullptr) in = TRY(turn_of(heard.turn, header.time, true));
    active(*in, header.time);
    if (found == nullptr) {
      found = TRY(new_step(call, in->number, header.time));
      found->began = header.time;
    }
    found->batch_event = header.number;
    describe(*found, call, header.cwd);
    if (!header.worktree.empty() && found->worktree == 0) {
      found->worktree = TRY(tables_.worktree(header.worktree))->key;
    }
    Outcome outcome = call.outcome;
    // No after-event was sent for it: it could not begin, was refused, or failed.
    if (outcome.kind == OutcomeKind::none) outcome.kind = OutcomeKind::failed;
    TRY(take_outcome(*found, outcome, OutcomeSource::batch, header.time));
    close(*found, header.time, EndSource::batch);
    TRY(command_doc(*found));
    TRY(take_paths(*found, call, header));
    TRY(take_plan(*found, call, header.time));
    TRY(take_output(*found, outcome, header.time));
    TRY(take_test(*found, outcome.output.empty() ? outcome.error : outcome.output));
    TRY(touch_runs(*found, found->first));
  }
  return {};
}

Status SessionIngest::hear_permission(const EventHeader& header, const Heard& heard) {
  for (const ToolCall& call : heard.calls) {
    if (call.outcome.kind != OutcomeKind::refused) continue;
    StepRow* found = TRY(find_step(call));
    if (found == nullptr) {
      // Some agents do not say which call it was.
      int64_t input = input_hash(call);
      for (int number : open_) {
        StepRow* row = TRY(step(number));
        if (row != nullptr && row->tool == call.name &&
            (row->input == input || (!row->command.empty() && row->command == call.command))) {
          found = row;
        }
      }
    }
    if (found == nullptr || found->after_event) continue;
    TRY(take_outcome(*found, call.outcome, OutcomeSource::after, header.time));
    close(*found, header.time, EndSource::after);
  }
  return {};
}

Status SessionIngest::hear_turn_end(const EventHeader& header, const Heard& heard,
                                    TurnEnding ending) {
  TRY(file_calls(header.time));
  TurnRow* target = TRY(turn_of(heard.turn, header.time, false));
  if (target == nullptr) {
    if (heard.text.empty()) return {};
    target = &new_turn(header.time);
  }
  target->last = std::max(target->last, header.time);
  if (target->ended != 0) {
    // What a background command did since was judged by the earlier end.
    for (const auto& [key, row] : tables_.worktrees()) tables_.touch(key, target->ended);
  }
  // The user's stop is not undone by the end that may follow it.
  if (target->ending != TurnEnding::interrupted || ending == TurnEnding::interrupted) {
    target->ending = ending;
  }
  target->ended = header.time;
  target->changed = true;
  EndSource source = ending == TurnEnding::interrupted ? EndSource::interrupt : EndSource::turn_end;
  TRY(close_open(header.time, source, target->number));
  if (heard.text.empty() || ending == TurnEnding::interrupted) return {};
  if (heard.text == target->last_message) return {};
  target->last_message = heard.text;
  if (message_ids_.contains(file_key("text", std::to_string(target->number) + heard.text)))
    return {};
  Statement* known = TRY(tables_.database().cached(
      "SELECT 1 FROM messages WHERE session = ? AND turn = ? AND text = ? LIMIT 1"));
  if (!new_session_) {
    known->bind(row_.key, target->number, heard.text);
    bool told = TRY(known->step());
    known->reset();
    if (told) return {};
  }
  return tables_.add_doc(
      {header.time, row_.key, target->number, 0, model::Hit::Kind::message, -1, heard.text});
}

// What baton itself did: notes, checkpoints, rewinds.
Status SessionIngest::hear_note(const EventHeader& header, const std::string& payload) {
  auto document = json::Document::parse(payload);
  if (!document) return {};
  json::Value root = document->root();
  if (header.event == "Note") return hear_written_note(header, root);
  int64_t worktree = header.worktree.empty() ? 0 : TRY(tables_.worktree(header.worktree))->key;
  Statement* add = TRY(tables_.database().cached(
      "INSERT OR REPLACE INTO notes(session, event, time, kind, name, text, worktree)"
      " VALUES(?, ?, ?, ?, ?, ?, ?)"));
  std::string_view text = root["text"].str(root["reason"].str());
  // What undoing, listing and logging need of an act of baton's own is all of it.
  if (is_act(header.event)) text = payload;
  return add->run(row_.key, header.number, header.time, header.event, root["name"].str(), text,
                  worktree);
}

// --- What was seen in the working tree ---

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
  int64_t left = database.last_row_id();
  Statement* add_entry = TRY(database.cached(
      "INSERT OR REPLACE INTO left_entries(path, left, id, mode) VALUES(?, ?, ?, ?)"));
  for (const BaseEntry& entry : look.left_entries) {
    int64_t path = TRY(tables_.path_key(entry.path));
    TRY(add_entry->run(path, left, entry.id, entry.mode));
  }
  return {};
}

Status SessionIngest::observe_look(const EventHeader& header, const Look& look, int step_number) {
  Database& database = tables_.database();
  int64_t worktree = TRY(tables_.worktree(look.worktree))->key;
  Statement* add_look = TRY(database.cached(
      "INSERT OR REPLACE INTO looks(worktree, began, session, event, time, whole, complete, step,"
      " head, op) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  int64_t head = TRY(tables_.commit_key(header.head));
  TRY(add_look->run(worktree, look.began, row_.key, header.number, header.time, look.whole,
                    look.complete, step_number, head, header.op));
  tables_.touch(worktree, look.began);
  if (step_number != 0) {
    if (StepRow* row = TRY(step(step_number)); row != nullptr && may_change_anything(row->kind) &&
                                               row->worktrees.insert(worktree).second) {
      row->changed = true;
      TRY(touch_runs(*row, row->first));
    }
  }

  if (look.has_base) {
    Statement* add_base = TRY(
        database.cached("INSERT INTO bases(worktree, time, session, event, commit_id, tree, seen,"
                        " q) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    TRY(add_base->run(worktree, look.began, row_.key, header.number, look.base_commit,
                      look.base_tree, header.time, look.base_number));
    int64_t base = database.last_row_id();
    Statement* add_entry = TRY(database.cached(
        "INSERT OR REPLACE INTO base_entries(path, base, id, mode) VALUES(?, ?, ?, ?)"));
    for (const BaseEntry& entry : look.base_entries) {
      int64_t path = TRY(tables_.path_key(entry.path));
      TRY(add_entry->run(path, base, entry.id, entry.mode));
    }
  }

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

// --- The agent's own file ---

Status SessionIngest::file_line(std::string_view line) {
  const agents::Agent* agent = context_.find_agent(row_.agent);
  if (agent == nullptr) return {};
  std::string expanded;
  if (contains(line, "{\"$obj\":\"")) {
    expanded = expand_objects(line, context_, agent->file_member());
    line = expanded;
  }
  auto document = json::Document::parse(line);
  if (!document) return {};
  json::Value root = document->root();
  row_.file_generation = std::max(row_.file_generation, root["g"].integer());
  for (const FileFact& fact : agent->read_line(root["l"])) TRY(file_fact(fact, line));
  return {};
}

Status SessionIngest::file_fact(const FileFact& fact, std::string_view line) {
  if (!fact.session.empty() && fact.session != row_.id && fact.kind != FileFact::Kind::subagent) {
    return {};
  }
  // What was said before this session began was copied from another one.
  if (fact.time != 0 && row_.began != 0 && fact.time < row_.began - kInherited &&
      fact.kind != FileFact::Kind::title) {
    return {};
  }
  if (!fact.turn.empty()) {
    if (auto known = turn_ids_.find(fact.turn); known != turn_ids_.end()) {
      row_.file_turn = known->second;
    } else if (!new_session_) {
      TurnRow* found = TRY(turn_of(fact.turn, fact.time, false));
      if (found != nullptr && found->agent_turn == fact.turn) row_.file_turn = found->number;
    }
  }
  switch (fact.kind) {
    case FileFact::Kind::prompt: {
      TurnRow* target = nullptr;
      if (!fact.turn.empty()) {
        TurnRow* found = row_.file_turn != 0 ? TRY(turn(row_.file_turn)) : nullptr;
        if (found != nullptr && found->agent_turn == fact.turn) target = found;
      }
      if (target == nullptr && fact.time != 0) {
        row_.file_turn = TRY(turn_at(fact.time + kSecond));
        return {};
      }
      if (target == nullptr || target->prompted != 0 || fact.text.empty()) return {};
      // The hook was not heard, but what followed it.
      target->prompt = fact.text;
      target->prompted = 2;
      target->changed = true;
      return tables_.add_doc(
          {target->began, row_.key, target->number, 0, model::Hit::Kind::prompt, 0, fact.text});
    }
    case FileFact::Kind::message:
      return file_message(fact, model::MessageKind::message);
    case FileFact::Kind::thinking:
      return file_message(fact, model::MessageKind::thinking);
    case FileFact::Kind::compaction:
      if (fact.text.empty()) {
        ++row_.file_compactions;
        return {};
      }
      return file_message(fact, model::MessageKind::summary);
    case FileFact::Kind::model: {
      row_.model = fact.text;
      TurnRow* target = row_.file_turn != 0 ? TRY(turn(row_.file_turn)) : nullptr;
      if (target != nullptr && target->model != fact.text) {
        target->model = fact.text;
        target->changed = true;
      }
      return {};
    }
    case FileFact::Kind::tokens: {
      std::string response =
          fact.tokens.response.empty() ? "#" + std::to_string(fact.time) : fact.tokens.response;
      Statement* add = TRY(tables_.database().cached(
          "INSERT OR REPLACE INTO tokens(session, response, turn, input, cached, output, reasoning)"
          " VALUES(?, ?, ?, ?, ?, ?, ?)"));
      return add->run(row_.key, response, row_.file_turn, fact.tokens.input,
                      fact.tokens.cached_input, fact.tokens.output, fact.tokens.reasoning);
    }
    case FileFact::Kind::title:
      row_.title = fact.text;
      return {};
    case FileFact::Kind::interrupted: {
      TurnRow* target = row_.file_turn != 0 ? TRY(turn(row_.file_turn)) : nullptr;
      if (target == nullptr) return {};
      TRY(close_open(fact.time, EndSource::interrupt, target->number));
      target->ending = TurnEnding::interrupted;
      target->ended = fact.time != 0 ? fact.time : target->last;
      target->changed = true;
      return {};
    }
    case FileFact::Kind::subagent: {
      StepRow* found = TRY(find_step(fact.call));
      if (found != nullptr && found->subagent.empty()) {
        found->subagent = fact.call.subagent_id;
        found->changed = true;
      }
      if (found != nullptr && found->subagent_prompt.empty()) {
        found->subagent_prompt = fact.call.subagent_prompt;
        found->changed = true;
      }
      return {};
    }
    case FileFact::Kind::read_guess: {
      StepRow* found = TRY(find_step(fact.call));
      if (found == nullptr) return {};
      for (const std::string& path : fact.call.reads) {
        TRY(add_read(*found, relative_path(*found, path), model::Basis::inferred, true));
      }
      return {};
    }
    case FileFact::Kind::plan: {
      StepRow* found = TRY(find_step(fact.call));
      if (found == nullptr) return {};
      return take_plan(*found, fact.call, found->ended != 0 ? found->ended : fact.time);
    }
    case FileFact::Kind::tool_call:
    case FileFact::Kind::tool_result:
      return file_outcome(fact, line);
    case FileFact::Kind::none:
      return {};
  }
  return {};
}

Status SessionIngest::file_message(const FileFact& fact, model::MessageKind kind) {
  if (fact.text.empty()) return {};
  Database& database = tables_.database();
  if (!fact.id.empty()) {
    if (!message_ids_.insert(file_key("id", fact.id)).second) return {};
    if (!new_session_) {
      Statement* known =
          TRY(database.cached("SELECT 1 FROM messages WHERE session = ? AND id = ? LIMIT 1"));
      known->bind(row_.key, fact.id);
      bool told = TRY(known->step());
      known->reset();
      if (told) return {};
    }
  }
  int turn_number = row_.file_turn;
  if (fact.turn.empty() || turn_number == 0) turn_number = TRY(turn_at(fact.time));
  if (kind == model::MessageKind::summary) {
    std::string key = file_key("summary", fact.text);
    if (!message_ids_.insert(key).second) return {};
    if (!new_session_) {
      Statement* known = TRY(database.cached(
          "SELECT 1 FROM messages WHERE session = ? AND kind = 2 AND text = ? LIMIT 1"));
      known->bind(row_.key, fact.text);
      bool told = TRY(known->step());
      known->reset();
      if (told) return {};
    }
  }
  int64_t seq = row_.file_seq++;
  Statement* add = TRY(database.cached(
      "INSERT OR REPLACE INTO messages(session, seq, kind, time, turn, text, next_call, id)"
      " VALUES(?, ?, ?, ?, ?, ?, NULL, ?)"));
  std::optional<std::string_view> id;
  if (!fact.id.empty()) id = fact.id;
  TRY(add->run(row_.key, seq, static_cast<int>(kind), fact.time, turn_number, fact.text, id));
  if (kind != model::MessageKind::message) return {};
  message_ids_.insert(file_key("text", std::to_string(turn_number) + fact.text));
  TurnRow* in = turn_number != 0 ? TRY(turn(turn_number)) : nullptr;
  if (in != nullptr && in->last_message == fact.text) return {};  // the turn's end has told it
  return tables_.add_doc(
      {fact.time, row_.key, turn_number, 0, model::Hit::Kind::message, seq, fact.text});
}

Status SessionIngest::file_outcome(const FileFact& fact, std::string_view line) {
  const ToolCall& call = fact.call;
  Database& database = tables_.database();
  bool is_call = fact.kind == FileFact::Kind::tool_call;
  if (is_call && !call.id.empty() && !call.carrier) {
    // The words before it are about it.
    Statement* next = TRY(database.cached(
        "UPDATE messages SET next_call = ? WHERE session = ? AND next_call IS NULL AND seq > ?"));
    TRY(next->run(call.id, row_.key, row_.file_seq - 50));
  }
  if (call.carrier || carriers_.contains(call.id)) {
    if (is_call) {
      carriers_[call.id] = fact.time;
      return {};
    }
    // Nothing else tells what became of the calls that it carried and that nothing closed.
    Micros from = carriers_[call.id];
    auto kind = outcome_of(call.outcome.kind);
    if (!kind || (*kind != StepOutcome::failed && *kind != StepOutcome::refused)) return {};
    for (int number : std::vector<int>(open_.begin(), open_.end())) {
      StepRow* row = TRY(step(number));
      if (row == nullptr || row->first < from - kSecond || row->first > fact.time) continue;
      TRY(take_outcome(*row, call.outcome, OutcomeSource::file, fact.time));
      TRY(take_output(*row, call.outcome, fact.time));
      close(*row, fact.time, EndSource::file);
    }
    return {};
  }
  StepRow* found = TRY(find_step(call));
  if (found == nullptr) {
    if (call.id.empty() || pending_calls_.size() >= kMaxFileCalls) return {};
    if (!is_call && !pending_calls_.contains(call.id)) return {};
    // Its hook may still come: it becomes a step when the turn is over.
    Statement* add =
        TRY(database.cached("INSERT INTO file_calls(session, seq, call, line) VALUES(?, ?, ?, ?)"));
    TRY(add->run(row_.key, row_.file_seq++, call.id, line));
    pending_calls_.insert(call.id);
    return {};
  }
  if (fact.turn.empty() && found->turn != 0) row_.file_turn = found->turn;
  if (is_call) {
    if (found->description.empty() && !call.description.empty()) {
      found->description = call.description;
      found->changed = true;
    }
    return {};
  }
  bool was_open = found->ended == 0;
  TRY(take_outcome(*found, call.outcome, OutcomeSource::file, fact.time));
  if (was_open && call.outcome.kind != OutcomeKind::none) {
    close(*found, fact.time, EndSource::file);
  } else if (found->end_source != EndSource::after && found->end_source != EndSource::batch &&
             found->end_source != EndSource::none && fact.time != 0 && fact.time < found->ended) {
    // It was closed for want of a word; this is one.
    TRY(touch_runs(*found, found->first));
    found->ended = found->quiet = fact.time;
    found->end_source = EndSource::file;
  }
  TRY(take_output(*found, call.outcome, fact.time));
  std::string output = call.outcome.output.empty() ? call.outcome.error : call.outcome.output;
  TRY(take_test(*found, output));
  return touch_runs(*found, found->first);
}

// Calls that only the agent's file tells of become steps now that their turn is over.
Status SessionIngest::file_calls(Micros time) {
  if (pending_calls_.empty()) return {};
  (void)time;
  Database& database = tables_.database();
  std::vector<std::pair<std::string, std::string>> waiting;
  Statement* find =
      TRY(database.cached("SELECT call, line FROM file_calls WHERE session = ? ORDER BY seq"));
  find->bind(row_.key);
  while (TRY(find->step())) waiting.emplace_back(find->str(0), find->str(1));
  Statement* clear = TRY(database.cached("DELETE FROM file_calls WHERE session = ?"));
  TRY(clear->run(row_.key));
  pending_calls_.clear();
  const agents::Agent* agent = context_.find_agent(row_.agent);
  if (agent == nullptr) return {};
  for (const auto& [id, line] : waiting) {
    auto document = json::Document::parse(line);
    if (!document) continue;
    for (const FileFact& fact : agent->read_line(document->root()["l"])) {
      if (fact.call.id != id) continue;
      StepRow* found = TRY(find_step(fact.call));
      if (fact.kind == FileFact::Kind::tool_call && found == nullptr) {
        int in = fact.turn.empty() ? 0 : row_.file_turn;
        if (!fact.turn.empty()) {
          TurnRow* named = TRY(turn_of(fact.turn, fact.time, false));
          in = named != nullptr ? named->number : 0;
        }
        if (in == 0) in = TRY(turn_at(fact.time));
        if (in == 0) in = TRY(current_turn(fact.time))->number;
        found = TRY(new_step(fact.call, in, fact.time));
        found->from_file = true;
        found->began = fact.time;
        TurnRow* of = TRY(turn(in));
        found->worktree = of != nullptr && of->worktree != 0 ? of->worktree : row_.worktree;
        describe(*found, fact.call, row_.cwd);
        EventHeader header;
        header.cwd = row_.cwd;
        auto worktree = tables_.worktrees().find(found->worktree);
        if (worktree != tables_.worktrees().end()) {
          header.worktree = worktree->second.id;
          header.root = worktree->second.root;
        }
        TRY(command_doc(*found));
        TRY(take_paths(*found, fact.call, header));
        if (may_change_anything(found->kind) && found->worktree != 0) {
          found->worktrees.insert(found->worktree);
        }
        TRY(touch_runs(*found, found->first));
      } else if (fact.kind == FileFact::Kind::tool_result && found != nullptr) {
        TRY(file_outcome(fact, line));
      } else if (found != nullptr) {
        TRY(file_fact(fact, line));
      }
    }
  }
  return {};
}

void SessionIngest::shed() {
  std::erase_if(steps_, [&](const auto& each) {
    return !each.second.changed && each.second.ended != 0 && each.first + 1000 < row_.steps &&
           !(each.second.background && each.second.background_ended == 0);
  });
}

// --- Writing ---

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
      ShellLine line = parse_shell(step.command);
      if (line.leaves_directory) flags |= kRunLeaves;
      if (only_git_content(line)) flags |= kRunOnlyGit;
      if (some_git_content(line)) flags |= kRunSomeGit;
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
  bool did_not_run = step.outcome == StepOutcome::refused;
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
