#include "index/session_ingest.h"

namespace baton::index {

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

}  // namespace baton::index
