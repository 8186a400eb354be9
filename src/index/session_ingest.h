#pragma once

// What one session did, out of its journal and the copy of its agent's own file, line by line:
// turns, steps, what tools said and saw, plans, messages. It pairs what belongs together (before,
// after, batch, session file) by call id, counts repeats once, and does not mind order. It decides
// no owners (owners.h).
//
//   SessionIngest session(tables, context);
//   session.load("claude-code/1234");   // what earlier goes made of it; a new one has nothing
//   session.event(event, place);        // each journal line, in order
//   session.file_line(line, place);     // each line of the agent's file
//   session.flush();
//
// In parts: session_hooks.cc (what hooks said), session_file.cc (what the agent's own file says),
// session_turns.cc, session_steps.cc (pairing), session_calls.cc (what a call is about and
// brought), session_looks.cc (what was seen of the files), session_notes.cc, session_rows.cc
// (writing).

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "agents/agent.h"
#include "index/events.h"
#include "index/rows.h"
#include "index/tables.h"
#include "model/session.h"

namespace baton::index {

constexpr size_t kMaxErrorKept = 2000;    // bytes of an error that are kept in the index
constexpr size_t kMaxFileCalls = 10'000;  // calls of a session file that wait for their hook
constexpr size_t kMaxPathsDoc = 200;      // paths of one event that can be found
constexpr int64_t kUnreadNumber = INT64_MIN;

struct SessionRow {
  int64_t key = 0;
  std::string agent, id, hash, directory;
  uint64_t journal_read = 0, last_line = 0;
  int64_t last_number = -1;  // kUnreadNumber: the line after it could not be read
  std::string last_chain;
  uint64_t file_read = 0;
  int64_t file_line = 0, file_generation = 0, file_seq = 0;
  int file_turn = 0;
  int64_t events = 0, damaged = 0;
  std::string damage;
  std::string parent, subagent_type;
  Micros began = 0, last = 0;
  std::string last_event, model, title, cwd, branch;
  int64_t worktree = 0;
  int64_t pid = 0, started = 0;
  Micros ended = 0;
  std::string end_reason;
  int turn = 0, turns = 0, steps = 0;
  int compactions = 0, file_compactions = 0, resumed = 0;
};

struct TurnRow {
  int number = 0;
  std::string agent_turn, prompt;
  int prompted = 0;
  bool synthetic = false;
  Micros began = 0, last = 0, ended = 0;
  TurnEnding ending = TurnEnding::none;
  std::string branch;
  int64_t head = 0, worktree = 0;
  std::string model, last_message;
  std::optional<int64_t> event;
  bool changed = false;
};

struct StepRow {
  int number = 0;
  int turn = 0;
  std::string call;
  int64_t input = 0;
  std::string tool;
  model::StepKind kind = model::StepKind::other;
  model::StepOutcome outcome = model::StepOutcome::unknown;
  OutcomeSource outcome_source = OutcomeSource::none;
  std::optional<int> exit_status;
  OutcomeSource exit_source = OutcomeSource::none;
  Micros first = 0, began = 0, ended = 0;
  EndSource end_source = EndSource::none;
  std::optional<int64_t> duration_ms;
  std::string command, description, cwd;
  int64_t worktree = 0;
  bool background = false;
  std::string background_id;
  Micros background_ended = 0;
  std::string error, subagent, subagent_prompt;
  std::optional<int64_t> before_event, after_event, batch_event;
  bool from_file = false;
  int flags = 0;
  std::vector<std::string> outside;
  // Not in its row:
  Micros quiet = 0;             // when the look behind it began: it had ended by then
  Micros run_began = 0;         // not before
  std::set<int64_t> worktrees;  // where it was looked at
  int run_flags = -1;           // -1: not known yet
  bool changed = false;
};

struct LinePlace {
  uint64_t offset = 0, length = 0;
};

class SessionIngest {
 public:
  // `context` must live as long as this.
  SessionIngest(Tables& tables, const EventContext& context) : tables_(tables), context_(context) {}

  SessionRow& row() { return row_; }
  // `directory` is that of the journal, below the store's sessions. False: never read before.
  Result<bool> load(const std::string& directory);

  // A line that cannot be read.
  void damaged(const std::string& what);
  // REQUIRES: before file_line() of a session that was never read.
  Status begin(const EventHeader& header);
  Status event(Event& event, const LinePlace& place);
  // A line of the agent's file, as it stands in the copy (docs/format/transcripts.md).
  Status file_line(std::string_view line);
  // How many bytes of the agent's file belong before the event that comes now, 0: it does not say.
  static uint64_t file_mark(const EventHeader& header);

  Status flush();
  // Forgets what was flushed; called now and then in long journals.
  void shed();
  size_t held() const { return steps_.size(); }

