#include "index/session_ingest.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/json.h"
#include "index/call_facts.h"

namespace baton::index {
namespace {

using agents::FileFact;
using agents::OutcomeKind;
using agents::ToolCall;
using model::StepOutcome;

// Where a fork copied older history into its file, that history is another session's.
constexpr Micros kInherited = 10 * kSecond;

}  // namespace

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
    case FileFact::Kind::given:
      return add_given(row_.agent, row_.id, fact.given, fact.time);
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

}  // namespace baton::index