 private:
  using Heard = agents::Heard;
  using ToolCall = agents::ToolCall;
  using FileFact = agents::FileFact;

  Status note_header(const EventHeader& header, const Heard& heard, const LinePlace& place);
  Status hear(const EventHeader& header, const Heard& heard);
  Status hear_prompt(const EventHeader& header, const Heard& heard);
  Status hear_before(const EventHeader& header, const Heard& heard, const ToolCall& call);
  Status hear_after(const EventHeader& header, const Heard& heard, const ToolCall& call);
  Status hear_batch(const EventHeader& header, const Heard& heard);
  Status hear_permission(const EventHeader& header, const Heard& heard);
  Status hear_turn_end(const EventHeader& header, const Heard& heard, TurnEnding ending);
  Status hear_session_start(const EventHeader& header, const Heard& heard);
  Status hear_session_end(const EventHeader& header, const std::string& reason);
  Status hear_note(const EventHeader& header, const std::string& payload);
  Status hear_written_note(const EventHeader& header, const json::Value& payload);
  Status take_note_commands(const StepRow& step);
  Status observe(const EventHeader& header);
  Status observe_look(const EventHeader& header, const Look& look, int step);
  Status add_left_tree(const Look& look);
  Status add_base(const EventHeader& header, const Look& look, int64_t worktree);
  Status add_entries(const char* insert, int64_t tree, const std::vector<BaseEntry>& entries);

  Result<TurnRow*> turn(int number);
  Result<TurnRow*> current_turn(Micros time);
  Result<TurnRow*> turn_of(const std::string& agent_turn, Micros time, bool create);
  Result<int> turn_at(Micros time);
  TurnRow& new_turn(Micros time);
  void active(TurnRow& turn, Micros time);

  Result<StepRow*> step(int number);
  Result<StepRow*> find_step(const ToolCall& call);
  Result<StepRow*> new_step(const ToolCall& call, int turn, Micros time);
  Result<StepRow*> open_like(int64_t input);
  void describe(StepRow& step, const ToolCall& call, const std::string& cwd);
  Status take_paths(StepRow& step, const ToolCall& call, const EventHeader& header);
  Status take_plan(StepRow& step, const ToolCall& call, Micros time);
  Status take_outcome(StepRow& step, const agents::Outcome& outcome, OutcomeSource source,
                      Micros time);
  Status take_output(StepRow& step, const agents::Outcome& outcome, Micros time);
  Status take_test(StepRow& step, const std::string& output);
  Status command_doc(StepRow& step);
  Status add_read(const StepRow& step, std::string_view path, model::Basis basis, bool last);
  Status add_claims(StepRow& step, const ToolCall& call, const EventHeader& header);
  void close(StepRow& step, Micros time, EndSource source);
  Status close_open(Micros time, EndSource source, int turn);
  Status end_background(const std::string& id, int except, Micros time);
  Status plan_item(int step, Micros time, int whole, const agents::PlanItem& item,
                   const std::string& prose);

  // What a message of the agent's file is known by.
  static std::string file_key(std::string_view kind, const std::string& id) {
    return std::string(kind) + ":" + id;
  }
  // --- What it was given to work under: session_given.cc ---
  Status add_given(std::string_view agent, std::string_view session, const agents::Given& given,
                   Micros time);
  Status hear_injection(const EventHeader& header, const json::Value& payload);

  Status file_fact(const FileFact& fact, std::string_view line);
  Status file_message(const FileFact& fact, model::MessageKind kind);
  Status file_outcome(const FileFact& fact, std::string_view line);
  Status file_calls(Micros time);

  std::string relative_path(const EventHeader& header, const std::string& cwd,
                            std::string_view path, std::string_view call) const;
  std::string relative_path(const StepRow& step, std::string_view path) const;
  Status flush_steps();
  Status flush_run(StepRow& step);
  Status touch_runs(const StepRow& step, Micros since);
  Micros reach(const StepRow& step) const;

  Tables& tables_;
  const EventContext& context_;
  SessionRow row_;
  bool new_session_ = true;  // nothing of it is in the tables
  std::map<int, TurnRow> turns_;
  std::unordered_map<std::string, int> turn_ids_;
  std::map<int, StepRow> steps_;
  std::unordered_map<std::string, int> calls_;
  std::set<int> open_;
  std::unordered_set<std::string> message_ids_;
  std::unordered_set<std::string> pending_calls_;  // calls that wait in file_calls
  std::map<std::string, Micros> carriers_;         // calls of the file that only carry others
  int64_t plan_seq_ = -1;
  Micros previous_event_ = 0;
  int event_step_ = 0;  // the call that the present event is about
};

}  // namespace baton::index
